import { diffFields, type Change } from '../docs/op.ts';
import type { Fields, Json } from '../docs/json.ts';
import type { Kind } from '../docs/kinds.ts';
import { newId } from '../ids/ids.ts';
import { nightsBetween, type PlainDate } from '../time/plainDate.ts';
import { putInBed, shift, stretch, wholeStay } from './segments.ts';
import type { CheckinItem, Checkout, Reservation, Stay, StaySegment } from './stay.ts';

/**
 * A change that somebody wants, before it is an operation: the desk gives it an id, a time and an author. Commands of
 * the lodging are built here, once, and are pure: the same call gives the same changes on any desk.
 */
export interface Draft {
  readonly kind: Kind;
  readonly id: string;
  readonly siteId: string;
  /** `create`, `edit` or the command's name. */
  readonly op: string;
  readonly changes: Readonly<Record<string, Change>>;
  readonly reason?: string;
  readonly override?: readonly string[];
}

const asFields = (value: object): Fields => JSON.parse(JSON.stringify(value)) as Fields;

/** The draft that makes a document with these fields. */
export function createDraft(kind: Kind, siteId: string, fields: object, id: string = newId()): Draft {
  return { kind, id, siteId, op: 'create', changes: diffFields({}, asFields(fields)) };
}

/** The draft that takes a document from `before` to `before` with `patch` on top; `null` removes a field. */
export function patchDraft(
  kind: Kind,
  target: { id: string; siteId: string; fields: Fields },
  op: string,
  patch: Readonly<Record<string, unknown>>,
  extra: { reason?: string; override?: readonly string[] } = {},
): Draft {
  const after: Record<string, Json> = { ...target.fields };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete after[name];
    else after[name] = JSON.parse(JSON.stringify(value)) as Json;
  }
  return {
    kind,
    id: target.id,
    siteId: target.siteId,
    op,
    changes: diffFields(target.fields, after),
    ...extra,
  };
}

export interface StayTarget {
  readonly id: string;
  readonly siteId: string;
  readonly fields: Fields;
}

const stayOf = (target: StayTarget): Stay => target.fields as unknown as Stay;

export interface Booking {
  readonly siteId: string;
  readonly personId: string;
  readonly reservation: Reservation;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly bedId: string | null;
  readonly privateUse?: boolean;
  readonly boardPlan: Stay['boardPlan'];
  readonly arriveTime?: string;
  readonly arriveMeal?: Stay['arriveMeal'];
  readonly departMeal?: Stay['departMeal'];
  readonly dietCode?: string;
  readonly companionOf?: string;
}

/** A reservation and its stay: two drafts that belong together. */
export function book(booking: Booking): readonly [Draft, Draft] {
  const reservation = createDraft('reservation', booking.siteId, booking.reservation);
  const { from, to, bedId, privateUse } = booking;
  const stay = createDraft('stay', booking.siteId, {
    reservationId: reservation.id,
    personId: booking.personId,
    arriveDate: from,
    departDate: to,
    segments: wholeStay(from, to, bedId, privateUse ?? false),
    state: 'expected',
    boardPlan: booking.boardPlan,
    arriveTime: booking.arriveTime,
    arriveMeal: booking.arriveMeal,
    departMeal: booking.departMeal,
    dietCode: booking.dietCode,
    companionOf: booking.companionOf,
    service: booking.reservation.service,
  });
  return [reservation, stay];
}

/**
 * Moves a stay. An expected guest moves as a whole, to another bed, another day or both; a guest in house moves from
 * `today` on, and the nights already slept stay where they were slept (H3). So does somebody who is late and keeps his
 * day of arrival: the bed of the nights that he missed may have been another guest's.
 */
export function moveStay(
  target: StayTarget,
  to: { bedId: string | null; arriveDate: PlainDate; today: PlainDate; segmentId?: string },
  extra: { reason?: string; override?: readonly string[] } = {},
): Draft {
  const stay = stayOf(target);
  const started = stay.state === 'in_house' || stay.state === 'on_leave';
  const days = started ? 0 : nightsBetween(stay.arriveDate, to.arriveDate);
  const moved = shift(stay.segments, days);
  const segment = to.segmentId === undefined ? undefined : moved.find((part) => part.id === to.segmentId);
  const firstNight = segment?.from ?? moved[0]?.from ?? stay.arriveDate;
  const lastNight = segment?.to ?? moved.at(-1)?.to ?? stay.departDate;
  const late = days === 0 && firstNight < to.today && to.today < lastNight;
  const from = (started || late) && firstNight < to.today ? to.today : firstNight;
  return patchDraft(
    'stay',
    target,
    'stay.move',
    {
      segments: putInBed(moved, from, lastNight, to.bedId, extra.reason),
      arriveDate: moved[0]?.from ?? stay.arriveDate,
      departDate: moved.at(-1)?.to ?? stay.departDate,
      // Whoever gets a bed by a human's hand no longer waits for one.
      unconfirmed: to.bedId === null ? (stay.unconfirmed ?? null) : null,
    },
    extra,
  );
}

