import type { Sex } from './names.ts';
import type { DemoPerson, PeopleSource } from './people.ts';
import type { DemoRoom } from './places.ts';
import type { Random } from './random.ts';
import type { CentreSize } from './sizes.ts';

/** Days are counted from today: 0 is today, -1 yesterday. All spans are half-open. */
export interface PlannedSegment {
  readonly room: number;
  readonly bed: number;
  readonly from: number;
  readonly to: number;
  readonly privateUse?: boolean;
}

export type StayKind = 'state' | 'paid' | 'guest' | 'companion';

export interface PlannedStay {
  readonly person: DemoPerson;
  readonly kind: StayKind;
  readonly from: number;
  readonly to: number;
  readonly segments: readonly PlannedSegment[];
  /** Never slept: cancelled or did not come; holds no bed. */
  readonly unused?: 'cancelled' | 'no_show';
  /** Place in the plan of the stay whose companion this is. */
  readonly companionOf?: number;
  /** Place in the plan of the other half of a couple. */
  readonly partner?: number;
}

export interface PlannedBlock {
  readonly room: number;
  /** A bed of the room; the whole room when absent. */
  readonly bed?: number;
  readonly from: number;
  readonly to: number;
  readonly kind: 'outOfOrder' | 'outOfService' | 'hold' | 'quarantine';
  readonly reason: string;
}

export interface Plan {
  readonly stays: readonly PlannedStay[];
  readonly blocks: readonly PlannedBlock[];
  readonly people: readonly DemoPerson[];
  /** True when the bed is free in all nights of the span. */
  isFree(room: number, bed: number, from: number, to: number): boolean;
}

/** What is known of a bed while the days pass: from when on nobody has it, and who had it last. */
interface BedState {
  freeFrom: number;
  sex: Sex;
}

interface RoomState {
  readonly beds: BedState[];
  /** A woman and a man who belong together have the room; nobody else comes in before this day. */
  closedUntil: number;
  readonly blocks: PlannedBlock[];
}

/** Nights between two stays of one person. */
const PAUSE = 150;
/** Share of beds still taken, so many days ahead. */
const AHEAD: readonly (readonly [day: number, share: number])[] = [
  [0, 1],
  [7, 0.97],
  [14, 0.9],
  [30, 0.72],
  [60, 0.45],
  [120, 0.2],
  [240, 0.06],
  [400, 0.01],
];

function shareAhead(day: number): number {
  const after = AHEAD.findIndex(([at]) => at >= day);
  const [toDay, toShare] = AHEAD[after] ?? [day, 0];
  const [fromDay, fromShare] = AHEAD[after - 1] ?? [toDay - 1, toShare];
  return fromShare + ((toShare - fromShare) * (day - fromDay)) / (toDay - fromDay);
}

function planBlocks(random: Random, rooms: readonly DemoRoom[]): PlannedBlock[] {
  const doubles = random.shuffled(
    rooms.flatMap((room, index) => (room.beds.length === 2 && !room.adapted ? [index] : [])),
  );
  const [first = 0, second = 0, third = 0, fourth = 0] = doubles;
  return [
    { room: first, from: -4, to: 6, kind: 'outOfOrder', reason: 'Remonts: dušas paliktnis' },
    {
      room: second,
      bed: 1,
      from: -1,
      to: 12,
      kind: 'outOfService',
      reason: 'Gultas mehānisms gaida detaļas',
    },
    { room: third, from: 20, to: 27, kind: 'hold', reason: 'Rezervēts grupai' },
    { room: fourth, bed: 0, from: -2, to: 1, kind: 'quarantine', reason: 'Dezinfekcija pēc izrakstīšanās' },
  ];
}

/**
 * Three years of a centre, day by day: who comes, for how long, into which bed. Because the days are planned in their
 * order, a bed is free when its last guest has left; a room has one sex at a time, except for companions and couples.
 */
