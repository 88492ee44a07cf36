import type { Draft } from '@sivis/shared/lodging/commands.ts';
import { wordsOf } from '@sivis/shared/rules/words.ts';
import { m } from '../../i18n/generated/messages.js';
import { currentLocale } from '../../i18n/locale.svelte.ts';
import type { Work } from '../../data/work.ts';
import { toastDone, toastUndo } from '../../ui/toasts.ts';

/**
 * Carries a command out. Answers why it was refused, in words for the place where it was asked, or `null`: then it is
 * on disk, said in a toast, and can be taken back from there.
 */
export async function act(work: Work, drafts: readonly Draft[], label: string): Promise<string | null> {
  const result = await work.commands.execute(drafts, { label });
  if (result.ok) {
    toastUndo(label, {
      label: m.work_undo(),
      run: () => {
        // Only this act: when something was done since, its undo is the next one in line.
        void work.commands.undo().then((undone) => {
          if (undone?.result.ok === true) toastDone(m.work_undone({ label: undone.label }));
        });
      },
    });
    return null;
  }
  if (result.reason === 'nothing') return null;
  if (result.reason === 'stale') return m.work_stale();
  return [
    ...new Set(
      result.violations.map(({ violation }) => wordsOf(violation.code, violation.params, currentLocale())),
    ),
  ].join(' ');
}
