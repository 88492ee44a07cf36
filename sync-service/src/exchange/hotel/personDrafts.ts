import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { EXCHANGE_LIMITS } from '../limits.ts';
import type { ImportDraft } from '../draft.ts';
import { HOTEL_SOURCE } from './format.ts';
import type { LegacyGuest } from './guests.ts';
import { hotelIds } from './ids.ts';
import type { DuplicateCandidate, LegacyPerson } from './people.ts';

/** The first value among the rows, the best row's before the others'. */
function firstOf(person: LegacyPerson, value: (row: LegacyGuest) => string | null): string | undefined {
  for (const row of [person.best, ...person.rows]) {
    const found = value(row);
    if (found !== null && found !== '') return found;
  }
  return undefined;
}

function formerNames(person: LegacyPerson): { familyName: string; givenName: string }[] {
  const key = (row: LegacyGuest): string => `${row.familyName}\u0000${row.givenName}`;
  const others = new Map(
    person.rows.map((row) => [key(row), { familyName: row.familyName, givenName: row.givenName }]),
  );
  others.delete(key(person.best));
  return [...others.values()].slice(0, EXCHANGE_LIMITS.formerNames);
}

function flagsOf(person: LegacyPerson, isCandidate: boolean): string[] {
  return [
    ...(person.birthDate === null ? ['missingBirthDate'] : []),
    ...(person.rows.some((row) => row.checksumMismatch) ? ['checksumMismatch'] : []),
    ...(isCandidate ? ['possibleDuplicate'] : []),
    ...(person.personalCode === null ? ['noPersonalCode'] : []),
  ];
}

const unlessEmpty = (name: string, value: readonly Json[]): Fields =>
  value.length === 0 ? {} : { [name]: value };
const ifKnown = (name: string, value: Json | undefined): Fields =>
  value === undefined ? {} : { [name]: value };

function personFields(person: LegacyPerson, isCandidate: boolean): Fields {
  return {
    familyName: person.best.familyName,
    givenName: person.best.givenName,
    ...unlessEmpty('formerNames', formerNames(person)),
    ...ifKnown('personalCode', person.personalCode ?? undefined),
    ...ifKnown(
      'documentNumber',
      firstOf(person, (row) => row.document),
    ),
    ...ifKnown('birthDate', person.birthDate ?? undefined),
    ...ifKnown(
      'sex',
      firstOf(person, (row) => row.sex),
    ),
    ...ifKnown(
      'country',
      firstOf(person, (row) => row.country),
    ),
    aliases: person.rows
      .slice(0, EXCHANGE_LIMITS.aliases)
      .map((row) => ({ source: HOTEL_SOURCE, key: row.key })),
    ...unlessEmpty('flags', flagsOf(person, isCandidate)),
    ...(person.codeShared ? { provisional: true } : {}),
  };
}

const CONTACTS = [
  ['phone', (row: LegacyGuest) => row.phone],
  ['email', (row: LegacyGuest) => row.email],
  ['address', (row: LegacyGuest) => row.address],
] as const;

function* contactDrafts(person: LegacyPerson, personId: string, siteId: string): Generator<ImportDraft> {
  for (const [contactKind, valueOf] of CONTACTS) {
    const seen = new Set<string>();
    for (const row of person.rows) {
      const value = valueOf(row);
      if (value === '' || seen.has(value)) continue;
      seen.add(value);
      yield {
        id: hotelIds.contact(row.key, contactKind),
        kind: 'contact',
        siteId,
        fields: { personId, contactKind, value },
      };
    }
  }
}

export interface PersonPlaces {
  idOf(person: LegacyPerson): string;
  /** Site of the person's last stay. */
  siteOf(person: LegacyPerson): string;
}

/** People with their contacts, in the order of their ids (see stayDrafts). */
export function* personDrafts(
  people: readonly LegacyPerson[],
  candidates: readonly DuplicateCandidate[],
  places: PersonPlaces,
): Generator<ImportDraft> {
  const inQuestion = new Set(candidates.flatMap((candidate) => candidate.people));
  const byId = people
    .map((person) => ({ person, id: places.idOf(person) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { person, id } of byId) {
    const siteId = places.siteOf(person);
    yield { id, kind: 'person', siteId, fields: personFields(person, inQuestion.has(person)) };
    yield* contactDrafts(person, id, siteId);
  }
}

/** One task per candidate, for the office that registers people; it names them by id only. */
export function* candidateDrafts(
  candidates: readonly DuplicateCandidate[],
  places: PersonPlaces,
): Generator<ImportDraft> {
  for (const { people } of candidates) {
    const first = people[0];
    const personIds = [...new Set(people.map((person) => places.idOf(person)))];
    // Staff may have brought them together since an earlier run.
    if (first === undefined || personIds.length < 2) continue;
    yield {
      id: hotelIds.candidate(people.map((person) => person.key).sort()),
      kind: 'task',
      siteId: places.siteOf(first),
      fields: {
        taskKind: 'duplicateCandidate',
        state: 'open',
        ownerRole: 'reception',
        personIds: personIds.slice(0, EXCHANGE_LIMITS.taskPersons),
      },
    };
  }
}
