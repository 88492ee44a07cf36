import type { AuditEntryView } from '@sivis/shared/protocol/messages/audit.ts';
import { formatNumber } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';
import type { Locale } from '../../i18n/locale.svelte.ts';
import { filterWord, screenWord } from './auditWords.ts';
import { fieldLabel, isReadable, kindName, valueText } from './fieldWords.ts';
import { withLabels, type Names } from './names.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function countOf(entry: AuditEntryView): number | null {
  for (const name of ['count', 'idsCount']) {
    const value = entry.detail[name];
    if (typeof value === 'number') return value;
  }
  const ids = entry.detail['ids'];
  return Array.isArray(ids) ? ids.length : null;
}

/** The desk's names with what the service says of the ids in the entry. */
export function namesIn(entry: AuditEntryView, names: Names): Names {
  const subject =
    entry.personId === '' || entry.subjectName === '' ? {} : { [entry.personId]: entry.subjectName };
  return withLabels(names, { ...entry.labels, ...subject });
}

/** "Lietotājs: Dace Testa"; the kind alone where the object has no name or the name has a column of its own. */
function objectText(entry: AuditEntryView): string {
  const label = entry.labels[entry.objectId];
  const kind = kindName(entry.kind);
  return label === undefined || label === entry.subjectName ? kind : `${kind}: ${label}`;
}

function changesText(entry: AuditEntryView, names: Names): string {
  return entry.changes
    .filter(({ field }) => isReadable(field))
    .map((change) => {
      const label = fieldLabel(entry.kind, change.field);
      if (change.masked) return `${label}: ${m.oversight_masked()}`;
      const before = valueText(entry.kind, change.field, change.before, names);
      const after = valueText(entry.kind, change.field, change.after, names);
      return entry.action === 'create' ? `${label}: ${after}` : `${label}: ${before} → ${after}`;
    })
    .join('; ');
}

/**
 * The column "Saturs": what was changed, which screen was looked at, what was searched for. Names of people stand in a
 * column of their own; what the reader may not see is said to be hidden, never left out.
 */
export function auditContent(entry: AuditEntryView, deskNames: Names, locale: Locale): string {
  const names = namesIn(entry, deskNames);
  const screen = text(entry.detail['screen']);
  const filter = text(entry.detail['filter']);
  const count = countOf(entry);
  const parts: string[] = [];
  const changes = changesText(entry, names);
  if (changes !== '') parts.push(changes);
  else if (entry.kind !== '' && screen === '') parts.push(objectText(entry));
  if (screen !== '') parts.push(screenWord(screen));
  if (filter !== '') parts.push(entry.action === 'search' ? `„${filter}”` : filterWord(filter));
  if (count !== null) parts.push(m.oversight_records({ count, shown: formatNumber(count, locale) }));
  if (entry.result !== '' && entry.result !== 'ok' && entry.result !== 'accepted')
    parts.push(resultWord(entry.result));
  if (entry.reason !== '') parts.push(`„${entry.reason}”`);
  return parts.join(' · ');
}

const RESULTS: Readonly<Record<string, () => string>> = {
  ok: () => m.oversight_result_ok(),
  accepted: () => m.oversight_result_ok(),
  unconfirmed: () => m.oversight_result_unconfirmed(),
  provisional: () => m.oversight_result_provisional(),
  'clock-skew': () => m.oversight_result_clock(),
  'wrong-password': () => m.oversight_result_wrong_password(),
  'out-of-scope': () => m.oversight_result_out_of_scope(),
  conflict: () => m.oversight_result_conflict(),
  group: () => m.oversight_result_group(),
  rights: () => m.oversight_result_rights(),
  op: () => m.oversight_result_malformed(),
  schema: () => m.oversight_result_schema(),
  states: () => m.oversight_result_states(),
  block: () => m.oversight_result_dates(),
  unchanged: () => m.oversight_result_unchanged(),
  service: () => m.oversight_result_service(),
  throttled: () => m.oversight_result_throttled(),
  'unknown-user': () => m.oversight_result_unknown_user(),
  disabled: () => m.oversight_result_disabled(),
  'device-revoked': () => m.oversight_result_revoked(),
  'refresh-reused': () => m.oversight_result_refresh(),
};

/** How an act ended: a word, or the rule that refused it. */
export function resultWord(result: string): string {
  return Object.hasOwn(RESULTS, result)
    ? (RESULTS[result]?.() ?? result)
    : m.oversight_result_rule({ rule: result });
}

/** How much later the service received an entry than it happened: "+0,2 s", "+3 min", "+2 h". */
export function receivedAfter(entry: Pick<AuditEntryView, 'at' | 'happenedAt'>, locale: Locale): string {
  const ms = Date.parse(entry.at) - Date.parse(entry.happenedAt);
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  const rounded = (value: number): string => formatNumber(Math.round(value * 10) / 10, locale);
  if (size < 60_000) return `${sign}${rounded(size / 1_000)}\u00a0s`;
  if (size < 3_600_000) return `${sign}${rounded(size / 60_000)}\u00a0min`;
  if (size < 86_400_000) return `${sign}${rounded(size / 3_600_000)}\u00a0h`;
  return `${sign}${rounded(size / 86_400_000)}\u00a0d`;
}

/** The leaf hash in groups of four, so that two people can compare it by telephone. */
export function groupedHash(hash: string): string {
  return hash.match(/.{1,4}/g)?.join(' ') ?? '';
}

/** True when something in the entry is hidden that may be opened with a reason. */
export function hasMasked(entry: AuditEntryView): boolean {
  return entry.changes.some((change) => change.masked);
}

/** Who and which desks stand in the shown entries: what can be chosen without a list of all. */
export function metIn(entries: readonly AuditEntryView[]): {
  readonly actors: ReadonlyMap<string, string>;
  readonly devices: ReadonlyMap<string, string>;
  readonly people: ReadonlyMap<string, string>;
} {
  const pairs = (of: (entry: AuditEntryView) => readonly [string, string]): Map<string, string> =>
    new Map(entries.map(of).filter(([id, name]) => id !== '' && name !== ''));
  return {
    actors: pairs((entry) => [entry.actorId, entry.actorName]),
    devices: pairs((entry) => [entry.deviceId, entry.deviceName]),
    people: pairs((entry) => [entry.personId, entry.subjectName]),
  };
}
