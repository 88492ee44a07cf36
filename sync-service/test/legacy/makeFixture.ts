import { inventAddress, inventName, type PersonName, type Sex } from '../../src/demo/names.ts';
import { inventPersonalCode } from '../../src/demo/codes.ts';
import { createRandom, type Random } from '../../src/demo/random.ts';
import { dayNumber, isoOf, latvian, plainLetters } from './plain.ts';
import { encodeWindows1257 } from './windows1257.ts';

/** How big a set is; the faults come on top. */
export interface FixtureSize {
  readonly rooms: number;
  readonly guests: number;
  readonly reservations: number;
}

export const SMALL: FixtureSize = { rooms: 40, guests: 400, reservations: 700 };

interface FileTruth {
  rows: number;
  accepted: number;
  rejected: Record<string, number>;
  warnings: Record<string, number>;
}

/** What the import must answer: counted while planting, never by reading the rows again. */
export interface FixtureTruth {
  readonly asof: string;
  readonly files: Readonly<Record<string, FileTruth>>;
  readonly bed_nights_by_month: Readonly<Record<string, number>>;
  readonly beds_occupied_on_asof: number;
  readonly people: Readonly<Record<string, number>>;
}

/** Single plants that a test looks at one by one. */
export interface FixtureMarks {
  /** Guest keys that are one person, and the spelling that must win. */
  readonly merged: readonly {
    readonly keys: readonly string[];
    readonly familyName: string;
    readonly givenName: string;
  }[];
  /** Guest keys with one code and two birth dates. */
  readonly contested: readonly (readonly string[])[];
  /** Guest keys without a code that look like one person. */
  readonly alike: readonly (readonly string[])[];
  readonly peopleInAll: number;
  readonly rejectedRows: readonly { readonly file: string; readonly reason: string; readonly row: string }[];
}

export interface Fixture {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly expected: FixtureTruth;
  readonly marks: FixtureMarks;
}

const ROOMS = '4hotel_numuri.csv';
const GUESTS = '4hotel_viesi.csv';
const RESERVATIONS = '4hotel_rezervacijas.csv';

const ROOM_HEAD = 'Numurs;Korpuss;Stāvs;Tips;Vietas;Pielāgots;Piezīmes';
const GUEST_HEAD = 'ViesaID;Uzvārds;Vārds;PersKods;DzimDat;Dzimums;Valsts;Dokuments;Telefons;Epasts;Adrese';
const RESERVATION_HEAD =
  'RezID;ViesaID;Numurs;Vieta;Ierašanās;Izbraukšana;Statuss;Ēdināšana;Cena;Pakalpojums;Piezīmes';

interface Book {
  readonly truth: FileTruth;
  readonly rows: string[];
  accept(row: string, warnings?: readonly string[]): void;
  reject(row: string, reason: string): void;
  shuffle(random: Random): void;
}

function openBook(file: string, rejectedRows: { file: string; reason: string; row: string }[]): Book {
  const truth: FileTruth = { rows: 0, accepted: 0, rejected: {}, warnings: {} };
  const rows: string[] = [];
  return {
    truth,
    rows,
    accept(row, warnings = []) {
      rows.push(row);
      truth.rows += 1;
      truth.accepted += 1;
      for (const warning of warnings) truth.warnings[warning] = (truth.warnings[warning] ?? 0) + 1;
    },
    reject(row, reason) {
      rows.push(row);
      truth.rows += 1;
      truth.rejected[reason] = (truth.rejected[reason] ?? 0) + 1;
      rejectedRows.push({ file, reason, row });
    },
    shuffle(random) {
      for (const [index, row] of random.shuffled(rows).entries()) rows[index] = row;
    },
  };
}

const sortedKeys = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

interface PlantedRoom {
  readonly number: string;
  readonly beds: number;
}

