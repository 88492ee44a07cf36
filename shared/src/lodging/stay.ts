import { z } from 'zod';
import { centsField, dateField, idField, instantField, longText, shortText } from '../docs/fieldTypes.ts';
import type { PlainDate } from '../time/plainDate.ts';

/** Reservation (H9): who pays and on what ground; a companion has one of her own. */
export const RESERVATION_KINDS = ['state', 'paid', 'companion', 'student', 'guest', 'staff'] as const;
export const RESERVATION_STATES = ['tentative', 'confirmed', 'closed', 'cancelled'] as const;

export const reservationSchema = z.strictObject({
  reservationKind: z.enum(RESERVATION_KINDS),
  state: z.enum(RESERVATION_STATES),
  /** The service as the client knows it: "Sociālā rehabilitācija". */
  service: shortText.optional(),
  pricePerNight: centsField.optional(),
  holdUntil: instantField.optional(),
  cancelReason: shortText.optional(),
  note: longText.optional(),
  /** Number in the system that is replaced. */
  legacyNumber: z.string().max(40).optional(),
});
export type Reservation = z.infer<typeof reservationSchema>;

export const MEALS = ['breakfast', 'lunch', 'snack', 'dinner'] as const;
export type Meal = (typeof MEALS)[number];
export const BOARD_PLANS = ['full', 'breakfast', 'none'] as const;

/**
 * A part of a stay in one bed (or without one), half-open `[from, to)` in stay days; the segments of a stay are
 * ordered, gap-free and cover exactly `[arriveDate, departDate)` (I2).
 */
export const segmentSchema = z.strictObject({
  id: idField,
  bedId: idField.nullable(),
  from: dateField,
  to: dateField,
  locked: z.boolean().optional(),
  /** The whole room for one payer: holds every bed of the room (I3). */
  privateUse: z.boolean().optional(),
  reason: shortText.optional(),
});
export type StaySegment = z.infer<typeof segmentSchema>;

export const STAY_STATES = ['expected', 'in_house', 'on_leave', 'departed', 'no_show', 'cancelled'] as const;
export type StayState = (typeof STAY_STATES)[number];

/** The items of the check-in list; `identity` blocks (I15), the others are asked for. */
export const CHECKIN_ITEMS = ['identity', 'form027u', 'houseRules', 'key', 'pass'] as const;
export type CheckinItem = (typeof CHECKIN_ITEMS)[number];

const checkinItemDone = z.strictObject({
  doneAt: instantField,
  by: idField,
  /** Date of form 027/u, number of the key; never the number of a document. */
  detail: z.string().max(60).optional(),
});

/** What reception saw when the guest left; `keyReturned` is absent when no key was handed out. */
const checkoutSchema = z.strictObject({
  keyReturned: z.boolean().optional(),
  /** The room was looked through and the guest took his belongings along. */
  belongings: z.boolean(),
  note: shortText.optional(),
});
export type Checkout = z.infer<typeof checkoutSchema>;

export const staySchema = z.strictObject({
  reservationId: idField,
  personId: idField,
  /** The client's stay whom this person accompanies. */
  companionOf: idField.optional(),
  arriveDate: dateField,
  /** First meal; the day's dinner when somebody arrives after lunch. */
  arriveMeal: z.enum(MEALS).optional(),
  /** Expected time of arrival, `HH:MM` in Riga. */
  arriveTime: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  departDate: dateField,
  departMeal: z.enum(MEALS).optional(),
  segments: z.array(segmentSchema).min(1).max(60),
  state: z.enum(STAY_STATES),
  /** True when the bed was taken by somebody else first: the stay waits for a human (decision 24). */
  unconfirmed: z.boolean().optional(),
  boardPlan: z.enum(BOARD_PLANS),
  /** What the kitchen may know: a code, never the reason (C3.22, K10). */
  dietCode: z.string().max(12).optional(),
  service: shortText.optional(),
  mustShareWith: z.array(idField).max(10).optional(),
  checkin: z.partialRecord(z.enum(CHECKIN_ITEMS), checkinItemDone).optional(),
  checkedInAt: instantField.optional(),
  checkedOutAt: instantField.optional(),
  checkout: checkoutSchema.optional(),
  endReason: shortText.optional(),
  /** Users whose client this is: the scope "own clients" of specialists. */
  specialistIds: z.array(idField).max(20).optional(),
  flags: z
    .array(z.enum(['mixedRoom', 'imported']))
    .max(4)
    .optional(),
  note: longText.optional(),
});
export type Stay = z.infer<typeof staySchema>;

export const BLOCK_KINDS = ['outOfOrder', 'outOfService', 'hold', 'quarantine', 'buffer'] as const;

/** A bed or a room that cannot be given out for some nights (H11). */
export const blockSchema = z.strictObject({
  scope: z.enum(['bed', 'room']),
  targetId: idField,
  blockKind: z.enum(BLOCK_KINDS),
  from: dateField,
  to: dateField,
  reason: shortText.min(1),
  state: z.enum(['active', 'released']),
});
export type Block = z.infer<typeof blockSchema>;

/** True while the stay holds its beds: cancelled and no-show stays hold none. A departed stay held its past nights. */
export function holdsBeds(stay: Pick<Stay, 'state'>): boolean {
  return stay.state !== 'cancelled' && stay.state !== 'no_show';
}

/** In house (Mājā) = checked in and not departed (decision 26). */
export function isInHouse(stay: Pick<Stay, 'state'>): boolean {
  return stay.state === 'in_house' || stay.state === 'on_leave';
}

/** Ierodas: expected by the day, also those whose day passed without an arrival (decision 26). */
export function isDueBy(stay: Pick<Stay, 'state' | 'arriveDate'>, today: PlainDate): boolean {
  return stay.state === 'expected' && stay.arriveDate <= today;
}
