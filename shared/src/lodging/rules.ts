import { jsonEqual, type Fields, type Json } from '../docs/json.ts';
import type { Person } from '../people/person.ts';
import type { Known, World } from '../rules/world.ts';
import { violation, type Violation } from '../rules/violation.ts';
import { formatDate, fromEpochDay, nightsBetween, toEpochDay, type PlainDate } from '../time/plainDate.ts';
import { eachNight, holding, overlaps, segmentOn, spansOf } from './nights.ts';
import type { Bed, Room } from './places.ts';
import { coversExactly } from './segments.ts';
import { holdsBeds, type Block, type Stay, type StaySegment, type StayState } from './stay.ts';

/** The steps between states of a stay (lodging-catering 3.2); `undo` takes the last step back on purpose. */
const STEPS: Readonly<Record<StayState, readonly StayState[]>> = {
  expected: ['in_house', 'no_show', 'cancelled'],
  in_house: ['on_leave', 'departed'],
  on_leave: ['in_house', 'departed'],
  departed: [],
  no_show: [],
  cancelled: [],
};
const UNDO_STEPS: Readonly<Record<StayState, readonly StayState[]>> = {
  expected: [],
  in_house: ['expected', 'on_leave'],
  on_leave: ['in_house'],
  departed: ['in_house', 'on_leave'],
  no_show: ['expected'],
  cancelled: ['expected'],
};

/** True when a stay may go from one state to the other. */
export function mayStep(from: StayState, to: StayState, undo: boolean): boolean {
  return from === to || STEPS[from].includes(to) || (undo && UNDO_STEPS[from].includes(to));
}

export interface StayJudgement {
  readonly id: string;
  readonly before: Stay | undefined;
  readonly after: Stay;
  /** The operation takes another one back. */
  readonly undo: boolean;
  readonly world: World;
}

function roomOfBed(world: World, bedId: string): { id: string; room: Room } | undefined {
  const bed = world.get('bed', bedId) as unknown as Bed | undefined;
  const room = bed && (world.get('room', bed.roomId) as unknown as Room | undefined);
  return bed && room ? { id: bed.roomId, room } : undefined;
}

/** The nights of `after` that `before` did not have in the same bed: what a rule about beds is asked of. */
function newNights(before: Stay | undefined, after: Stay): { night: PlainDate; bedId: string }[] {
  if (!holdsBeds(after)) return [];
  const nights: { night: PlainDate; bedId: string }[] = [];
  for (const segment of after.segments) {
    if (segment.bedId === null) continue;
    for (const night of eachNight(segment.from, segment.to)) {
      const had = before !== undefined && holdsBeds(before) ? segmentOn(before, night) : undefined;
      if (had?.bedId !== segment.bedId) nights.push({ night, bedId: segment.bedId });
    }
  }
  return nights;
}

function spanParams(nights: readonly PlainDate[]): { from: string; to: string } {
  const span = spansOf(nights.map(toEpochDay))[0];
  if (span === undefined) return { from: '', to: '' };
  return { from: formatDate(fromEpochDay(span.from)), to: formatDate(fromEpochDay(span.to)) };
}

/** A year of study with its holidays; whatever is longer is a slip of the keyboard. */
const MAX_NIGHTS = 400;

/** I2: segments are ordered, gap-free and cover exactly `[arriveDate, departDate)`. */
function ruleI2({ after }: StayJudgement): Violation[] {
  if (after.arriveDate >= after.departDate) return [violation('I2', 'arriveBeforeDepart')];
  if (nightsBetween(after.arriveDate, after.departDate) > MAX_NIGHTS) {
    return [violation('I2', 'stayTooLong', { nights: String(MAX_NIGHTS) })];
  }
  return coversExactly(after.segments, after.arriveDate, after.departDate)
    ? []
    : [violation('I2', 'segmentsGap')];
}

