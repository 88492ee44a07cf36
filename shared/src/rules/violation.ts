import type { WordKey } from './words.ts';

/** A broken rule: its number in the domain's list (I5, C3.2 …), words and what fills them. */
export interface Violation {
  readonly rule: string;
  readonly code: WordKey;
  readonly params: Readonly<Record<string, string>>;
  /** May be set aside with a reason by a role with the right to override. */
  readonly overridable: boolean;
}

export function violation(
  rule: string,
  code: WordKey,
  params: Readonly<Record<string, string>> = {},
  overridable = false,
): Violation {
  return { rule, code, params, overridable };
}