function plantRooms(random: Random, size: FixtureSize, book: Book): PlantedRoom[] {
  const rooms: PlantedRoom[] = [];
  for (let index = 0; index < size.rooms; index += 1) {
    const sloka = index % 4 === 3;
    const floor = 2 + Math.floor(index / 30);
    const number = sloka
      ? `S${floor}${String(index % 30).padStart(2, '0')}`
      : `${floor}${String(index % 30).padStart(2, '0')}`;
    const beds = sloka ? random.int(2, 3) : random.int(1, 3);
    rooms.push({ number, beds });
    const type = ['Vienvietīgs', 'Divvietīgs', 'Trīsvietīgs'][beds - 1] ?? '';
    const note = index === 1 ? '"pie lifta; kluss"' : '';
    book.accept(
      `${number};${sloka ? 'Sloka' : 'Dubulti-2'};${floor % 90};${type};${beds};${random.chance(0.15) ? 'J' : 'N'};${note}`,
    );
  }
  const first = rooms[0] as PlantedRoom;
  book.reject(`${first.number};Dubulti-2;3;Divvietīgs;2;N;dublēts`, 'duplicate_key');
  book.reject(';Dubulti-2;3;Divvietīgs;2;N;', 'missing_key');
  book.reject(';Dubulti-2;trešais;Divvietīgs;divas;N;', 'missing_key');
  book.reject('X01;Dubulti-2;2;Divvietīgs;divas;N;', 'malformed_row');
  book.reject('X02;Dubulti-2;2;Divvietīgs;2;N', 'malformed_row');
  book.accept('210A;Dubulti-2;2;Bez gultām;0;N;');
  return rooms;
}

interface PlantedGuest extends PersonName {
  readonly key: string;
  readonly sex: Sex;
  readonly code: string;
  readonly birth: string;
  readonly phone: string;
}

/** Cells of a guest row; what is not given is taken from the guest. */
function guestRow(
  guest: PlantedGuest,
  cells: Partial<
    Record<'key' | 'family' | 'given' | 'code' | 'birth' | 'sex' | 'document' | 'address', string>
  > = {},
): string {
  return [
    cells.key ?? guest.key,
    cells.family ?? guest.familyName,
    cells.given ?? guest.givenName,
    cells.code ?? guest.code,
    cells.birth ?? (guest.birth === '' ? '' : latvian(guest.birth)),
    cells.sex ?? (guest.sex === 'F' ? 'S' : 'V'),
    'Latvija',
    cells.document ?? '',
    guest.phone,
    '',
    cells.address ?? '',
  ].join(';');
}

interface PlantedGuests {
  readonly accepted: PlantedGuest[];
  readonly rejectedKeys: string[];
  readonly figures: Record<string, number>;
  readonly merged: FixtureMarks['merged'];
  readonly contested: string[][];
  readonly alike: string[][];
  readonly people: number;
}

