import type { Json } from '@sivis/shared/docs/json.ts';
import type { ConflictRecord } from '../../data/core/records.ts';
import type { ConflictChoice } from '../../data/desk/inbox.ts';
import { m } from '../../i18n/generated/messages.js';
import { fieldLabel, isReadable, valueText } from './fieldWords.ts';
import type { Names } from './names.ts';

/** One value between which somebody chooses. */
export interface ConflictOption {
  readonly id: string;
  /** The key that chooses it; an earlier own value has none. */
  readonly key: string | null;
  readonly title: string;
  readonly value: string;
  readonly choice: ConflictChoice;
  /** When it was set (UTC), `''` when nobody knows. */
  readonly at: string;
  readonly own: boolean;
}

const MAX_EARLIER = 5;

/** A value of a clash in words: one that was taken away says so, a dash would say nothing. */
function conflictValue(record: ConflictRecord, value: Json, names: Names): string {
  return value === null ? m.oversight_value_none() : valueText(record.kind, record.field, value, names);
}

/**
 * What can be chosen for a clash: the own value, the other one, and own values of before that were never settled, the
 * latest first. Of a command only the whole is chosen: it has no earlier values of a single field.
 */
export function conflictOptions(record: ConflictRecord, names: Names): readonly ConflictOption[] {
  const { mine, theirs, earlier = [], op } = record;
  const seen = new Set([JSON.stringify(mine), JSON.stringify(theirs)]);
  const before = [...earlier].reverse().filter((value) => {
    const text = JSON.stringify(value.mine);
    return op === undefined && value.op === undefined && !seen.has(text) && seen.add(text).size > 0;
  });
  return [
    {
      id: 'mine',
      key: '1',
      title: m.oversight_mine(),
      value: conflictValue(record, mine, names),
      choice: { take: 'mine' },
      at: record.mineAt,
      own: true,
    },
    {
      id: 'theirs',
      key: '2',
      title: m.oversight_theirs(),
      value: conflictValue(record, theirs, names),
      choice: { take: 'theirs' },
      at: record.theirsAt,
      own: false,
    },
    ...before.slice(0, MAX_EARLIER).map((value, index) => ({
      id: `earlier-${index}`,
      key: null,
      title: m.oversight_mine_earlier(),
      value: conflictValue(record, value.mine, names),
      choice: { take: 'other', value: value.mine } as const,
      at: value.mineAt,
      own: true,
    })),
  ];
}

/** What else belongs to a command whose field clashed: "izbraukšanas iemesls: pabeigts kurss"; empty for an edit. */
export function restOfCommand(record: ConflictRecord, names: Names): readonly string[] {
  return Object.entries(record.op?.changes ?? {})
    .filter(([field]) => field !== record.field && isReadable(field))
    .map(
      ([field, { after }]) =>
        `${fieldLabel(record.kind, field)}: ${valueText(record.kind, field, after, names)}`,
    );
}
