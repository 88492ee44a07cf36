import { wordsOf } from '@sivis/shared/rules/words.ts';
import type { RejectionRecord } from '../../data/core/records.ts';
import { currentLocale } from '../../i18n/locale.svelte.ts';
import { fieldLabel } from './fieldWords.ts';

/** Why a change was refused, in words; a field is called as on the screens. */
export function refusalWords({ kind, rejection }: Pick<RejectionRecord, 'kind' | 'rejection'>): string {
  const { field } = rejection.params;
  const params =
    field === undefined ? rejection.params : { ...rejection.params, field: fieldLabel(kind, field) };
  return wordsOf(rejection.code, params, currentLocale());
}

/** The number of a rule of the house ("I15"), by which support finds it; `null` for what has none. */
export function ruleNumber(rule: string): string | null {
  return /^[A-Z]\d/.test(rule) ? rule : null;
}

/** The part of the same action that was refused by itself, for a change that was only drawn along with it. */
export function causeOf(
  record: RejectionRecord,
  others: readonly RejectionRecord[],
): RejectionRecord | undefined {
  const group = record.op.group?.id;
  if (group === undefined || record.rejection.rule !== 'group') return undefined;
  return others.find((other) => other.op.group?.id === group && other.rejection.rule !== 'group');
}
