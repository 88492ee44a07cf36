import type { Json } from '@sivis/shared/docs/json.ts';
import type { CommandResult } from '../seam.ts';

/** What was looked at, and for what is wrong: what happened, what is safe, what to do. */
export interface Finding {
  /** Names the fault for programs (`--json`); `''` for what is well. */
  readonly code: string;
  readonly check: string;
  readonly detail: string;
  /** What this finding alone would make the command end with (decision 13). */
  readonly exit: 0 | 1 | 3 | 4 | 75;
}

export const fine = (check: string, detail = ''): Finding => ({ code: '', check, detail, exit: 0 });

/** @param exit 1 as a rule; 3: something was changed that nobody may change; 4: something is missing; 75: try again */
export const wrong = (
  code: string,
  check: string,
  detail: string,
  exit: Exclude<Finding['exit'], 0> = 1,
): Finding => ({ code, check, detail, exit });

export const jsonOf = ({ code, check, detail, exit }: Finding): Json => ({
  check,
  ok: exit === 0,
  detail,
  ...(exit === 0 ? {} : { code, exit }),
});

/** The heaviest finding decides; a fault that only asks to try again gives way to one that does not go away by itself. */
const WEIGHT: readonly Finding['exit'][] = [3, 4, 1, 75];

export function resultOf(findings: readonly Finding[]): CommandResult {
  const exit = WEIGHT.find((code) => findings.some((finding) => finding.exit === code)) ?? 0;
  return { exit, value: { findings: findings.map(jsonOf) } };
}
