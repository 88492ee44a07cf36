import { wordsOf } from '@sivis/shared/rules/words.ts';
import type { CommandResult } from '../../data/desk/commands.ts';
import { m } from '../../i18n/generated/messages.js';
import { currentLocale } from '../../i18n/locale.svelte.ts';

/** Why a command was not carried out, in plain words; `null` when it was, or when nothing was to be changed. */
export function refusalText(result: CommandResult): string | null {
  if (result.ok || result.reason === 'nothing') return null;
  if (result.reason === 'stale') return m.people_stale();
  return result.violations
    .map(({ violation }) => wordsOf(violation.code, violation.params, currentLocale()))
    .join(' ');
}
