import type { Fields } from '@sivis/shared/docs/json.ts';
import { collationKey } from '@sivis/shared/text/collate.ts';
import { fold, foldedWords, nameStem } from '@sivis/shared/text/fold.ts';
import type { SqlCondition } from '../visibility.ts';
import type { Dialect, Sql } from './dialect.ts';
import { SQL_LIMITS } from './limits.ts';

/** The search row of a person: folded words, single spaces between them. */
export interface PersonRow {
  readonly id: string;
  readonly family: string;
  readonly given: string;
  readonly former: string;
  readonly stems: string;
  /** Every end of every code and number, so that the beginning of one is a fragment anywhere inside. */
  readonly codes: string;
  readonly phones: string;
  readonly sortKey: string;
}

/** What is read back of it; the numbers are only for finding. */
export type FoundPerson = Omit<PersonRow, 'codes' | 'phones'>;

/** One thing to look for: a word, or the beginning of one. */
export interface SearchWord {
  readonly in: 'names' | 'stems' | 'numbers';
  readonly word: string;
  readonly prefix: boolean;
}

/** Alternatives, of which one must fit. */
export type SearchTerm = readonly SearchWord[];

/** A fragment of a code or a number is looked for from this many digits on; fewer say nothing. */
const SHORTEST_FRAGMENT = 3;

const digitsOf = (text: string): string => text.replace(/\D+/g, '');

/** More digits than any number has say nothing; their ends would fill the index. */
const MOST_DIGITS = 20;

/** Every end of the digits, so that a prefix query finds a fragment anywhere inside. */
function fragments(digits: string): string[] {
  const ends: string[] = [];
  const kept = digits.slice(0, MOST_DIGITS);
  for (let start = 0; start + SHORTEST_FRAGMENT <= kept.length; start += 1) ends.push(kept.slice(start));
  return ends;
}

const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Personas kodi of a person, current first. */
export function codesOf(fields: Fields): string[] {
  const codes = [fields['personalCode'], ...list(fields['previousPersonalCodes'])].map(string);
  return [...new Set(codes.filter((code) => code !== ''))];
}

/** Writes the search row of a person from her document and her phones. */
export async function indexPerson(c: Sql, dialect: Dialect, personId: string): Promise<void> {
  const person = await c.get(`SELECT fields FROM doc WHERE id = ? AND kind = 'person'`, [personId]);
  if (person === undefined) return;
  const fields = JSON.parse(string(person['fields'])) as Fields;
  const contacts = await c.all(`SELECT d.fields FROM doc d WHERE d.kind = 'contact' AND d.person_id = ?`, [
    personId,
  ]);
  const phones = contacts
    .map((row) => JSON.parse(string(row['fields'])) as Fields)
    .filter((contact) => contact['contactKind'] === 'phone' || contact['contactKind'] === 'trusted')
    .flatMap((contact) => fragments(digitsOf(string(contact['value']))));
  const family = fold(string(fields['familyName']));
  const given = fold(string(fields['givenName']));
  const former = list(fields['formerNames'])
    .map((name) => name as Fields)
    .map((name) => fold(`${string(name['familyName'])} ${string(name['givenName'])}`))
    .join(' ');
  await dialect.indexPerson(c, {
    id: personId,
    family,
    given,
    former,
    stems: [...new Set(foldedWords(`${family} ${given} ${former}`).map(nameStem))].join(' '),
    codes: codesOf(fields)
      .flatMap((code) => fragments(digitsOf(code)))
      .join(' '),
    phones: phones.join(' '),
    sortKey: collationKey(`${string(fields['familyName'])} ${string(fields['givenName'])}`),
  });
}

interface Query {
  readonly words: readonly string[];
  /** Runs of digits, each written without spaces and hyphens: a fragment of a code or of a phone number. */
  readonly digits: readonly string[];
}

/** Neighbouring groups of digits belong together: `140785-1`, `29 123 456`. */
export function readQuery(text: string): Query {
  const words: string[] = [];
  const digits: string[] = [];
  let previousWasDigits = false;
  for (const word of foldedWords(text)) {
    const isDigits = /^\p{N}+$/u.test(word);
    const last = digits.at(-1);
    if (isDigits && previousWasDigits && last !== undefined) digits[digits.length - 1] = last + word;
    else if (isDigits) digits.push(word);
    else words.push(word);
    previousWasDigits = isDigits;
  }
  return { words, digits };
}

/** Latvia's own prefix is left away: numbers are entered with and without it. */
function numberForms(digits: string): string[] {
  return /^(00)?371\d{4,}$/.test(digits) ? [digits, digits.replace(/^(00)?371/, '')] : [digits];
}

const nameStarts = (word: string): SearchWord => ({ in: 'names', word, prefix: true });

/** Every term must fit. `loose` also takes other forms of a name. */
function termsOf(query: Query, loose: boolean): SearchTerm[] {
  const words = query.words.map((word): SearchTerm => {
    if (!loose) return [nameStarts(word)];
    const stem = nameStem(word);
    return [
      nameStarts(word),
      { in: 'stems', word: stem, prefix: false },
      // The forms of one name differ in their stem too (Bērziņš: berz, Bērziņa: berzin); four letters are safe.
      ...(stem.length >= 4 ? [nameStarts(stem)] : []),
    ];
  });
  const numbers = query.digits.map((digits): SearchTerm =>
    numberForms(digits).map((word) => ({ in: 'numbers', word, prefix: true })),
  );
  return [...words, ...numbers];
}

/** How well one word fits a person: the same name, the beginning of one, another form of one. */
function wordScore(word: string, row: FoundPerson): number {
  const family = row.family.split(' ');
  const given = row.given.split(' ');
  if (family.includes(word)) return 60;
  if (given.includes(word)) return 50;
  if (family.some((name) => name.startsWith(word))) return 40;
  if (given.some((name) => name.startsWith(word))) return 35;
  if (row.former.split(' ').some((name) => name.startsWith(word))) return 25;
  const stem = nameStem(word);
  if (row.stems.split(' ').includes(stem)) return 20;
  return family.some((name) => name.startsWith(stem)) ? 10 : 5;
}

/**
 * People found by folded words (beginnings of names, former names, other forms of a family name) and by fragments of
 * personas kods and phone; every word must fit. Best first, then in Latvian alphabetical order.
 */
export async function searchPeople(
  c: Sql,
  dialect: Dialect,
  text: string,
  limit: number,
  visible: SqlCondition,
): Promise<{ ids: string[]; total: number }> {
  const read = readQuery(text);
  const query: Query = {
    words: read.words,
    digits: read.digits.filter((run) => run.length >= SHORTEST_FRAGMENT),
  };
  if (query.words.length === 0 && query.digits.length === 0) return { ids: [], total: 0 };
  const found = new Map<string, FoundPerson>();
  // The names themselves first, so that other forms cannot crowd them out of the pool.
  const passes = query.words.length === 0 ? [false] : [false, true];
  for (const loose of passes) {
    if (found.size >= SQL_LIMITS.searchPool) break;
    const rows = await dialect.findPeople(c, termsOf(query, loose), visible, SQL_LIMITS.searchPool);
    for (const row of rows) found.set(row.id, row);
  }
  const ranked = [...found.values()]
    .map((row) => ({
      id: row.id,
      score: query.words.reduce((sum, word) => sum + wordScore(word, row), 0),
      key: row.sortKey,
    }))
    .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1));
  return {
    ids: ranked.slice(0, limit).map((entry) => entry.id),
    total: Math.min(ranked.length, SQL_LIMITS.searchPool),
  };
}
