import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { OpResult } from '@sivis/shared/protocol/messages/sync.ts';
import { nightsOf } from '@sivis/shared/lodging/nights.ts';
import { holdsBeds, type Stay } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { BedNight, WriteTx } from '../store/store.ts';
import { closeClashTasks, giveWay, openClashTasks } from './bedClash.ts';
import { letBlocksTake, placeBlock } from './blocks.ts';
import { changesOf } from './changes.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { markProvisional } from './provisional.ts';
import { personsOf } from './relations.ts';
import { holdRoomAnew, roomBedsOf } from './roomBeds.ts';
import type { Staged, Workspace } from './workspace.ts';

/** Fields of a stay on which it depends who may see its person, contacts and reservation. */
const REACH_FIELDS = ['personId', 'reservationId', 'arriveDate', 'departDate', 'specialistIds', 'state'];

/** An operation of the unit that was taken, with the document that it is about. */
interface Taken {
  readonly docId: string;
  readonly op: Op;
}

/**
 * Writes what a unit has staged: bed-nights first (all released, then all claimed, so that a swap meets no clash with
 * itself), then documents with an audit entry per operation, and the touch of documents whose readers change with it.
 * `here` names the rows that lead to a guest in house. Returns warnings by document id: `unconfirmed` when another one
 * holds the bed, `provisional` for a code in use.
 */
export async function settle(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  unit: {
    readonly judged: readonly {
      readonly row: { readonly id: string };
      readonly op?: Op;
      readonly result: OpResult;
    }[];
    readonly here: ReadonlySet<string>;
  },
): Promise<Map<string, string[]>> {
  const warnings = new Map<string, string[]>();
  const staged = workspace.staged();
  if (staged.length === 0) return warnings;
  const taken: Taken[] = unit.judged.flatMap(({ row, op, result }) =>
    op !== undefined && (result.outcome === 'accepted' || result.outcome === 'conflict')
      ? [{ docId: row.id, op }]
      : [],
  );
  for (const change of staged) {
    if (change.kind === 'stay' && holdsDifferently(change)) await tx.releaseNights(change.id);
  }

  for (const change of staged) {
    const ops = taken.filter(({ docId }) => docId === change.id).map(({ op }) => op);
    let fields = change.fields;
    if (change.kind === 'stay' && holdsDifferently(change)) {
      const claimed = await claimBeds(tx, actor, env, change, unit.here.has(change.id));
      fields = claimed.fields;
      if (claimed.clashed) warnings.set(change.id, ['unconfirmed']);
    }
    if (change.kind === 'block') await placeBlock(tx, actor, env, change);
    if (change.kind === 'person') {
      const marked = await markProvisional(tx, actor, env, change);
      fields = marked.fields;
      if (marked.provisional) warnings.set(change.id, ['provisional']);
    }
    await write(tx, actor, env, change, fields, ops);
    if (change.kind === 'bed') await holdRoomAnew(tx, change.before?.fields, fields);
    const beginsToWait = waitsForBed(fields) && !waitsForBed(change.before?.fields);
    if (change.outrunIn !== undefined) {
      await openClashTasks(
        tx,
        actor,
        env,
        { ...change, fields },
        await othersIn(tx, change, change.outrunIn),
      );
      warnings.set(change.id, ['unconfirmed']);
    } else if (change.kind === 'stay' && beginsToWait && !warnings.has(change.id)) {
      // By its author's own hand: a bed given by mistake, or a cancellation, was taken back.
      await openClashTasks(tx, actor, env, { ...change, fields }, []);
    }
  }
  for (const change of staged) {
    if (change.kind !== 'stay' || !holdsDifferently(change)) continue;
    await letBlocksTake(tx, change.before?.fields as unknown as Stay | undefined);
    if (hasEnded(change.fields as unknown as Stay))
      await closeClashTasks(tx, actor, env, change.id, 'stayEnded');
  }
  return warnings;
}

const waitsForBed = (fields: Fields | undefined): boolean =>
  fields?.['unconfirmed'] === true && !hasEnded(fields as unknown as Stay);

/** Nobody looks for a bed for it any more. */
const hasEnded = (stay: Stay): boolean => !holdsBeds(stay) || stay.state === 'departed';

/** Who holds nights of the stay in the rooms of the beds. */
async function othersIn(tx: WriteTx, change: Staged, bedIds: readonly string[]): Promise<BedNight[]> {
  const stay = change.fields as unknown as Stay;
  const rooms = new Set((await tx.docs(bedIds)).map((bed) => bed.fields['roomId']));
  const beds: string[] = [];
  for (const roomId of rooms) {
    if (typeof roomId === 'string') beds.push(...(await tx.childrenOf(roomId, 'bed')).map((bed) => bed.id));
  }
  const held = await tx.nightsHeld(beds, toEpochDay(stay.arriveDate), toEpochDay(stay.departDate));
  return held.filter((night) => night.holderId !== change.id);
}

