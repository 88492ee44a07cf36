import type { Draft } from '@sivis/shared/lodging/commands.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import { wordsOf } from '@sivis/shared/rules/words.ts';
import { m } from '../../i18n/generated/messages.js';
import { currentLocale } from '../../i18n/locale.svelte.ts';
import type { Work } from '../../data/work.ts';
import { toastDone, toastUndo } from '../../ui/toasts.ts';

/** What did not work, in words; empty when all is on disk. */
export type Refusals = readonly string[];

export function violationWords(violation: Violation): string {
  return wordsOf(violation.code, violation.params, currentLocale());
}

/** The last act with a toast: only that one may be taken back by its button, or another one would be. */
let lastAct = 0;

async function takeBack(work: Work, act: number): Promise<void> {
  if (act !== lastAct) {
    toastDone(m.lodging_undo_not_last());
    return;
  }
  const undone = await work.commands.undo();
  if (undone?.result.ok === true) toastDone(m.lodging_undone({ label: undone.label }));
  else toastDone(m.lodging_undo_failed());
}

/**
 * Carries a command out: what the rules refuse comes back in words for the place where it was asked, what is done is
 * said with the offer to take it back.
 * @param label the act in the user's words, for undo and the toast
 */
export async function perform(
  work: Work,
  drafts: readonly Draft[],
  label: string,
  options: { readonly undoable?: boolean; readonly quiet?: boolean } = {},
): Promise<Refusals> {
  const result = await work.commands.execute(drafts, {
    label,
    ...(options.undoable === undefined ? {} : { undoable: options.undoable }),
  });
  if (!result.ok) {
    if (result.reason === 'stale') return [m.lodging_stale()];
    if (result.reason === 'nothing') return [];
    return [...new Set(result.violations.map(({ violation }) => violationWords(violation)))];
  }
  lastAct += 1;
  const act = lastAct;
  if (options.quiet === true) return [];
  if (options.undoable === false) toastDone(label);
  else toastUndo(label, { label: m.lodging_undo(), run: () => void takeBack(work, act) });
  return [];
}