function plantGuests(random: Random, size: FixtureSize, book: Book): PlantedGuests {
  const accepted: PlantedGuest[] = [];
  const rejectedKeys: string[] = [];
  const merged: { keys: string[]; familyName: string; givenName: string }[] = [];
  const contested: string[][] = [];
  const alike: string[][] = [];
  const usedCodes = new Set<string>();
  const usedPeople = new Set<string>();
  let nextKey = 1_000;
  let codeless = 0;
  let repeats = 0;
  let people = 0;

  const newGuest = (): PlantedGuest => {
    for (;;) {
      const sex: Sex = random.chance(0.5) ? 'F' : 'M';
      const name = inventName(random, sex);
      const birth = isoOf(random.int(dayNumber('1935-01-01'), dayNumber('2006-12-31')));
      // No two invented people may look alike by chance: the truth would no longer be what was planted.
      const likeness = `${plainLetters(`${name.familyName} ${name.givenName}`).toLowerCase()} ${birth}`;
      const code = random.chance(0.2)
        ? `3${random.int(2, 9)}${String(random.int(0, 9999)).padStart(4, '0')}-${String(random.int(0, 99_999)).padStart(5, '0')}`
        : inventPersonalCode(birth, random.int(0, 999));
      if (usedCodes.has(code) || usedPeople.has(likeness)) continue;
      usedCodes.add(code);
      usedPeople.add(likeness);
      nextKey += 1;
      return { ...name, key: String(nextKey), sex, code, birth, phone: `2000${random.int(1000, 9999)}` };
    }
  };
  const newKeyFor = (): string => String((nextKey += 1));

  const spoilCheckDigit = (code: string): string =>
    code.slice(0, -1) + String((Number(code.slice(-1)) + 1) % 10);

  for (let index = 0; index < size.guests; index += 1) {
    let guest = newGuest();
    const warnings: string[] = [];
    const isOld = !/^3[2-9]/.test(guest.code);
    if (random.chance(0.06)) {
      guest = { ...guest, code: '' };
      codeless += 1;
    } else if (isOld && random.chance(0.05)) {
      // The code of nobody else: the serials of others with this birth date have right check digits.
      guest = { ...guest, code: spoilCheckDigit(guest.code) };
      warnings.push('checksum_mismatch');
    } else if (random.chance(0.1)) guest = { ...guest, code: guest.code.replace('-', '') };
    if (random.chance(0.03)) {
      guest = { ...guest, birth: '' };
      warnings.push('missing_birth_date');
    }
    const family = random.chance(0.02) ? guest.familyName.toUpperCase() : guest.familyName;
    guest = { ...guest, familyName: family };
    accepted.push(guest);
    people += 1;
    const document = random.chance(0.9) ? `PA${random.int(1_000_000, 9_999_999)}` : '';
    book.accept(
      guestRow(guest, { document, address: document === '' ? '' : inventAddress(random) }),
      warnings,
    );
  }

  const plantPerson = (
    cells: Parameters<typeof guestRow>[1],
    warnings: readonly string[] = [],
    base = newGuest(),
  ): PlantedGuest => {
    accepted.push(base);
    book.accept(guestRow(base, cells), warnings);
    return base;
  };
  const repeatsOf = Math.max(3, Math.round(size.guests / 40));
  for (let index = 0; index < repeatsOf; index += 1) {
    // One person: the documented row with its diacritics, one without, one in capitals or without the birth date.
    const base = plantPerson({ document: 'PA7654321' }, [], { ...newGuest(), familyName: 'Ķēniņš-Šķēle' });
    const second = newKeyFor();
    const third = newKeyFor();
    const folded = plainLetters(base.familyName);
    plantPerson({ family: folded, code: base.code.replace('-', '') }, [], { ...base, key: second });
    plantPerson({ family: folded.toUpperCase(), birth: '' }, ['missing_birth_date'], { ...base, key: third });
    merged.push({ keys: [base.key, second, third], familyName: base.familyName, givenName: base.givenName });
    repeats += 2;
    people += 1;
  }
  for (let index = 0; index < 2; index += 1) {
    const base = plantPerson({ document: 'PA7654321' });
    const other = newKeyFor();
    plantPerson({ birth: '01.02.1903' }, [], { ...base, key: other });
    contested.push([base.key, other]);
    repeats += 1;
    people += 2;
  }
  for (let index = 0; index < Math.max(2, Math.round(size.guests / 150)); index += 1) {
    const base = plantPerson({ code: '', document: 'PA7654321' }, [], { ...newGuest(), code: '' });
    const other = newKeyFor();
    plantPerson({ family: plainLetters(base.familyName).toUpperCase() }, [], { ...base, key: other });
    alike.push([base.key, other]);
    codeless += 2;
    people += 2;
  }

  const refuse = (reason: string, cells: Parameters<typeof guestRow>[1], base = newGuest()): void => {
    rejectedKeys.push(cells?.key ?? base.key);
    book.reject(guestRow(base, cells), reason);
  };
  for (let index = 0; index < 3; index += 1) {
    refuse('missing_name', { family: '' });
    refuse('missing_name', { given: '   ' });
    refuse('missing_name', { family: '', code: 'nezināms', birth: '99.99.9999' });
    refuse('malformed_code', { code: '310290-1x234' });
    refuse('malformed_code', { code: '31029011234567', birth: '31.02.1990' });
    refuse('impossible_date', { birth: '30.02.1985' });
    refuse('impossible_date', { birth: '29.02.1995', sex: 'Z' });
    refuse('impossible_date', { birth: '1985-02-03' });
  }
  book.reject(`${newKeyFor()};;;;;;;;;;`, 'missing_name');
  refuse('malformed_row', { sex: 'Z' });
  refuse('malformed_row', { key: '' });
  const shortKey = newKeyFor();
  rejectedKeys.push(shortKey);
  book.reject(`${shortKey};Bērziņa;Anna;;01.02.1960`, 'malformed_row');
  book.reject(`${newKeyFor()};Bērziņa;Anna;;01.02.1960;S;Latvija;;;;;par daudz`, 'malformed_row');
  book.shuffle(random);
  // After the shuffle: of two rows with one key the first one in the file wins.
  book.reject(guestRow({ ...newGuest(), key: accepted[0]?.key ?? '' }), 'malformed_row');
  book.reject('', 'malformed_row');

  const distinct = new Set(
    accepted.filter((guest) => guest.code !== '').map((guest) => guest.code.replace('-', '')),
  );
  return {
    accepted,
    rejectedKeys: rejectedKeys.filter((key) => key !== ''),
    merged,
    contested,
    alike,
    people,
    figures: {
      duplicate_candidates_without_code: alike.length,
      guest_rows_that_repeat_a_code: repeats,
      guests_without_code_distinct_rows: codeless,
      with_code_distinct: distinct.size,
    },
  };
}

