import type { OpResult, Rejection } from '@sivis/shared/protocol/messages/sync.ts';
import { wordsOf, type WordKey } from '@sivis/shared/rules/words.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';

/** A refusal with its rule and words. */
export function rejection(
  rule: string,
  code: WordKey,
  params: Readonly<Record<string, string>> = {},
): Rejection {
  return { rule, code, params: { ...params }, message: wordsOf(code, params, 'lv') };
}

export const ofViolation = (entry: Violation): Rejection => rejection(entry.rule, entry.code, entry.params);

/** The answer to an operation that was refused. */
export const refused = (opId: string, reason: Rejection): OpResult => ({
  opId,
  outcome: 'rejected',
  rejection: reason,
});
