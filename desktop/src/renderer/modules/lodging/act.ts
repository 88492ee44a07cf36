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

/** The acts that were begun; each waits for the one before it and is made from what that one wrote. */
let begun: Promise<unknown> = Promise.resolve();

/**
 * Resolves when every act begun before now is on the disk of the desk. Whoever decides by the rules right after a key
 * or a click waits for this first: a tick and Ctrl+Enter may come in the same moment.
 */
export async function settled(): Promise<void> {
  await begun;
}

/**
 * Carries a command out: what the rules refuse comes back in words for the place where it was asked, what is done is
 * said with the offer to take it back.
 * @param drafts a function makes them from the documents as they are after all acts that were begun before
 * @param label the act in the user's words, for undo and the toast
 */
export async function perform(
  work: Work,
  drafts: readonly Draft[] | (() => readonly Draft[]),
  label: string,
  options: { readonly undoable?: boolean; readonly quiet?: boolean } = {},
): Promise<Refusals> {
  const running = begun.then(() =>
    work.commands.execute(typeof drafts === 'function' ? drafts() : drafts, {
      label,
      ...(options.undoable === undefined ? {} : { undoable: options.undoable }),
    }),
  );
  begun = running.catch(() => undefined);
  const result = await running;
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