/** States: only the steps of the table; arrival is registered from its day on, with a checked document and a bed (I15). */
function ruleStates({ before, after, undo, world }: StayJudgement): Violation[] {
  const from = before?.state ?? 'expected';
  if (!mayStep(from, after.state, undo))
    return [violation('states', 'wrongState', { from, to: after.state })];
  if (after.state !== 'in_house' || from !== 'expected') return [];
  const found: Violation[] = [];
  if (world.today < after.arriveDate)
    found.push(violation('I15', 'tooEarly', { from: formatDate(after.arriveDate) }));
  if (after.checkin?.identity === undefined) found.push(violation('I15', 'identityUnchecked', {}, true));
  // Whoever lost the bed to another claim is here all the same (decision 24); the task says that a bed is wanted.
  const bedless = (segmentOn(after, world.today) ?? after.segments.at(-1))?.bedId === null;
  if (bedless && after.unconfirmed !== true) {
    found.push(violation('I15', 'noBed', {}, true));
  }
  return found;
}

/** I5: who may sleep in the room, night by night; with `follow` the sex of those already there decides. */
function ruleI5(judgement: StayJudgement): Violation[] {
  const { world, after, id } = judgement;
  const sex = (world.get('person', after.personId) as unknown as Person | undefined)?.sex;
  if (sex === undefined) return [];
  const refused = new Map<string, PlainDate[]>();
  for (const { night, bedId } of newNights(judgement.before, after)) {
    const place = roomOfBed(world, bedId);
    if (place === undefined || place.room.sexPolicy === 'any') continue;
    const bad =
      place.room.sexPolicy === 'follow'
        ? hasOtherSex(world, place.id, night, nextDay(night), id, after)
        : place.room.sexPolicy !== sex;
    if (bad) refused.set(place.room.number, [...(refused.get(place.room.number) ?? []), night]);
  }
  return [...refused].map(([room, nights]) =>
    violation('I5', 'roomSex', { room, ...spanParams(nights) }, true),
  );
}

/**
 * True when somebody of the other sex sleeps in the room in the nights `[from, to)`, but the guest's own companion or
 * client, or somebody with whom the guest is to share a room.
 */
export function hasOtherSex(
  world: World,
  roomId: string,
  from: PlainDate,
  to: PlainDate,
  id: string,
  guest: Pick<Stay, 'personId' | 'companionOf' | 'mustShareWith'>,
): boolean {
  const sex = (world.get('person', guest.personId) as unknown as Person | undefined)?.sex;
  if (sex === undefined) return false;
  const except = [id, guest.companionOf ?? '', ...(guest.mustShareWith ?? [])];
  const there = holding(world.staysInRoom(roomId, from, to));
  return there.some(({ id, stay }) => {
    if (except.includes(id) || except.includes(stay.personId) || except.includes(stay.companionOf ?? '-'))
      return false;
    const other = (world.get('person', stay.personId) as unknown as Person | undefined)?.sex;
    return other !== undefined && other !== sex;
  });
}

const nextDay = (day: PlainDate): PlainDate => fromEpochDay(toEpochDay(day) + 1);

/** I6: hard needs are met by the room in every night: a wheelchair by an adapted room, "no stairs" by a step-free one. */
function ruleI6(judgement: StayJudgement): Violation[] {
  const { world, after } = judgement;
  const alerts = (world.get('person', after.personId) as unknown as Person | undefined)?.alerts ?? [];
  if (!alerts.includes('wheelchair') && !alerts.includes('noStairs')) return [];
  const rooms = new Map<string, Room>();
  for (const { bedId } of newNights(judgement.before, after)) {
    const place = roomOfBed(world, bedId);
    if (place) rooms.set(place.id, place.room);
  }
  return [...rooms.values()].flatMap((room) => {
    if (alerts.includes('wheelchair') && !room.adapted)
      return [violation('I6', 'roomNotAdapted', { room: room.number }, true)];
    if (alerts.includes('noStairs') && room.stepFree !== true && !room.adapted) {
      return [violation('I6', 'roomStairs', { room: room.number }, true)];
    }
    return [];
  });
}

