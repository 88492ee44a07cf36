import type { Fields } from '@sivis/shared/docs/json.ts';
import { offerBeds } from '@sivis/shared/lodging/availability.ts';
import { moveStay, patchDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import type { Known } from '@sivis/shared/rules/world.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';
import { deskWorld } from '../../data/desk/world.ts';

/** How many free beds are looked for when the service's proposals are gone. */
const PROPOSE = 3;

type StayDoc = DeskDoc<'stay'>;

const targetOf = (stay: StayDoc) => ({
  id: stay.id,
  siteId: stay.siteId,
  fields: stay.fields as unknown as Fields,
});

/** The stay that waits for a bed, and those that hold it, as far as the desk has them. */
export function clashStays(
  desk: Pick<Desk, 'get'>,
  task: DeskDoc<'task'>,
): { readonly waiting: StayDoc | null; readonly others: readonly StayDoc[] } {
  const stays = (task.fields.stayIds ?? []).flatMap((id) => desk.get('stay', id) ?? []);
  const waiting = stays.find((stay) => stay.fields.unconfirmed === true) ?? stays[0] ?? null;
  return { waiting, others: stays.filter((stay) => stay !== waiting) };
}

/** The task is done because the guest has a bed; the service closes it with the same words. */
function closes(task: DeskDoc<'task'>): Draft {
  const target = { id: task.id, siteId: task.siteId, fields: task.fields as unknown as Fields };
  return patchDraft('task', target, 'edit', { state: 'done', resolution: 'bedGiven' });
}

/** Puts the waiting guest into a bed for the whole stay and closes the task. */
export function putIn(
  task: DeskDoc<'task'>,
  waiting: StayDoc,
  bedId: string,
  today: PlainDate,
): readonly Draft[] {
  const move = moveStay(targetOf(waiting), { bedId, arriveDate: waiting.fields.arriveDate, today });
  return [move, closes(task)];
}

/** Moves a guest out of a bed that is closed; the task stays open until all are moved. */
export function relocate(stay: StayDoc, bedId: string, today: PlainDate): Draft {
  return moveStay(targetOf(stay), { bedId, arriveDate: stay.fields.arriveDate, today });
}

/**
 * The waiting guest takes the claimed bed, the other one a free one: both at once or not at all. `null` when the other
 * guest is in the house (nobody who is checked in is displaced) or no other bed is known.
 */
export function exchange(
  task: DeskDoc<'task'>,
  waiting: StayDoc,
  other: StayDoc,
  freeBedId: string | undefined,
  today: PlainDate,
): readonly Draft[] | null {
  const bedId = task.fields.bedId;
  if (bedId === undefined || freeBedId === undefined || other.fields.state !== 'expected') return null;
  return [
    moveStay(targetOf(other), { bedId: freeBedId, arriveDate: other.fields.arriveDate, today }),
    moveStay(targetOf(waiting), { bedId, arriveDate: waiting.fields.arriveDate, today }),
    closes(task),
  ];
}

/** Beds that are free now for the whole stay: the service's proposals first, then what the desk itself finds. */
export function freeBeds(
  desk: Desk,
  stay: StayDoc,
  proposed: readonly string[],
  today: PlainDate,
): readonly string[] {
  const { arriveDate, departDate, personId } = stay.fields;
  const from = arriveDate < today ? today : arriveDate;
  if (from >= departDate) return [];
  const world = deskWorld(desk, today);
  const known = (doc: { id: string; fields: unknown }): Known => ({
    id: doc.id,
    fields: doc.fields as Fields,
  });
  const wish = { stayId: stay.id, personId, from, to: departDate };
  const still = proposed.flatMap((id) => {
    const bed = desk.get('bed', id);
    return bed === undefined ? [] : offerBeds(wish, [known(bed)], world, 1).map((offer) => offer.bedId);
  });
  if (still.length > 0) return still;
  const beds = [...desk.all('bed').values()].filter((bed) => bed.siteId === stay.siteId).map(known);
  return offerBeds(wish, beds, world, PROPOSE).map((offer) => offer.bedId);
}
