import { holdsBeds, type Stay } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { EpochDay } from '../../../ui/tape/model.ts';
import type { Desk, DeskChange, DeskDoc } from '../../../data/desk/desk.ts';

/** The figures of one day at the foot of the room plan. */
export interface DayFigures {
  /** Free beds in rooms that only women (men) may have: by policy or by who is there (decision 25). */
  readonly freeWomen: number;
  readonly freeMen: number;
  /** All free beds, those above among them. */
  readonly free: number;
  /** Free beds in adapted rooms. */
  readonly freeAdapted: number;
  readonly arrivals: number;
  readonly departures: number;
}

interface Counters {
  readonly women: Int16Array;
  readonly men: Int16Array;
  readonly free: Int16Array;
  readonly adapted: Int16Array;
}

const counters = (count: number): Counters => ({
  women: new Int16Array(count),
  men: new Int16Array(count),
  free: new Int16Array(count),
  adapted: new Int16Array(count),
});

/** Who sleeps in a room, as bits: a woman, a man. */
const WOMAN = 1;
const MAN = 2;

/** The free beds of one room for `count` nights from `first`; a night is never summed over overlapping stays (I4). */
function roomNights(desk: Desk, room: DeskDoc<'room'>, first: EpochDay, count: number): Counters {
  const out = counters(count);
  const beds = desk.bedsOfRoom(room.id);
  const sexes = new Uint8Array(count);
  const taken = beds.map(() => new Uint8Array(count));
  const place = new Map(beds.map((bed, index) => [bed.id, index]));
  const mark = (bedIndex: number, from: string, to: string): void => {
    const start = Math.max(0, toEpochDay(from) - first);
    const end = Math.min(count, toEpochDay(to) - first);
    if (start < end) taken[bedIndex]?.fill(1, start, end);
  };

  const seen = new Set<string>();
  for (const bed of beds) {
    for (const stay of desk.staysOfBed(bed.id)) {
      if (seen.has(stay.id) || !holdsBeds(stay.fields)) continue;
      seen.add(stay.id);
      const sex = desk.get('person', stay.fields.personId)?.fields.sex;
      const bit = sex === 'F' ? WOMAN : sex === 'M' ? MAN : 0;
      for (const segment of stay.fields.segments) {
        const index = segment.bedId === null ? undefined : place.get(segment.bedId);
        if (index === undefined) continue;
        if (segment.privateUse === true)
          for (const each of place.values()) mark(each, segment.from, segment.to);
        else mark(index, segment.from, segment.to);
        const start = Math.max(0, toEpochDay(segment.from) - first);
        const end = Math.min(count, toEpochDay(segment.to) - first);
        for (let night = start; night < end; night += 1) sexes[night] = (sexes[night] ?? 0) | bit;
      }
    }
  }
  for (const target of [room.id, ...place.keys()]) {
    for (const { fields } of desk.blocksOfTarget(target)) {
      if (fields.state !== 'active') continue;
      const indexes = fields.scope === 'room' ? [...place.values()] : [place.get(fields.targetId) ?? -1];
      for (const index of indexes) mark(index, fields.from, fields.to);
    }
  }

  const policy = room.fields.sexPolicy;
  for (let night = 0; night < count; night += 1) {
    let free = 0;
    for (const bed of taken) free += 1 - (bed[night] ?? 0);
    out.free[night] = free;
    if (room.fields.adapted) out.adapted[night] = free;
    const there = sexes[night] ?? 0;
    if (policy === 'F' || (policy === 'follow' && there === WOMAN)) out.women[night] = free;
    if (policy === 'M' || (policy === 'follow' && there === MAN)) out.men[night] = free;
  }
  return out;
}

function add(sum: Counters, part: Counters, sign: 1 | -1): void {
  for (const name of ['women', 'men', 'free', 'adapted'] as const) {
    const [to, from] = [sum[name], part[name]];
    for (let i = 0; i < to.length; i += 1) to[i] = (to[i] ?? 0) + sign * (from[i] ?? 0);
  }
}

export interface BoardFooter {
  /** Takes over what changed since the last time; only the rooms concerned are counted again. */
  update(change: Pick<DeskChange, 'ids' | 'kinds'>): void;
  figures(day: EpochDay): DayFigures;
}

