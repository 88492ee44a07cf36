import { countDiacritics, fold } from '@sivis/shared/text/fold.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { LegacyGuest } from './guests.ts';
import { compareKeys } from './values.ts';

/** One person out of one or more guest rows. */
export interface LegacyPerson {
  /** Lowest guest key of the person; the id is derived from it. */
  readonly key: string;
  /** All rows of the person by ascending key. */
  readonly rows: readonly LegacyGuest[];
  /** The row that gives the name. */
  readonly best: LegacyGuest;
  readonly birthDate: PlainDate | null;
  readonly personalCode: string | null;
  /** The code stands on another person too, with another birth date. */
  readonly codeShared: boolean;
}

/** People of whom a human must say whether they are one. */
export interface DuplicateCandidate {
  readonly people: readonly LegacyPerson[];
}

export interface PeopleFigures {
  readonly with_code_distinct: number;
  readonly guests_without_code_distinct_rows: number;
  readonly guest_rows_that_repeat_a_code: number;
  readonly duplicate_candidates_without_code: number;
}

export interface MergedPeople {
  readonly people: readonly LegacyPerson[];
  readonly candidates: readonly DuplicateCandidate[];
  readonly figures: PeopleFigures;
}

const isCapitals = (text: string): boolean => text === text.toUpperCase() && text !== text.toLowerCase();

/** The better name first: a document number, then the most diacritics, then not all in capitals, then the lower key. */
function compareNames(a: LegacyGuest, b: LegacyGuest): number {
  const documented = Number(b.document !== '') - Number(a.document !== '');
  if (documented !== 0) return documented;
  const diacritics =
    countDiacritics(b.familyName + b.givenName) - countDiacritics(a.familyName + a.givenName);
  if (diacritics !== 0) return diacritics;
  const capitals = Number(isCapitals(a.familyName)) - Number(isCapitals(b.familyName));
  return capitals === 0 ? compareKeys(a.key, b.key) : capitals;
}

function personOf(rows: readonly LegacyGuest[], codeShared: boolean): LegacyPerson | null {
  const byKey = [...rows].sort((a, b) => compareKeys(a.key, b.key));
  const byName = [...rows].sort(compareNames);
  const first = byKey[0];
  const best = byName[0];
  if (first === undefined || best === undefined) return null;
  return {
    key: first.key,
    rows: byKey,
    best,
    birthDate: byName.find((row) => row.birthDate !== null)?.birthDate ?? null,
    personalCode: first.personalCode,
    codeShared,
  };
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * The people behind one code. Different birth dates keep them apart, one person per date; a row without a date says
 * nothing against anybody, but with several dates nobody knows whose it is, and it stays a person of its own.
 */
function peopleOfCode(rows: readonly LegacyGuest[]): LegacyPerson[] {
  const dated = groupBy(rows, (row) => row.birthDate);
  const groups =
    dated.size <= 1
      ? [rows]
      : [...dated.values(), ...rows.filter((row) => row.birthDate === null).map((row) => [row])];
  return groups.map((group) => personOf(group, groups.length > 1)).filter((person) => person !== null);
}

function sameNameAndDate(person: LegacyPerson): string | null {
  if (person.birthDate === null) return null;
  return `${fold(person.best.familyName)}\u0000${fold(person.best.givenName)}\u0000${person.birthDate}`;
}

/**
 * One person per personas kods; people without a code are never merged, an equal folded name and birth date
 * makes a candidate. `duplicate_candidates_without_code` counts the groups in which two or more have no code; somebody
 * without a code who is like somebody with one is a candidate for a human as well, but not in that figure.
 */
export function mergeGuests(guests: Iterable<LegacyGuest>): MergedPeople {
  const all = [...guests];
  const byCode = groupBy(all, (guest) => guest.personalCode);
  const withoutCode = all.filter((guest) => guest.personalCode === null);
  const people: LegacyPerson[] = [];
  const candidates: DuplicateCandidate[] = [];
  for (const rows of byCode.values()) {
    const found = peopleOfCode(rows);
    people.push(...found);
    if (found.length > 1) candidates.push({ people: found });
  }
  people.push(...withoutCode.map((guest) => personOf([guest], false)).filter((person) => person !== null));
  let figure = 0;
  for (const alike of groupBy(people, sameNameAndDate).values()) {
    const codeless = alike.filter((person) => person.personalCode === null).length;
    if (alike.length < 2 || codeless === 0) continue;
    candidates.push({ people: alike });
    if (codeless > 1) figure += 1;
  }
  people.sort((a, b) => compareKeys(a.key, b.key));
  return {
    people,
    candidates,
    figures: {
      with_code_distinct: byCode.size,
      guests_without_code_distinct_rows: withoutCode.length,
      guest_rows_that_repeat_a_code: all.length - withoutCode.length - byCode.size,
      duplicate_candidates_without_code: figure,
    },
  };
}
