import type { Work } from '../../data/work.ts';

/**
 * What was typed into a field and not committed, so that leaving the field or the card loses nothing. It lives in
 * memory with the session's work: when the desk locks, the work is gone and the texts with it, because nothing
 * readable may outlive the lock.
 */
const byWork = new WeakMap<Work, Map<string, string>>();

function draftsOf(work: Work): Map<string, string> {
  const known = byWork.get(work);
  if (known !== undefined) return known;
  const fresh = new Map<string, string>();
  byWork.set(work, fresh);
  return fresh;
}

/** The uncommitted text of a field, or `undefined`. */
export function draftOf(work: Work, docId: string, field: string): string | undefined {
  return draftsOf(work).get(`${docId}/${field}`);
}

/** Keeps an uncommitted text; `null` forgets it. */
export function keepDraft(work: Work, docId: string, field: string, text: string | null): void {
  const key = `${docId}/${field}`;
  if (text === null) draftsOf(work).delete(key);
  else draftsOf(work).set(key, text);
}
