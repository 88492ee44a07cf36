import { jsonEqual, type Fields, type Json } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { FieldStamp, StoredDoc } from '../store/store.ts';
import { IMPORT_ACTOR_ID } from './draft.ts';

/** Fields that say one thing together: when staff have corrected one of them, the others are theirs too. */
const TOGETHER: Readonly<Partial<Record<Kind, readonly (readonly string[])[]>>> = {
  person: [
    ['familyName', 'givenName', 'formerNames'],
    ['personalCode', 'previousPersonalCodes', 'birthDate', 'flags', 'provisional'],
  ],
  stay: [
    ['arriveDate', 'departDate', 'segments', 'state', 'unconfirmed'],
    ['reservationId', 'personId'],
  ],
};

interface Alias {
  readonly source: string;
  readonly key: string;
}

/** Aliases are only ever added: every source has its own. */
function joinAliases(current: Json | undefined, wanted: Json): Json {
  const all = [...((current ?? []) as unknown as Alias[]), ...(wanted as unknown as Alias[])];
  return [...new Map(all.map((alias) => [`${alias.source}\u0000${alias.key}`, { ...alias }])).values()];
}

export interface MergedFields {
  readonly fields: Fields;
  readonly changed: readonly string[];
}

/**
 * The fields of a stored document after an import that wants others: only what the import itself wrote last, or what
 * nobody ever wrote, is brought up to date. What staff have corrected or removed since stays as it is, with the fields
 * that belong to it. A field without a stamp is as its document was created.
 */
export function mergeImported(current: StoredDoc, wanted: Fields): MergedFields {
  const isOthers = (field: string): boolean => {
    const author = current.stamps[field]?.by ?? (field in current.fields ? current.createdBy : undefined);
    return author !== undefined && author !== IMPORT_ACTOR_ID;
  };
  const kept = new Set(Object.keys({ ...current.fields, ...wanted, ...current.stamps }).filter(isOthers));
  for (const group of TOGETHER[current.kind] ?? []) {
    if (group.some((field) => kept.has(field))) for (const field of group) kept.add(field);
  }
  const fields: Record<string, Json> = { ...current.fields };
  const changed: string[] = [];
  for (const field of new Set([...Object.keys(current.fields), ...Object.keys(wanted)])) {
    const value = wanted[field];
    const after = field === 'aliases' && value !== undefined ? joinAliases(fields[field], value) : value;
    if ((kept.has(field) && field !== 'aliases') || jsonEqual(fields[field], after)) continue;
    if (after === undefined) delete fields[field];
    else fields[field] = after;
    changed.push(field);
  }
  return { fields, changed };
}

/** Stamps of the import for the given fields, on top of those that are there. */
export function stampImported(
  stamps: Readonly<Record<string, FieldStamp>>,
  fields: readonly string[],
  at: string,
): Record<string, FieldStamp> {
  const stamp: FieldStamp = { by: IMPORT_ACTOR_ID, at, device: '' };
  return { ...stamps, ...Object.fromEntries(fields.map((field) => [field, stamp])) };
}