interface Span {
  readonly room: string;
  readonly letter: string;
  readonly from: number;
  readonly to: number;
}

interface Nights {
  readonly months: Record<string, number>;
  onAsof: number;
}

function plantReservations(
  random: Random,
  size: FixtureSize,
  asof: string,
  rooms: readonly PlantedRoom[],
  guests: PlantedGuests,
  book: Book,
): Nights {
  const nights: Nights = { months: {}, onAsof: 0 };
  const today = dayNumber(asof);
  const spans: Span[] = [];
  const free: Span[] = [];
  const beds = rooms.flatMap(({ number, beds: count }) =>
    [...'ABC'].slice(0, count).map((letter) => ({ room: number, letter })),
  );
  const perBed = Math.ceil((size.reservations * 1.15) / beds.length);
  for (const bed of beds) {
    // The last stays of a bed lie around the as-of date and after it.
    let day = today - Math.round(perBed * 16 * 0.8) + random.int(0, 20);
    for (let index = 0; index < perBed; index += 1) {
      const gap = random.chance(0.6) ? 0 : random.int(1, 9);
      const length = random.weighted([
        [14, 6],
        [21, 2],
        [random.int(3, 10), 2],
        [1, 1],
      ]);
      const span = { ...bed, from: day + gap, to: day + gap + length };
      day = span.to;
      (spans.length < size.reservations || random.chance(0.2) ? spans : free).push(span);
    }
  }
  const guestKey = (): string => random.pick(guests.accepted).key;
  const rowOf = (
    id: number,
    span: Span,
    cells: Partial<Record<'guest' | 'from' | 'to' | 'state' | 'board' | 'price', string>> = {},
  ): string => {
    const [board, price, service] = random.weighted([
      [['PP', '28,50', 'Sociālā rehabilitācija'] as const, 7],
      [['BR', '34,00', 'Maksas'] as const, 2],
      [['PP', '0,00', 'Koledža'] as const, 1],
    ]);
    return [
      String(id),
      cells.guest ?? guestKey(),
      span.room,
      span.letter,
      cells.from ?? latvian(isoOf(span.from)),
      cells.to ?? latvian(isoOf(span.to)),
      cells.state ?? stateOf(span),
      cells.board ?? board,
      cells.price ?? price,
      service,
      '',
    ].join(';');
  };
  const stateOf = (span: Span): string =>
    span.to <= today ? 'Izrakstīts' : span.from < today ? 'Iemitināts' : 'Apstiprināts';
  const hold = (span: Span): void => {
    for (let night = span.from; night < span.to; night += 1) {
      const month = isoOf(night).slice(0, 7);
      nights.months[month] = (nights.months[month] ?? 0) + 1;
      if (night === today) nights.onAsof += 1;
    }
  };

  // Numbers pass from three digits to four, so that an order by text would let the wrong row win.
  let id = 700;
  const held: { id: number; span: Span }[] = [];
  for (const span of random.shuffled(spans)) {
    id += random.int(1, 2);
    if (random.chance(0.06)) {
      book.accept(rowOf(id, span, { state: random.chance(0.5) ? 'Atcelts' : 'Neieradās' }));
      continue;
    }
    book.accept(rowOf(id, span));
    hold(span);
    held.push({ id, span });
  }
  const faults = Math.max(2, Math.round(size.reservations / 300));
  const anyHeld = (): Span => random.pick(held).span;
  const room = (): PlantedRoom => random.pick(rooms);
  for (let index = 0; index < faults; index += 1) {
    const next = (): number => (id += 1);
    const span = anyHeld();
    book.reject(rowOf(next(), span, { from: '32.13.2026' }), 'impossible_date');
    book.reject(rowOf(next(), span, { to: '', guest: '999999' }), 'impossible_date');
    book.reject(rowOf(next(), span, { to: latvian(isoOf(span.from)) }), 'departure_before_arrival');
    book.reject(
      rowOf(next(), { ...span, room: 'NAV' }, { to: latvian(isoOf(span.from - 3)) }),
      'departure_before_arrival',
    );
    book.reject(rowOf(next(), { ...span, room: 'NAV' }, { guest: '999999' }), 'unknown_bed');
    book.reject(rowOf(next(), { ...span, room: 'X01', letter: 'A' }), 'unknown_bed');
    const beyond = room();
    book.reject(
      rowOf(next(), { ...span, room: beyond.number, letter: 'DE'[index % 2] ?? 'D' }),
      'unknown_bed',
    );
    book.reject(rowOf(next(), span, { guest: '999999' }), 'unknown_guest');
    book.reject(rowOf(next(), span, { guest: random.pick(guests.rejectedKeys) }), 'unknown_guest');
    book.reject(rowOf(next(), span, { state: 'Atcelts', guest: '999999' }), 'unknown_guest');
    book.reject(rowOf(next(), span, { state: 'Varbūt' }), 'malformed_row');
    book.reject(rowOf(next(), { ...span, from: span.to - 1, to: span.to + 1 }), 'bed_overlap');
    book.reject(
      rowOf(next(), { ...span, from: span.from - 1, to: span.from + 1 }, { state: 'Iemitināts' }),
      'bed_overlap',
    );
    book.reject(rowOf(next(), { ...span, from: span.from - 2, to: span.to + 2 }), 'bed_overlap');
    // Cancelled and no-show rows hold none and are refused for none.
    book.accept(rowOf(next(), span, { state: 'Atcelts' }));
    book.accept(rowOf(next(), span, { state: 'Neieradās' }));
    // A refused row holds nothing against the next one.
    const place = free.pop();
    if (place !== undefined && !held.some(({ span: other }) => clashes(other, place))) {
      book.reject(rowOf(next(), place, { guest: '999999' }), 'unknown_guest');
      const winner = next();
      book.accept(rowOf(winner, place));
      hold(place);
      held.push({ id: winner, span: place });
      book.reject(rowOf(next(), place), 'bed_overlap');
    }
    book.reject(rowOf(next(), span, { price: '28.5x', guest: guestKey() }), 'malformed_row');
    book.reject(`${next()};${guestKey()};${span.room}`, 'malformed_row');
    book.reject(rowOf(next(), span).replace(/^\d+/, 'R-1'), 'malformed_row');
  }
  book.shuffle(random);
  book.reject(rowOf(held[0]?.id ?? 0, anyHeld()), 'malformed_row');
  return nights;
}

