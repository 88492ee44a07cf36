import MiniSearch, { type Query } from 'minisearch';
import { isInHouse } from '@sivis/shared/lodging/stay.ts';
import { collationKey } from '@sivis/shared/text/collate.ts';
import { fold, foldedWords, nameStem } from '@sivis/shared/text/fold.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../desk/desk.ts';

/** A person who was found, with the stay that tells look-alikes apart. */
export interface PersonHit {
  readonly person: DeskDoc<'person'>;
  readonly stay: DeskDoc<'stay'> | undefined;
  /** Number of the room and label of the bed of that stay, `214-B`. */
  readonly bed: string | undefined;
}

export interface PeopleAnswer {
  readonly hits: readonly PersonHit[];
  readonly total: number;
  /** How many people were searched: those whom this desk holds. */
  readonly searched: number;
}

/** The search over the people of this desk: every key, offline, by name, code, phone or room. */
export interface PeopleSearch {
  query(text: string, limit: number): PeopleAnswer;
  /** Resolves when the people that the desk held at the start are in the index. */
  readonly ready: Promise<void>;
  close(): void;
}

interface Entry {
  readonly id: string;
  /** Family and given names, folded. */
  readonly name: string;
  readonly former: string;
  /** Stems of all names: `bērziņ` for Bērziņš and Bērziņa. */
  readonly stem: string;
  /** Parts of the personal code and the date of birth, digits only. */
  readonly code: string;
  readonly phone: string;
  readonly room: string;
}

const FIELDS = ['name', 'former', 'stem', 'code', 'phone', 'room'] as const;
/** A typing error is allowed in words of this length on: shorter ones are each other's errors. */
const FUZZY_FROM = 5;
const CHUNK = 500;
/** So many changed people a search indexes itself before it looks; a first sync changes more than a key may wait for. */
const AT_ONCE = 50;
/** Most matches that are ranked; more are counted only. */
const RANKED = 400;

const digitsOf = (text: string): string => text.replace(/\D/g, '');

function currentStay(stays: readonly DeskDoc<'stay'>[], today: PlainDate): DeskDoc<'stay'> | undefined {
  const inHouse = stays.find((stay) => isInHouse(stay.fields));
  if (inHouse !== undefined) return inHouse;
  const coming = stays
    .filter((stay) => stay.fields.state === 'expected')
    .sort((a, b) => (a.fields.arriveDate < b.fields.arriveDate ? -1 : 1));
  return coming.find((stay) => stay.fields.departDate >= today) ?? coming[0];
}

