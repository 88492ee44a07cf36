import type { Person } from '@sivis/shared/people/person.ts';
import type { Desk, ReadTx } from '../store/store.ts';
import { EXCHANGE_LIMITS } from './limits.ts';

/** People who are in the store before an import, by what an import knows of them. */
export interface KnownPeople {
  byAlias(source: string, key: string): string | undefined;
  /** The one person who has the code now; nobody when two have it. */
  byCode(code: string): { readonly id: string; readonly birthDate: string | undefined } | undefined;
}

export const NOBODY: KnownPeople = { byAlias: () => undefined, byCode: () => undefined };

/** No desk: an import reads what is there and holds nothing. */
const NO_DESK: Desk = { deviceId: '', userId: '' };
const PEOPLE = { sql: "d.kind = 'person'", params: [] };

/** Reads who is there, page by page; keeps keys and ids only. */
export async function knownPeople(tx: ReadTx): Promise<KnownPeople> {
  if ((await tx.countDocs('person')) === 0) return NOBODY;
  const aliases = new Map<string, string>();
  const codes = new Map<string, { id: string; birthDate: string | undefined } | null>();
  for (let after = 0; ;) {
    const rows = await tx.page('people', after, EXCHANGE_LIMITS.readDocs, NO_DESK, PEOPLE);
    for (const row of rows) {
      after = row.seq;
      if (!row.visible) continue;
      const { id, fields } = row.doc;
      const person = fields as unknown as Person;
      for (const { source, key } of person.aliases ?? []) aliases.set(`${source}\u0000${key}`, id);
      const code = person.personalCode;
      if (code !== undefined) codes.set(code, codes.has(code) ? null : { id, birthDate: person.birthDate });
    }
    if (rows.length < EXCHANGE_LIMITS.readDocs) break;
  }
  return {
    byAlias: (source, key) => aliases.get(`${source}\u0000${key}`),
    byCode: (code) => codes.get(code) ?? undefined,
  };
}