export function planCentre(
  random: Random,
  source: PeopleSource,
  rooms: readonly DemoRoom[],
  size: CentreSize,
): Plan {
  const blocks = planBlocks(random, rooms);
  const state: RoomState[] = rooms.map((room, index) => ({
    beds: room.beds.map(() => ({ freeFrom: -Infinity, sex: 'F' })),
    closedUntil: -Infinity,
    blocks: blocks.filter((block) => block.room === index),
  }));
  const stays: PlannedStay[] = [];
  const people: DemoPerson[] = [];
  const lastDay: number[] = [];
  const departures = new Map<number, number>();
  const held = rooms.map(() => new Map<number, { from: number; to: number }[]>());

  const blocked = (room: RoomState, bed: number, from: number, to: number): boolean =>
    room.blocks.some((block) => (block.bed ?? bed) === bed && block.from < to && from < block.to);

  const bedFits = (room: RoomState, bed: number, from: number, to: number): boolean => {
    const there = room.beds[bed];
    return (
      there !== undefined &&
      there.freeFrom <= from &&
      room.closedUntil <= from &&
      !blocked(room, bed, from, to)
    );
  };

  const roomSuits = (index: number, person: DemoPerson): boolean => {
    const room = rooms[index];
    if (room === undefined) return false;
    if (person.alerts.includes('wheelchair') && !room.adapted) return false;
    if (person.alerts.includes('noStairs') && !room.stepFree) return false;
    return room.sexPolicy === 'any' || room.sexPolicy === 'follow' || room.sexPolicy === person.sex;
  };

  const sameSex = (room: RoomState, sex: Sex, from: number): boolean =>
    room.beds.every((bed) => bed.freeFrom <= from || bed.sex === sex);

  const needsAdapted = (person: DemoPerson): boolean =>
    person.alerts.includes('wheelchair') || person.alerts.includes('noStairs');

  /** A bed for one: shared rooms are filled first, adapted rooms are kept for those who need them. */
  const findBed = (
    person: DemoPerson,
    from: number,
    to: number,
    except = -1,
  ): { room: number; bed: number } | undefined => {
    const start = random.int(0, rooms.length - 1);
    let fallback: { room: number; bed: number } | undefined;
    let empty: { room: number; bed: number } | undefined;
    for (let step = 0; step < rooms.length; step += 1) {
      const index = (start + step) % rooms.length;
      const room = state[index];
      if (
        room === undefined ||
        index === except ||
        !roomSuits(index, person) ||
        !sameSex(room, person.sex, from)
      )
        continue;
      const bed = room.beds.findIndex((_, at) => bedFits(room, at, from, to));
      if (bed === -1) continue;
      if (rooms[index]?.adapted === true && !needsAdapted(person)) fallback ??= { room: index, bed };
      else if (room.beds.some((other) => other.freeFrom > from)) return { room: index, bed };
      else empty ??= { room: index, bed };
    }
    return empty ?? fallback;
  };

  /** A room that is empty all along, for two who belong together, or for one alone. */
  const findRoom = (
    guests: readonly DemoPerson[],
    from: number,
    to: number,
    beds: number,
  ): number | undefined => {
    const start = random.int(0, rooms.length - 1);
    for (let step = 0; step < rooms.length; step += 1) {
      const index = (start + step) % rooms.length;
      const room = state[index];
      if (
        room === undefined ||
        room.beds.length !== beds ||
        !guests.every((guest) => roomSuits(index, guest))
      )
        continue;
      if (rooms[index]?.adapted === true && !guests.some(needsAdapted)) continue;
      if (room.beds.every((_, bed) => bedFits(room, bed, from, to))) return index;
    }
    return undefined;
  };

  const take = (room: number, bed: number, from: number, to: number, sex: Sex): void => {
    const there = state[room]?.beds[bed];
    if (there === undefined) return;
    there.freeFrom = to;
    there.sex = sex;
    const spans = held[room]?.get(bed) ?? [];
    spans.push({ from, to });
    held[room]?.set(bed, spans);
  };

  const usable = (place: number, from: number): boolean => (lastDay[place] ?? Infinity) + PAUSE <= from;
  const choosePerson = (from: number, sex?: Sex): number => {
    const tries = people.length < size.people ? (random.chance(0.42) ? 6 : 0) : 60;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const place = random.int(0, people.length - 1);
      if (people.length > 0 && usable(place, from) && (sex === undefined || people[place]?.sex === sex))
        return place;
    }
    people.push(source.next(sex ?? (random.chance(0.56) ? 'F' : 'M')));
    lastDay.push(-Infinity);
    return people.length - 1;
  };

  /** The kind and length of a stay; a day on which many leave already is avoided. */
  const chooseStay = (from: number): { kind: StayKind; nights: number } => {
    let chosen: { kind: StayKind; nights: number } = { kind: 'state', nights: 14 };
    for (let attempt = 0; attempt < 8; attempt += 1) {
      chosen = random.weighted<() => { kind: StayKind; nights: number }>([
        [() => ({ kind: 'state', nights: 14 }), 62],
        [() => ({ kind: 'state', nights: 21 }), 18],
        [() => ({ kind: 'paid', nights: random.pick([3, 5, 7, 10]) }), 12],
        [() => ({ kind: 'guest', nights: random.int(3, 10) }), 8],
      ])();
      // Only today's departures are steered: other days may be busier.
      if (from + chosen.nights !== 0 || (departures.get(0) ?? 0) < size.departures) return chosen;
    }
    return { kind: 'guest', nights: from === -10 ? 9 : 10 };
  };

  const book = (stay: PlannedStay, place: number): number => {
    stays.push(stay);
    lastDay[place] = stay.to;
    if (stay.unused === undefined) departures.set(stay.to, (departures.get(stay.to) ?? 0) + 1);
    return stays.length - 1;
  };

  /** Two in one room: a client with her companion, or two clients who are a couple. Returns how many beds it took. */
  const bookPair = (from: number): number => {
    const couple = random.chance(0.3);
    const firstPlace = choosePerson(from);
    const first = people[firstPlace];
    if (first === undefined) return 0;
    lastDay[firstPlace] = Infinity;
    const secondPlace = choosePerson(from, couple ? (first.sex === 'F' ? 'M' : 'F') : undefined);
    const second = people[secondPlace];
    const to = from + (random.chance(0.8) ? 14 : 21);
    const room = second === undefined ? undefined : findRoom([first, second], from, to, 2);
    lastDay[firstPlace] = -Infinity;
    if (second === undefined || room === undefined || to === 0) return 0;
    const segment = (bed: number): PlannedSegment => ({ room, bed, from, to });
    take(room, 0, from, to, first.sex);
    take(room, 1, from, to, second.sex);
    const roomState = state[room];
    if (roomState !== undefined) roomState.closedUntil = to;
    const next = stays.length;
    book(
      {
        person: first,
        kind: 'state',
        from,
        to,
        segments: [segment(0)],
        ...(couple ? { partner: next + 1 } : {}),
      },
      firstPlace,
    );
    book(
      couple
        ? { person: second, kind: 'state', from, to, segments: [segment(1)], partner: next }
        : { person: second, kind: 'companion', from, to, segments: [segment(1)], companionOf: next },
      secondPlace,
    );
    return 2;
  };

  /** The whole room for one payer. */
  const bookPrivate = (from: number): number => {
    const place = choosePerson(from);
    const person = people[place];
    const to = from + random.pick([5, 7, 10]);
    const room = person === undefined ? undefined : findRoom([person], from, to, 2);
    if (person === undefined || room === undefined || to === 0) return 0;
    take(room, 0, from, to, person.sex);
    take(room, 1, from, to, person.sex);
    book({ person, kind: 'paid', from, to, segments: [{ room, bed: 0, from, to, privateUse: true }] }, place);
    return 2;
  };

  const bookOne = (from: number): number => {
    const place = choosePerson(from);
    const person = people[place];
    const { kind, nights } = chooseStay(from);
    const to = from + nights;
    const found = person === undefined ? undefined : findBed(person, from, to);
    if (person === undefined || found === undefined) return 0;
    const unused = random.chance(0.03)
      ? from < -1 && random.chance(0.4)
        ? 'no_show'
        : 'cancelled'
      : undefined;
    if (unused !== undefined && from !== 0) {
      book({ person, kind, from, to, segments: [{ ...found, from, to }], unused }, place);
      return 0;
    }
    const moves = nights >= 14 && from < -8 && random.chance(0.02);
    const second = moves ? findBed(person, from, to, found.room) : undefined;
    if (second === undefined) {
      take(found.room, found.bed, from, to, person.sex);
      book({ person, kind, from, to, segments: [{ ...found, from, to }] }, place);
      return 1;
    }
    // The second bed is kept from the first day on, so that both rooms stay of one sex.
    const day = from + random.int(3, 6);
    take(found.room, found.bed, from, day, person.sex);
    take(second.room, second.bed, day, to, person.sex);
    book(
      {
        person,
        kind,
        from,
        to,
        segments: [
          { ...found, from, to: day },
          { ...second, from: day, to },
        ],
      },
      place,
    );
    return 1;
  };

  for (let day = -size.daysBack; day <= size.daysAhead; day += 1) {
    const slept = state.reduce((sum, room) => sum + room.beds.filter((bed) => bed.freeFrom > day).length, 0);
    // The centre has grown: in the years before the last one a fifth of the beds stood empty more.
    const season = (day < -365 ? 0.8 : 1) + 0.05 * Math.sin((day / 365) * 2 * Math.PI);
    const near = day > -25;
    const wanted = size.occupied * (day >= 0 ? shareAhead(day) : near ? 1 : season);
    const most = Math.ceil(size.occupied / 9);
    const spread = near ? 0 : random.int(-3, 3);
    const wish =
      day === 0 ? size.arrivalsToday : Math.max(0, Math.min(most, Math.round(wanted - slept + spread)));
    let arrived = 0;
    for (let attempt = 0; arrived < wish && attempt < wish * 4; attempt += 1) {
      const left = wish - arrived;
      if (left >= 2 && random.chance(0.04)) arrived += bookPair(day);
      else if (left >= 2 && random.chance(0.01)) arrived += bookPrivate(day);
      else arrived += bookOne(day);
    }
  }

  return {
    stays,
    blocks,
    people,
    isFree: (room, bed, from, to) => {
      const spans = held[room]?.get(bed) ?? [];
      const roomState = state[room];
      if (roomState === undefined || blocked(roomState, bed, from, to)) return false;
      return !spans.some((span) => span.from < to && from < span.to);
    },
  };
}