/** I7: a companion never outlives the stay she accompanies without a conversion. */
function ruleI7({ after, world }: StayJudgement): Violation[] {
  if (after.companionOf === undefined || !holdsBeds(after)) return [];
  const client = world.get('stay', after.companionOf) as unknown as Stay | undefined;
  if (client === undefined || after.departDate <= client.departDate) return [];
  return [violation('I7', 'companionOutlives', { to: formatDate(client.departDate) }, true)];
}

const plain = (segment: StaySegment): Json =>
  ({ ...segment, locked: segment.locked ?? false }) as unknown as Json;
const sameSegment = (a: StaySegment, b: StaySegment): boolean => jsonEqual(plain(a), plain(b));

/** I9: a locked segment keeps its bed and its nights until it is unlocked. */
function ruleI9({ before, after }: StayJudgement): Violation[] {
  for (const segment of before?.segments ?? []) {
    if (segment.locked !== true) continue;
    const now = after.segments.find((candidate) => candidate.id === segment.id);
    const unlocked =
      now !== undefined && now.locked !== true && sameSegment(now, { ...segment, locked: false });
    if (unlocked || (now !== undefined && sameSegment(now, segment))) continue;
    return [violation('I9', 'segmentLocked')];
  }
  return [];
}

const wasSlept = ({ state }: Pick<Stay, 'state'>): boolean =>
  state === 'in_house' || state === 'on_leave' || state === 'departed';

/**
 * I10: past nights are immutable, except by a correction with a reason. Nights that passed while nobody came were slept
 * by nobody and bind nobody: they may be given back, moved or parked with the stay. Nobody may claim them anew, though,
 * and nobody was in another bed than the one that was kept for him.
 */
function ruleI10({ before, after, undo, world }: StayJudgement): Violation[] {
  const firstDay =
    before !== undefined && before.arriveDate < after.arriveDate ? before.arriveDate : after.arriveDate;
  const lastDay =
    before !== undefined && before.departDate > after.departDate ? before.departDate : after.departDate;
  const until = lastDay < world.today ? lastDay : world.today;
  const missed = before !== undefined && !wasSlept(before);
  const changed = eachNight(firstDay, until).filter((night) => {
    const had = before !== undefined && holdsBeds(before) ? (segmentOn(before, night)?.bedId ?? null) : null;
    const has = holdsBeds(after) ? (segmentOn(after, night)?.bedId ?? null) : null;
    if (had === has) return false;
    if (!missed) return true;
    const wasHis = before.arriveDate <= night && night < before.departDate;
    return has !== null && (wasSlept(after) || !(wasHis || undo));
  });
  return changed.length === 0 ? [] : [violation('I10', 'pastNights', spanParams(changed), true)];
}

/** I16: two stays of one person never overlap. */
function ruleI16({ id, after, world }: StayJudgement): Violation[] {
  if (!holdsBeds(after)) return [];
  const other = holding(world.staysOfPerson(after.personId)).find(
    (entry) =>
      entry.id !== id &&
      overlaps(after.arriveDate, after.departDate, entry.stay.arriveDate, entry.stay.departDate),
  );
  if (other === undefined) return [];
  if (other.hidden === true) return [violation('I16', 'stayOverlapHidden')];
  return [
    violation('I16', 'stayOverlap', {
      from: formatDate(other.stay.arriveDate),
      to: formatDate(other.stay.departDate),
    }),
  ];
}

const STAY_RULES: readonly {
  readonly touches: readonly string[];
  readonly rule: (j: StayJudgement) => Violation[];
}[] = [
  { touches: ['segments', 'arriveDate', 'departDate'], rule: ruleI2 },
  { touches: ['state'], rule: ruleStates },
  { touches: ['segments', 'personId', 'state'], rule: ruleI5 },
  { touches: ['segments', 'personId', 'state'], rule: ruleI6 },
  { touches: ['departDate', 'companionOf', 'state'], rule: ruleI7 },
  { touches: ['segments'], rule: ruleI9 },
  { touches: ['segments', 'state'], rule: ruleI10 },
  { touches: ['arriveDate', 'departDate', 'personId', 'state'], rule: ruleI16 },
];