/** Builds the index over a desk and keeps it by the desk's changes. */
export function createPeopleSearch(desk: Desk, today: () => PlainDate): PeopleSearch {
  const index = new MiniSearch<Entry>({
    fields: [...FIELDS],
    tokenize: (text) => text.split(' ').filter((word) => word !== ''),
    processTerm: (term) => term,
    searchOptions: { combineWith: 'AND' },
  });
  let closed = false;

  function bedOf(stay: DeskDoc<'stay'> | undefined): { room: string; bed: string } | undefined {
    const day = today();
    const segments = stay?.fields.segments ?? [];
    const segment = segments.find((part) => part.from <= day && day < part.to) ?? segments[0];
    if (segment?.bedId === null || segment === undefined) return undefined;
    const bed = desk.get('bed', segment.bedId);
    const room = bed === undefined ? undefined : desk.get('room', bed.fields.roomId);
    if (bed === undefined || room === undefined) return undefined;
    return { room: room.fields.number, bed: `${room.fields.number} ${bed.fields.label}` };
  }

  function entryOf(person: DeskDoc<'person'>): Entry {
    const { familyName, givenName, formerNames, personalCode, previousPersonalCodes, birthDate } =
      person.fields;
    const name = `${fold(familyName)} ${fold(givenName)}`;
    const former = (formerNames ?? [])
      .map((old) => `${fold(old.familyName)} ${fold(old.givenName)}`)
      .join(' ');
    const codes = [personalCode, ...(previousPersonalCodes ?? [])].flatMap((code) =>
      code === undefined ? [] : [digitsOf(code), code.slice(7)],
    );
    const birth =
      birthDate === undefined
        ? []
        : [
            `${birthDate.slice(8)}${birthDate.slice(5, 7)}${birthDate.slice(2, 4)}`,
            `${birthDate.slice(8)}${birthDate.slice(5, 7)}${birthDate.slice(0, 4)}`,
          ];
    const phones = desk
      .contactsOfPerson(person.id)
      .filter((contact) => contact.fields.contactKind === 'phone' || contact.fields.contactKind === 'trusted')
      .map((contact) => digitsOf(contact.fields.value).replace(/^(00)?371/, ''))
      .filter((phone) => phone !== '');
    const stay = currentStay(desk.staysOfPerson(person.id), today());
    return {
      id: person.id,
      name,
      former,
      stem: foldedWords(`${name} ${former}`).map(nameStem).join(' '),
      code: [...codes, ...birth].join(' '),
      phone: phones.join(' '),
      room: fold(bedOf(stay)?.room ?? ''),
    };
  }

  function put(personId: string): void {
    if (index.has(personId)) index.discard(personId);
    const person = desk.get('person', personId);
    if (person !== undefined) index.add(entryOf(person));
  }

  const end = desk.changed.on(({ kinds, ids }) => {
    const people = new Set<string>();
    if (kinds.has('bed') || kinds.has('room'))
      for (const stay of desk.all('stay').values()) people.add(stay.fields.personId);
    for (const id of ids) {
      if (desk.get('person', id) !== undefined || index.has(id)) people.add(id);
      const owner = desk.get('contact', id)?.fields.personId ?? desk.get('stay', id)?.fields.personId;
      if (owner !== undefined) people.add(owner);
    }
    for (const id of people) stale.add(id);
    if (!indexing) void bringUpToDate();
  });

  /** People whose entry is not what the desk holds. */
  const stale = new Set(desk.all('person').keys());
  let indexing = false;

  function indexSome(count: number): void {
    for (const id of stale) {
      if (count === 0) return;
      count -= 1;
      stale.delete(id);
      put(id);
    }
  }

  /** In pieces and behind whatever else waits: pages that arrive and keys that are typed go first. */
  async function bringUpToDate(): Promise<void> {
    indexing = true;
    while (stale.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (closed) return;
      indexSome(CHUNK);
    }
    indexing = false;
  }
  const ready = bringUpToDate();

  function partOf(word: string): Query {
    if (/^\d+$/.test(word)) {
      return {
        combineWith: 'OR',
        queries: [
          { queries: [word], fields: ['code', 'phone'], prefix: word.length >= 3, combineWith: 'OR' },
          { queries: [word], fields: ['room'], combineWith: 'OR', boost: { room: 4 } },
        ],
      };
    }
    const queries: Query[] = [
      {
        queries: [word],
        fields: ['name', 'former', 'room'],
        prefix: true,
        boost: { name: 6, former: 2, room: 4 },
        combineWith: 'OR',
      },
    ];
    if (word.length > 3)
      queries.push({ queries: [nameStem(word)], fields: ['stem'], boost: { stem: 2 }, combineWith: 'OR' });
    if (word.length >= FUZZY_FROM) {
      queries.push({
        queries: [word],
        fields: ['name', 'former'],
        fuzzy: 1,
        maxFuzzy: 1,
        boost: { name: 1, former: 0.5 },
        combineWith: 'OR',
      });
    }
    return { combineWith: 'OR', queries };
  }

  /** Phones and codes are typed with spaces and hyphens: what is digits only is one word. */
  function wordsOf(text: string): string[] {
    const trimmed = text.trim();
    if (/^[+\d][\d\s()-]*$/.test(trimmed)) {
      const digits = digitsOf(trimmed).replace(/^(00)?371(?=\d{8})/, '');
      return digits === '' ? [] : [digits];
    }
    return foldedWords(trimmed);
  }

  function hitOf(id: string): PersonHit | undefined {
    const person = desk.get('person', id);
    if (person === undefined) return undefined;
    const stay = currentStay(desk.staysOfPerson(id), today());
    return { person, stay, bed: bedOf(stay)?.bed };
  }

  return {
    ready,
    query(text, limit) {
      const words = wordsOf(text);
      const searched = desk.all('person').size;
      if (stale.size <= AT_ONCE) indexSome(AT_ONCE);
      if (words.length === 0) return { hits: [], total: 0, searched };
      const found = index.search({ combineWith: 'AND', queries: words.map(partOf) });
      const ranked = found
        .slice(0, Math.max(RANKED, limit))
        .flatMap((result) => {
          const hit = hitOf(result.id as string);
          return hit === undefined ? [] : [{ hit, rank: rankOf(hit, words), key: sortKey(hit) }];
        })
        .sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      return { hits: ranked.slice(0, limit).map(({ hit }) => hit), total: found.length, searched };
    },
    close() {
      closed = true;
      end();
      stale.clear();
      index.removeAll();
    },
  };
}

/**
 * Names typed as they are come first, then those that begin so, former names, the other form of the name (Bērziņš
 * for Bērziņa) and what differs by a typing error; among equals whoever is in the house.
 */
function rankOf(hit: PersonHit, words: readonly string[]): number {
  const names = foldedWords(`${hit.person.fields.familyName} ${hit.person.fields.givenName}`);
  const former = (hit.person.fields.formerNames ?? []).flatMap((old) =>
    foldedWords(`${old.familyName} ${old.givenName}`),
  );
  const stems = names.map(nameStem);
  const worth = (word: string): number => {
    if (names.includes(word)) return 8;
    if (names.some((name) => name.startsWith(word))) return 6;
    if (former.includes(word)) return 5;
    return stems.includes(nameStem(word)) ? 3 : 0;
  };
  const sum = words.reduce((total, word) => total + worth(word), 0);
  return sum * 2 + (hit.stay !== undefined && isInHouse(hit.stay.fields) ? 1 : 0);
}

function sortKey(hit: PersonHit): string {
  return collationKey(`${hit.person.fields.familyName} ${hit.person.fields.givenName}`);
}