/** The figures of the days `[first, first + count)`; counted once, then kept by the desk's changes. */
export function createBoardFooter(
  desk: Desk,
  first: EpochDay,
  count: number,
  siteIds: readonly string[],
): BoardFooter {
  let sum = counters(count);
  let byRoom = new Map<string, Counters>();
  let arrivals = new Int16Array(count);
  let departures = new Int16Array(count);
  /** What each stay was counted with: the days and the rooms. */
  let ofStay = new Map<string, { from: number; to: number; rooms: readonly string[] }>();
  /** The rooms of each block, also of one that is gone by now. */
  let ofBlock = new Map<string, readonly string[]>();

  const roomOf = (bedId: string | null): string[] => {
    const id = bedId === null ? undefined : desk.get('bed', bedId)?.fields.roomId;
    return id === undefined ? [] : [id];
  };
  const inRange = (index: number): boolean => index >= 0 && index < count;

  function countStay(id: string, sign: 1 | -1, entry: { from: number; to: number }): void {
    if (inRange(entry.from)) arrivals[entry.from] = (arrivals[entry.from] ?? 0) + sign;
    if (inRange(entry.to)) departures[entry.to] = (departures[entry.to] ?? 0) + sign;
    if (sign === -1) ofStay.delete(id);
  }

  /** Counts a stay anew; returns the rooms that it touched before or touches now. */
  function takeStay(id: string): readonly string[] {
    const before = ofStay.get(id);
    if (before !== undefined) countStay(id, -1, before);
    const stay = desk.get('stay', id);
    const fields = stay?.fields as (Stay & { segments?: Stay['segments'] }) | undefined;
    if (stay === undefined || fields?.segments === undefined || !siteIds.includes(stay.siteId))
      return before?.rooms ?? [];
    if (!holdsBeds(fields)) return before?.rooms ?? [];
    const entry = {
      from: toEpochDay(fields.arriveDate) - first,
      to: toEpochDay(fields.departDate) - first,
      rooms: fields.segments.flatMap((segment) => roomOf(segment.bedId)),
    };
    ofStay.set(id, entry);
    countStay(id, 1, entry);
    return [...(before?.rooms ?? []), ...entry.rooms];
  }

  function takeBlock(id: string): readonly string[] {
    const before = ofBlock.get(id) ?? [];
    const block = desk.get('block', id)?.fields;
    const rooms =
      block === undefined ? [] : block.scope === 'room' ? [block.targetId] : roomOf(block.targetId);
    ofBlock.set(id, rooms);
    return [...before, ...rooms];
  }

  function takeRoom(roomId: string): void {
    const before = byRoom.get(roomId);
    if (before !== undefined) add(sum, before, -1);
    byRoom.delete(roomId);
    const room = desk.get('room', roomId);
    if (room === undefined || !siteIds.includes(room.siteId)) return;
    const now = roomNights(desk, room, first, count);
    byRoom.set(roomId, now);
    add(sum, now, 1);
  }

  function all(): void {
    sum = counters(count);
    byRoom = new Map();
    ofStay = new Map();
    ofBlock = new Map();
    arrivals = new Int16Array(count);
    departures = new Int16Array(count);
    for (const id of desk.all('stay').keys()) takeStay(id);
    for (const id of desk.all('block').keys()) takeBlock(id);
    for (const id of desk.all('room').keys()) takeRoom(id);
  }
  all();

  return {
    update({ ids, kinds }) {
      if (kinds.has('room') || kinds.has('bed')) {
        all();
        return;
      }
      const rooms = new Set<string>();
      for (const id of ids) {
        if (ofStay.has(id) || desk.get('stay', id) !== undefined) {
          for (const room of takeStay(id)) rooms.add(room);
        }
        if (ofBlock.has(id) || desk.get('block', id) !== undefined) {
          for (const room of takeBlock(id)) rooms.add(room);
        }
        if (kinds.has('person') && desk.get('person', id) !== undefined) {
          for (const stay of desk.staysOfPerson(id)) {
            for (const segment of stay.fields.segments)
              for (const room of roomOf(segment.bedId)) rooms.add(room);
          }
        }
      }
      for (const room of rooms) takeRoom(room);
    },
    figures(day) {
      const at = day - first;
      return {
        freeWomen: sum.women[at] ?? 0,
        freeMen: sum.men[at] ?? 0,
        free: sum.free[at] ?? 0,
        freeAdapted: sum.adapted[at] ?? 0,
        arrivals: arrivals[at] ?? 0,
        departures: departures[at] ?? 0,
      };
    },
  };
}
