import type { Fields } from '@sivis/shared/docs/json.ts';
import type { CheckinItem, Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, formatDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { DemoDoc } from './doc.ts';
import type { IdSource } from './ids.ts';
import type { PlannedStay } from './plan.ts';
import type { DemoRoom } from './places.ts';
import type { Random } from './random.ts';

const SERVICE: Readonly<Record<PlannedStay['kind'], string>> = {
  state: 'Sociālā rehabilitācija',
  paid: 'Maksas kurss',
  guest: 'Viesu izmitināšana',
  companion: 'Pavadošā persona',
};
const PRICE: Readonly<Record<PlannedStay['kind'], number>> = {
  state: 0,
  paid: 4_200,
  guest: 3_400,
  companion: 2_850,
};

/** What the kitchen may know (K10): codes only. */
const DIETS = ['BG', 'BL', 'CD', 'VEG', 'MIKSTA'] as const;

export interface StayContext {
  readonly random: Random;
  readonly newId: IdSource;
  readonly today: PlainDate;
  readonly rooms: readonly DemoRoom[];
  readonly receptionIds: readonly string[];
}

export interface StayIds {
  readonly reservationId: string;
  readonly stayId: string;
  readonly companionOf?: string;
  readonly mustShareWith?: readonly string[];
  readonly specialistIds?: readonly string[];
  /** The stay waits for a bed: somebody else holds the one that it wanted. */
  readonly bedless?: boolean;
  readonly onLeave?: boolean;
}

/** An hour of the day in Riga's winter, as an instant; what was done is always done before today. */
const instant = (date: PlainDate, hour: number, minute: number): string =>
  `${date}T${String(hour - 2).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.000Z`;

function stateOf(plan: PlannedStay, ids: StayIds): Stay['state'] {
  if (plan.unused !== undefined) return plan.unused;
  if (plan.to < 0) return 'departed';
  if (plan.from >= 0) return 'expected';
  return ids.onLeave === true ? 'on_leave' : 'in_house';
}

/** The check-in list: done for those who are here, begun for those who come today. Of those long gone nothing is kept. */
function checkinOf(context: StayContext, plan: PlannedStay, state: Stay['state']): Fields | undefined {
  const { random, today, rooms } = context;
  const by = random.pick(context.receptionIds);
  const done = (at: string, detail?: string): Fields => ({
    doneAt: at,
    by,
    ...(detail === undefined ? {} : { detail }),
  });
  const issued = (day: number): string => formatDate(addDays(today, day));
  if (state === 'in_house' || state === 'on_leave') {
    const at = instant(addDays(today, plan.from), random.int(9, 17), random.int(0, 59));
    const first = plan.segments[0];
    const room = first === undefined ? undefined : rooms[first.room];
    const items: readonly (readonly [CheckinItem, Fields])[] = [
      ['identity', done(at)],
      ['form027u', done(at, issued(plan.from - random.int(3, 28)))],
      ['houseRules', done(at)],
      ['key', done(at, `${room?.number ?? ''}-${(first?.bed ?? 0) + 1}`)],
      ['pass', done(at)],
    ];
    return Object.fromEntries(items.filter(([item]) => item !== 'pass' || random.chance(0.4)));
  }
  if (state !== 'expected' || plan.from !== 0 || plan.kind === 'guest') return undefined;
  const at = instant(addDays(today, -1), random.int(10, 16), random.int(0, 59));
  return {
    // One in eight has a form that is older than the month that is asked for.
    ...(random.chance(0.7)
      ? { form027u: done(at, issued(random.chance(1 / 8) ? -41 : -random.int(3, 28))) }
      : {}),
    ...(random.chance(0.3) ? { identity: done(at) } : {}),
    ...(random.chance(0.25) ? { houseRules: done(at) } : {}),
  };
}

const ARRIVAL_TIMES = [
  '09:30',
  '10:00',
  '10:30',
  '11:00',
  '11:30',
  '12:00',
  '13:00',
  '13:30',
  '14:00',
  '15:00',
  '16:30',
];

/** The reservation and the stay of a planned one. */
export function stayDocs(context: StayContext, plan: PlannedStay, ids: StayIds): [DemoDoc, DemoDoc] {
  const { random, newId, today, rooms } = context;
  const date = (day: number): PlainDate => addDays(today, day);
  const state = stateOf(plan, ids);
  const near = plan.from >= -60;
  const arriveTime = near ? random.pick(ARRIVAL_TIMES) : undefined;
  const checkin = near ? checkinOf(context, plan, state) : undefined;
  const came = state === 'departed' || state === 'in_house' || state === 'on_leave';
  const service = SERVICE[plan.kind];
  const full = plan.kind !== 'guest';
  const reservation: Fields = {
    reservationKind: plan.kind,
    state:
      state === 'cancelled'
        ? 'cancelled'
        : state === 'departed' || state === 'no_show'
          ? 'closed'
          : 'confirmed',
    service,
    pricePerNight: PRICE[plan.kind],
    ...(state === 'cancelled'
      ? { cancelReason: random.pick(['Slimība', 'Ģimenes apstākļi', 'Pārcelts']) }
      : {}),
  };
  const stay: Fields = {
    reservationId: ids.reservationId,
    personId: plan.person.id,
    ...(ids.companionOf === undefined ? {} : { companionOf: ids.companionOf }),
    ...(ids.mustShareWith === undefined ? {} : { mustShareWith: ids.mustShareWith }),
    arriveDate: date(plan.from),
    ...(full ? { arriveMeal: random.chance(0.8) ? 'lunch' : 'dinner' } : {}),
    ...(arriveTime === undefined ? {} : { arriveTime }),
    departDate: date(plan.to),
    ...(full ? { departMeal: 'breakfast' } : {}),
    segments: plan.segments.map((segment, index) => ({
      id: newId(),
      bedId: ids.bedless === true ? null : (rooms[segment.room]?.beds[segment.bed]?.id ?? null),
      from: date(segment.from),
      to: date(segment.to),
      ...(segment.privateUse === true ? { privateUse: true } : {}),
      ...(index > 0 ? { reason: 'Pārvietots pēc lūguma' } : {}),
    })),
    state,
    ...(ids.bedless === true ? { unconfirmed: true } : {}),
    boardPlan: full ? 'full' : 'breakfast',
    ...(full && random.chance(0.16) ? { dietCode: random.pick(DIETS) } : {}),
    service,
    ...(checkin === undefined || Object.keys(checkin).length === 0 ? {} : { checkin }),
    ...(came ? { checkedInAt: instant(date(plan.from), random.int(9, 17), random.int(0, 59)) } : {}),
    ...(state === 'departed'
      ? { checkedOutAt: instant(date(plan.to), random.int(8, 11), random.int(0, 59)) }
      : {}),
    ...(ids.specialistIds === undefined ? {} : { specialistIds: ids.specialistIds }),
  };
  return [
    { id: ids.reservationId, kind: 'reservation', fields: reservation },
    { id: ids.stayId, kind: 'stay', fields: stay },
  ];
}
