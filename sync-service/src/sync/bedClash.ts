import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { offerBeds } from '@sivis/shared/lodging/availability.ts';
import { putInBed } from '@sivis/shared/lodging/segments.ts';
import { nightsOf, segmentOn, spansOf } from '@sivis/shared/lodging/nights.ts';
import { isInHouse, type Stay, type StaySegment } from '@sivis/shared/lodging/stay.ts';
import type { Known, World } from '@sivis/shared/rules/world.ts';
import { fromEpochDay, toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { BedNight, StoredDoc, WriteTx } from '../store/store.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { roomBedsOf } from './roomBeds.ts';
import { putServiceDoc } from './serviceDoc.ts';
import type { Staged } from './workspace.ts';

/**
 * Two claims to one bed (decision 24). The one who reached the service first holds it; the second stay is kept without
 * the bed and unconfirmed. A guest who is checked in is never displaced: against expected guests he keeps or gets the
 * bed and they give way; against another guest in house he keeps the bed that he had. Returns the claimant's fields to
 * claim with next.
 */
export async function giveWay(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  claim: Staged,
  conflicts: readonly BedNight[],
  isHere: boolean,
): Promise<Fields> {
  const stay = claim.fields as unknown as Stay;
  const inHouse = isInHouse(stay) || isHere;
  const holders = await tx.docs([...new Set(conflicts.map((night) => night.holderId))]);
  const expected = holders.every(
    (doc) =>
      doc.kind === 'stay' && !isInHouse(doc.fields as unknown as Stay) && doc.fields['state'] === 'expected',
  );
  if (inHouse && expected && holders.length > 0) {
    for (const holder of holders) await displace(tx, actor, env, holder, conflicts, claim.id);
    return claim.fields;
  }
  const before = claim.before?.fields as unknown as Stay | undefined;
  return {
    ...claim.fields,
    segments: withoutBed(stay, before, conflicts, inHouse) as unknown as Json,
    unconfirmed: true,
  };
}

/**
 * The claimant's segments without the bed that another one holds. A segment wholly new to its bed loses the bed as a
 * whole; one that stretched into taken nights loses only those; a guest in house goes back to the bed he had.
 */
function withoutBed(
  stay: Stay,
  before: Stay | undefined,
  conflicts: readonly BedNight[],
  inHouse: boolean,
): StaySegment[] {
  let chain: readonly StaySegment[] = stay.segments;
  for (const segment of stay.segments) {
    const lost = conflicts
      .map((night) => night.night)
      .filter((night) => night >= toEpochDay(segment.from) && night < toEpochDay(segment.to));
    if (segment.bedId === null || lost.length === 0) continue;
    const hadSome =
      before?.segments.some(
        (part) => part.bedId === segment.bedId && part.from < segment.to && segment.from < part.to,
      ) ?? false;
    if (!hadSome && !inHouse) {
      chain = putInBed(chain, segment.from, segment.to, null);
      continue;
    }
    const nights = hadSome ? lost : rangeOf(segment);
    for (const span of spansOf(nights)) {
      for (let night = span.from; night < span.to; night += 1) {
        const day = fromEpochDay(night);
        const had = inHouse && before !== undefined ? (segmentOn(before, day)?.bedId ?? null) : null;
        chain = putInBed(chain, day, fromEpochDay(night + 1), had === segment.bedId ? null : had);
      }
    }
  }
  return [...chain];
}

function rangeOf(segment: StaySegment): number[] {
  const nights: number[] = [];
  for (let night = toEpochDay(segment.from); night < toEpochDay(segment.to); night += 1) nights.push(night);
  return nights;
}

/** An expected guest gives way to one who is checked in: the stay stays, without the bed, unconfirmed, with a task. */
async function displace(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  holder: StoredDoc,
  conflicts: readonly BedNight[],
  claimantId: string,
): Promise<void> {
  const stay = holder.fields as unknown as Stay;
  let chain: readonly StaySegment[] = stay.segments;
  for (const segment of stay.segments) {
    const lost = conflicts.some(
      (night) =>
        night.holderId === holder.id &&
        night.night >= toEpochDay(segment.from) &&
        night.night < toEpochDay(segment.to),
    );
    if (lost && segment.bedId !== null) chain = putInBed(chain, segment.from, segment.to, null);
  }
  const fields: Fields = { ...holder.fields, segments: chain as unknown as Json, unconfirmed: true };
  await tx.releaseNights(holder.id);
  await tx.holdNights(
    holder.id,
    nightsOf(fields as unknown as Stay, await roomBedsOf(tx, fields as unknown as Stay)),
  );
  const { kind, siteId } = holder;
  await putServiceDoc(tx, actor, env, {
    kind,
    siteId,
    fields,
    before: holder,
    op: 'stay.giveWay',
    cause: claimantId,
  });
}

/**
 * The owned tasks of a clash, one for each stay that is without the bed: it names all stays, says which nights (all of
 * the stay when nobody is in the way), and proposes beds that are free for all of them. What a human wrote into an open
 * task stays.
 */
export async function openClashTasks(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  claim: Staged,
  conflicts: readonly BedNight[],
): Promise<void> {
  const holders = (await tx.docs([...new Set(conflicts.map((night) => night.holderId))])).filter(
    (doc) => doc.kind === 'stay',
  );
  const claimant = { id: claim.id, stay: claim.fields as unknown as Stay };
  const others = holders.map((doc) => ({ id: doc.id, stay: doc.fields as unknown as Stay }));
  const homeless = claimant.stay.unconfirmed === true ? [claimant] : others;
  for (const one of homeless) {
    const rest = [claimant, ...others].filter((other) => other.id !== one.id);
    const lost =
      claimant.stay.unconfirmed === true ? conflicts : conflicts.filter((night) => night.holderId === one.id);
    await openClashTask(tx, actor, env, claim, one, rest, lost);
  }
}

interface Party {
  readonly id: string;
  readonly stay: Stay;
}

async function openClashTask(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  claim: Staged,
  homeless: Party,
  others: readonly Party[],
  conflicts: readonly BedNight[],
): Promise<void> {
  const span = spansOf(conflicts.map((night) => night.night));
  const first = span[0]?.from ?? toEpochDay(homeless.stay.arriveDate);
  const end = span.at(-1)?.to ?? toEpochDay(homeless.stay.departDate);
  const bedId = conflicts[0]?.bedId;
  const dueDay = homeless.stay.arriveDate > env.today ? homeless.stay.arriveDate : env.today;
  const open = (await tx.openTasksOfStay(homeless.id)).find((task) => isAbout(task, homeless.id));
  const fields: Fields = {
    ownerRole: 'reception',
    ...open?.fields,
    taskKind: 'bedClash',
    state: 'open',
    stayIds: [homeless.id, ...others.map((other) => other.id)],
    personIds: [...new Set([homeless, ...others].map((party) => party.stay.personId))],
    ...(bedId === undefined ? {} : { bedId }),
    from: fromEpochDay(first),
    to: fromEpochDay(end),
    dueAt: `${dueDay}T08:00:00.000Z`,
    proposedBedIds: await proposeBeds(tx, env, claim.siteId, homeless.id, homeless.stay),
  };
  await putServiceDoc(tx, actor, env, {
    kind: 'task',
    siteId: claim.siteId,
    fields,
    ...(open === undefined ? {} : { before: open }),
    op: 'task.bedClash',
    cause: claim.id,
  });
}

/** True for the clash task in which this stay is the one without a bed; it may stand in others as the one that has it. */
function isAbout(task: StoredDoc, stayId: string): boolean {
  const stayIds = task.fields['stayIds'];
  const ofClash = task.fields['taskKind'] === 'bedClash' && task.fields['blockId'] === undefined;
  return ofClash && Array.isArray(stayIds) && stayIds[0] === stayId;
}

/** The stay has a bed again by a human's hand, or needs none any more: its clash tasks are done. */
export async function closeClashTasks(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  stayId: string,
  resolution: 'bedGiven' | 'stayEnded',
): Promise<void> {
  for (const task of await tx.openTasksOfStay(stayId)) {
    if (!isAbout(task, stayId)) continue;
    const fields: Fields = { ...task.fields, state: 'done', resolution };
    await putServiceDoc(tx, actor, env, {
      kind: 'task',
      siteId: task.siteId,
      fields,
      before: task,
      op: 'task.done',
      cause: stayId,
    });
  }
}

/** How many free beds are looked at closely, and how many are proposed. */
const LOOK_AT = 24;
const PROPOSE = 3;

async function proposeBeds(
  tx: WriteTx,
  env: SyncEnv,
  siteId: string,
  stayId: string,
  stay: Stay,
): Promise<string[]> {
  const from = stay.arriveDate > env.today ? stay.arriveDate : env.today;
  if (from >= stay.departDate) return [];
  const beds = await tx.docsOfKind('bed', siteId);
  const nights = [toEpochDay(from), toEpochDay(stay.departDate)] as const;
  const taken = await tx.bedsHeld(
    beds.map((bed) => bed.id),
    ...nights,
  );
  const free = beds.filter((bed) => !taken.has(bed.id)).slice(0, LOOK_AT);
  const known = new Map<string, Fields | undefined>([[stay.personId, (await tx.doc(stay.personId))?.fields]]);
  const roomStays = new Map<string, Known[]>();
  const roomBeds = new Map<string, Known[]>();
  for (const bed of free) {
    const roomId = bed.fields['roomId'];
    known.set(bed.id, bed.fields);
    if (typeof roomId !== 'string' || roomBeds.has(roomId)) continue;
    known.set(roomId, (await tx.doc(roomId))?.fields);
    const all = (await tx.childrenOf(roomId, 'bed')).map(({ id, fields }) => ({ id, fields }));
    roomBeds.set(roomId, all);
    const held = await tx.nightsHeld(
      all.map((entry) => entry.id),
      ...nights,
    );
    const holders = [...new Set(held.map((night) => night.holderId))];
    const stays = (await tx.docs(holders)).filter((doc) => doc.kind === 'stay');
    for (const other of stays) {
      const personId = (other.fields as unknown as Stay).personId;
      known.set(personId, (await tx.doc(personId))?.fields);
    }
    roomStays.set(roomId, stays);
  }
  const world: World = {
    today: env.today,
    get: (_kind, id) => known.get(id),
    staysOfPerson: () => [],
    staysInRoom: (roomId) => roomStays.get(roomId) ?? [],
    bedsOfRoom: (roomId) => roomBeds.get(roomId) ?? [],
    blocksOf: () => [],
  };
  const wish = { stayId, personId: stay.personId, from, to: stay.departDate };
  return offerBeds(wish, free, world, PROPOSE).map((offer) => offer.bedId);
}