function holdsDifferently(change: Staged): boolean {
  const before = change.before?.fields;
  return (
    before === undefined ||
    JSON.stringify(before['segments']) !== JSON.stringify(change.fields['segments']) ||
    before['state'] !== change.fields['state']
  );
}

/** Claims the nights of a stay; what another one holds is settled by decision 24, never by refusing the stay. */
async function claimBeds(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: Staged,
  isHere: boolean,
): Promise<{ fields: Fields; clashed: boolean }> {
  let fields = change.fields;
  const wasUnconfirmed = change.before?.fields['unconfirmed'] === true;
  let taken: BedNight[] = [];
  let open = true;
  for (let round = 0; open && round < 3; round += 1) {
    const stay = fields as unknown as Stay;
    const conflicts = await tx.holdNights(change.id, nightsOf(stay, await roomBedsOf(tx, stay)));
    open = conflicts.length > 0;
    if (!open) break;
    taken = taken.length === 0 ? conflicts : taken;
    fields = await giveWay(tx, actor, env, { ...change, fields }, conflicts, isHere);
  }
  // What three rounds cannot settle (a room wholly let and half taken) keeps no bed at all rather than a false one.
  if (open) fields = { ...fields, segments: bedless(fields as unknown as Stay), unconfirmed: true };
  if (taken.length > 0 && (fields['unconfirmed'] === true || keptItsBeds(fields, change.fields))) {
    await openClashTasks(tx, actor, env, { ...change, fields }, taken);
  } else if (wasUnconfirmed && fields['unconfirmed'] !== true) {
    await closeClashTasks(tx, actor, env, change.id, 'bedGiven');
  }
  return { fields, clashed: fields['unconfirmed'] === true && taken.length > 0 };
}

const bedless = (stay: Stay): Json =>
  stay.segments.map((segment) => ({ ...segment, bedId: null })) as unknown as Json;

/** The claimant kept its bed, so the one who had it gave way: there is a task all the same. */
function keptItsBeds(now: Fields, wanted: Fields): boolean {
  return JSON.stringify(now['segments']) === JSON.stringify(wanted['segments']);
}

/** The document in its new state, and an entry for each operation that made it so. */
async function write(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: Staged,
  fields: Fields,
  ops: readonly Op[],
): Promise<void> {
  const changes = changesOf(change.before?.fields, fields);
  const stamps = { ...change.before?.stamps };
  for (const { field } of changes) {
    const op = ops.findLast((candidate) => Object.hasOwn(candidate.changes, field)) ?? ops.at(-1);
    if (op !== undefined) stamps[field] = { by: actor.subject.userId, at: op.at, device: actor.deviceId };
  }
  const rev = (change.before?.rev ?? 0) + 1;
  await tx.putDoc({
    id: change.id,
    kind: change.kind,
    siteId: change.siteId,
    rev,
    fields,
    stamps,
    createdBy: change.before?.createdBy ?? actor.subject.userId,
  });
  const unconfirmed = fields['unconfirmed'] === true && change.before?.fields['unconfirmed'] !== true;
  for (const [index, op] of ops.entries()) {
    const isLast = index === ops.length - 1;
    await env.recordChange(tx, actor, {
      action: op.undoes !== undefined ? 'undo' : op.kind === 'create' ? 'create' : 'update',
      kind: change.kind,
      objectId: change.id,
      objectRev: rev,
      siteId: change.siteId,
      personIds: personsOf(change.kind, change.id, fields),
      happenedAt: op.at,
      result: unconfirmed && isLast ? 'unconfirmed' : 'accepted',
      reason: op.reason ?? '',
      op: op.kind,
      opId: op.opId,
      // With several operations on one document in a group, each entry says what it was for; the last has the sum.
      changes: isLast ? changes : Object.entries(op.changes).map(([field, one]) => ({ field, ...one })),
    });
  }
  if (change.kind === 'stay' && changes.some(({ field }) => REACH_FIELDS.includes(field))) {
    await touchReach(tx, fields as unknown as Stay, change.before?.fields as unknown as Stay | undefined);
  }
}

/** Person, contacts and reservation of a stay are offered anew to every desk: who may hold them has changed with it. */
export async function touchReach(tx: WriteTx, after: Stay, before: Stay | undefined): Promise<void> {
  const ids = new Set<string>();
  for (const stay of before === undefined ? [after] : [after, before]) {
    ids.add(stay.personId);
    ids.add(stay.reservationId);
    for (const contact of await tx.contactsOfPerson(stay.personId)) ids.add(contact.id);
  }
  await tx.touchDocs([...ids]);
}