/** New first and last day of a stay (lengthen, shorten); its first and last bed are kept. */
export function changeDates(
  target: StayTarget,
  arriveDate: PlainDate,
  departDate: PlainDate,
  extra: { reason?: string; override?: readonly string[] } = {},
): Draft {
  const segments: StaySegment[] = stretch(stayOf(target).segments, arriveDate, departDate);
  return patchDraft('stay', target, 'stay.dates', { arriveDate, departDate, segments }, extra);
}

/** Registers the arrival (Reģistrēt ierašanos). */
export function checkIn(
  target: StayTarget,
  at: string,
  extra: { reason?: string; override?: readonly string[] } = {},
): Draft {
  return patchDraft('stay', target, 'stay.checkIn', { state: 'in_house', checkedInAt: at }, extra);
}

/**
 * Registers the departure. Somebody who leaves before the planned day frees the coming nights in the same step (I13);
 * the night of arrival is kept, because a stay has at least one. `checkout` is what was seen of key and belongings.
 */
export function checkOut(
  target: StayTarget,
  at: string,
  today: PlainDate,
  how: { readonly reason?: string | undefined; readonly checkout?: Checkout | undefined } = {},
): Draft {
  const stay = stayOf(target);
  const earliest = stay.segments[0]?.from ?? stay.arriveDate;
  const leavesEarly = today < stay.departDate && today > earliest;
  const dates = leavesEarly
    ? { departDate: today, segments: stretch(stay.segments, stay.arriveDate, today) }
    : {};
  const { reason, checkout } = how;
  return patchDraft(
    'stay',
    target,
    'stay.checkOut',
    {
      state: 'departed',
      checkedOutAt: at,
      ...dates,
      ...(checkout === undefined ? {} : { checkout }),
      ...(reason === undefined ? {} : { endReason: reason }),
    },
    reason === undefined ? {} : { reason },
  );
}

/** Cancels an expected stay, or marks a guest who did not come; the nights are free at once (I13). */
export function endUnused(target: StayTarget, state: 'cancelled' | 'no_show', reason: string): Draft {
  return patchDraft(
    'stay',
    target,
    state === 'cancelled' ? 'stay.cancel' : 'stay.noShow',
    { state, endReason: reason },
    { reason },
  );
}

/** Ticks or unticks an item of the check-in list. */
export function tickItem(
  target: StayTarget,
  item: CheckinItem,
  done: { doneAt: string; by: string; detail?: string } | null,
): Draft {
  const items: Record<string, unknown> = { ...stayOf(target).checkin };
  if (done === null) delete items[item];
  else items[item] = done;
  return patchDraft('stay', target, 'edit', { checkin: items });
}

/** Locks or unlocks the segments of a stay against moves (I9). */
export function lockStay(target: StayTarget, locked: boolean): Draft {
  const segments = stayOf(target).segments.map((segment) => ({ ...segment, locked }));
  return patchDraft('stay', target, locked ? 'stay.lock' : 'stay.unlock', { segments });
}

/** Splits a stay before the night `at`, so that its parts can be moved one by one (H3). */
export function splitStay(target: StayTarget, at: PlainDate): Draft {
  const segments = stayOf(target).segments.flatMap((segment) =>
    segment.from < at && at < segment.to
      ? [
          { ...segment, to: at },
          { ...segment, id: newId(), from: at, reason: 'split' },
        ]
      : [segment],
  );
  return patchDraft('stay', target, 'stay.split', { segments });
}

/** Two stays exchange their beds for the nights that are still to come: two drafts of one group (H4). */
export function swapBeds(a: StayTarget, b: StayTarget, today: PlainDate): readonly [Draft, Draft] {
  const next = (target: StayTarget, other: StayTarget): Draft => {
    const stay = stayOf(target);
    const theirs = stayOf(other);
    const from = stay.arriveDate < today ? today : stay.arriveDate;
    const bedId = theirs.segments.find((part) => part.to > from)?.bedId ?? null;
    return patchDraft('stay', target, 'stay.swap', {
      segments: putInBed(stay.segments, from, stay.departDate, bedId),
    });
  };
  return [next(a, b), next(b, a)];
}

/** The draft that takes an operation's changes back: what it made to what it found. */
export function reverseDraft(
  target: { kind: Kind; id: string; siteId: string },
  changes: Readonly<Record<string, Change>>,
  op: string,
): Draft {
  const back: Record<string, Change> = {};
  for (const [field, change] of Object.entries(changes))
    back[field] = { before: change.after, after: change.before };
  return { ...target, op, changes: back };
}