/** The rules of a stay that the change touches: old data is judged only on what an edit touches. */
export function judgeStay(judgement: StayJudgement, touched: ReadonlySet<string>): Violation[] {
  const found: Violation[] = [];
  for (const { touches, rule } of STAY_RULES) {
    if (!touches.some((field) => touched.has(field))) continue;
    found.push(...rule(judgement));
    // Without a sound chain the other rules would ask about nights that are not there.
    if (rule === ruleI2 && found.length > 0) return found;
  }
  return found;
}

/** Three years: a house that is rebuilt. */
const MAX_BLOCK_NIGHTS = 1_100;

/** A block has its end after its start, and no end in another age. */
export function judgeBlock(after: Block): Violation[] {
  const sound = after.from < after.to && nightsBetween(after.from, after.to) <= MAX_BLOCK_NIGHTS;
  return sound ? [] : [violation('block', 'blockDates')];
}

export interface BedClaim {
  readonly bedId: string;
  readonly from: PlainDate;
  readonly to: PlainDate;
  /** Who is there: a stay or a block. */
  readonly holder: Known;
  readonly holderKind: 'stay' | 'block';
}

/** Who else holds beds that the stay wants (I1, I3), with the nights; what a desk shows before it lets a bar be dropped. */
export function claimsAgainst(id: string, after: Stay, world: World): BedClaim[] {
  if (!holdsBeds(after)) return [];
  const claims: BedClaim[] = [];
  for (const segment of after.segments) {
    if (segment.bedId === null) continue;
    const roomId = (world.get('bed', segment.bedId) as unknown as Bed | undefined)?.roomId;
    if (roomId === undefined) continue;
    const wanted =
      segment.privateUse === true ? world.bedsOfRoom(roomId).map((bed) => bed.id) : [segment.bedId];
    for (const other of holding(world.staysInRoom(roomId, segment.from, segment.to))) {
      if (other.id === id) continue;
      for (const theirs of other.stay.segments) {
        if (theirs.bedId === null || !overlaps(segment.from, segment.to, theirs.from, theirs.to)) continue;
        const held =
          theirs.privateUse === true ? world.bedsOfRoom(roomId).map((bed) => bed.id) : [theirs.bedId];
        const bedId = wanted.find((bed) => held.includes(bed));
        if (bedId === undefined) continue;
        claims.push({
          bedId,
          from: segment.from > theirs.from ? segment.from : theirs.from,
          to: segment.to < theirs.to ? segment.to : theirs.to,
          holder: other,
          holderKind: 'stay',
        });
      }
    }
    for (const bedId of wanted) {
      for (const block of world.blocksOf(bedId, segment.from, segment.to)) {
        const fields = block.fields as unknown as Block;
        claims.push({
          bedId,
          from: segment.from > fields.from ? segment.from : fields.from,
          to: segment.to < fields.to ? segment.to : fields.to,
          holder: block,
          holderKind: 'block',
        });
      }
    }
  }
  return claims;
}

/** The claims as refusals in words. */
export function bedViolations(claims: readonly BedClaim[], bedLabel: (bedId: string) => string): Violation[] {
  return claims.map((claim) => {
    const params = { bed: bedLabel(claim.bedId), from: formatDate(claim.from), to: formatDate(claim.to) };
    if (claim.holderKind === 'stay') return violation('I1', 'bedTaken', params);
    const reason = claim.holder.fields['reason'];
    return violation('I1', 'bedBlocked', { ...params, reason: typeof reason === 'string' ? reason : '' });
  });
}

/** `214 B`: a bed by its room's number and its own letter. */
export function bedLabel(
  get: (kind: 'bed' | 'room', id: string) => Fields | undefined,
  bedId: string,
): string {
  const bed = get('bed', bedId) as unknown as Bed | undefined;
  const room = bed && (get('room', bed.roomId) as unknown as Room | undefined);
  return bed && room ? `${room.number} ${bed.label}` : '—';
}