const clashes = (a: Span, b: Span): boolean =>
  a.room === b.room && a.letter === b.letter && a.from < b.to && b.from < a.to;

/**
 * A set of the three 4Hotel files with every class of fault planted, and the answer that an import must give to it. The
 * same seed gives the same bytes.
 */
export function makeFixture(seed: number, size: FixtureSize = SMALL, asof = '2026-11-20'): Fixture {
  const random = createRandom(seed);
  const rejectedRows: { file: string; reason: string; row: string }[] = [];
  const roomBook = openBook(ROOMS, rejectedRows);
  const guestBook = openBook(GUESTS, rejectedRows);
  const reservationBook = openBook(RESERVATIONS, rejectedRows);
  const rooms = plantRooms(random, size, roomBook);
  const guests = plantGuests(random, size, guestBook);
  const nights = plantReservations(random, size, asof, rooms, guests, reservationBook);
  const file = (head: string, rows: readonly string[]): Uint8Array =>
    encodeWindows1257([head, ...rows].map((row) => `${row}\r\n`).join(''));
  const truth = ({ rows, accepted, rejected, warnings }: FileTruth): FileTruth => ({
    rows,
    accepted,
    rejected: sortedKeys(rejected),
    warnings: sortedKeys(warnings),
  });
  return {
    files: {
      [ROOMS]: file(ROOM_HEAD, roomBook.rows),
      [GUESTS]: file(GUEST_HEAD, guestBook.rows),
      [RESERVATIONS]: file(RESERVATION_HEAD, reservationBook.rows),
    },
    expected: {
      asof,
      files: {
        [ROOMS]: truth(roomBook.truth),
        [GUESTS]: truth(guestBook.truth),
        [RESERVATIONS]: truth(reservationBook.truth),
      },
      bed_nights_by_month: sortedKeys(nights.months),
      beds_occupied_on_asof: nights.onAsof,
      people: guests.figures,
    },
    marks: {
      merged: guests.merged,
      contested: guests.contested,
      alike: guests.alike,
      peopleInAll: guests.people,
      rejectedRows,
    },
  };
}
