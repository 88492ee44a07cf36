import type { Target } from '../lib/target.ts';
import { commandTargets } from './commands.ts';
import { deskTargets } from './desk.ts';
import { doorTargets } from './door.ts';
import { fileTargets } from './files.ts';
import { identityTargets } from './identity.ts';
import { logTargets } from './log.ts';
import { requestTargets } from './requests.ts';
import { syncTargets } from './sync.ts';
import { textTargets } from './texts.ts';
import { tokenTargets } from './tokens.ts';

const GROUPS = [
  requestTargets,
  syncTargets,
  tokenTargets,
  identityTargets,
  doorTargets,
  logTargets,
  fileTargets,
  commandTargets,
  deskTargets,
  textTargets,
];

/** Every decoder that something from outside reaches; with names, those. */
export async function allTargets(names?: readonly string[]): Promise<Target[]> {
  const targets: Target[] = [];
  for (const make of GROUPS) targets.push(...(await make()));
  return names === undefined ? targets : targets.filter(({ name }) => names.includes(name));
}
