import { clean, isVoid, judge, TAMPERS } from './tampers.ts';
import { logWorld, seeded } from './world.ts';

export interface Campaign {
  readonly from: number;
  readonly seeds: number;
  /** Tampered logs by kind, and what found them. */
  readonly tampered: Readonly<
    Record<string, { readonly count: number; readonly foundBy: Record<string, number> }>
  >;
  readonly tamperedTotal: number;
  /** `seed kind` of what nobody noticed. */
  readonly undetected: readonly string[];
  readonly cleanTotal: number;
  /** Seeds of clean logs that somebody found fault with. */
  readonly falseAlarms: readonly string[];
}

const NAMES = Object.keys(TAMPERS);

/** One tampered log and one clean log for each seed; the seed chooses the way. */
export async function runCampaign(
  from: number,
  seeds: number,
  progress: (done: number) => void = () => undefined,
): Promise<Campaign> {
  const tampered: Record<string, { count: number; foundBy: Record<string, number> }> = {};
  const undetected: string[] = [];
  const falseAlarms: string[] = [];
  let total = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const random = seeded(seed);
    const world = await logWorld(seed, random);
    const wrong = await judge(world, clean(world));
    if (wrong.by !== '') falseAlarms.push(`${seed} ${wrong.by}`);
    let at = seed % NAMES.length;
    while (isVoid(NAMES[at] ?? '', world)) at = (at + 1) % NAMES.length;
    const name = NAMES[at] ?? '';
    const tamper = TAMPERS[name];
    if (tamper === undefined) continue;
    const { by } = await judge(world, await tamper(world, random));
    const kind = (tampered[name] ??= { count: 0, foundBy: {} });
    kind.count += 1;
    total += 1;
    if (by === '') undetected.push(`${seed} ${name}`);
    else kind.foundBy[by] = (kind.foundBy[by] ?? 0) + 1;
    progress(seed - from + 1);
  }
  return { from, seeds, tampered, tamperedTotal: total, undetected, cleanTotal: seeds, falseAlarms };
}
