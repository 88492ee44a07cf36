import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { OpResult } from '@sivis/shared/protocol/messages.ts';
import { nightsOf } from '@sivis/shared/lodging/nights.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import { fromEpochDay, toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { BedNight, FieldStamp, WriteTx } from '../store/store.ts';
import { closeClashTasks, giveWay, openClashTask } from './bedClash.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { markProvisional } from './provisional.ts';
import { changesOf } from './changes.ts';
import { putServiceDoc } from './serviceDoc.ts';
import { personsOf } from './relations.ts';
import type { Staged, Workspace } from './workspace.ts';

/** Fields of a stay on which it depends who may see its person, contacts and reservation. */
const REACH_FIELDS = ['personId', 'reservationId', 'arriveDate', 'departDate', 'specialistIds', 'state'];

/**
 * Writes what a unit has staged: bed-nights first (all released, then all claimed, so that a swap meets no clash with
 * itself), then documents, the audit entry of each, and the touch of documents whose readers change with it.
 * Returns warnings by document id: `unconfirmed` when another one holds the bed, `provisional` for a code in use.
 */
export async function settle(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  judged: readonly { readonly op?: Op; readonly result: OpResult }[],
): Promise<Map<string, string[]>> {
  const warnings = new Map<string, string[]>();
  const staged = workspace.staged();
  if (staged.length === 0) return warnings;
  const ops = judged.flatMap(({ op, result }) =>
    op !== undefined && (result.outcome === 'accepted' || result.outcome === 'conflict') ? [op] : [],
  );
  for (const change of staged)
    if (change.kind === 'stay' && holdsDifferently(change)) await tx.releaseNights(change.id);

  for (const change of staged) {
    const op = ops.find((candidate) => touches(candidate, change)) ?? ops[0];
    if (op === undefined) continue;
    let fields = change.fields;
    if (change.kind === 'stay' && holdsDifferently(change)) {
      const claimed = await claimBeds(tx, actor, env, change);
      fields = claimed.fields;
      if (claimed.clashed) warnings.set(change.id, ['unconfirmed']);
    }
    if (change.kind === 'block') await holdBlock(tx, actor, env, change);
    if (change.kind === 'person') {
      const marked = await markProvisional(tx, actor, env, change);
      fields = marked.fields;
      if (marked.provisional) warnings.set(change.id, ['provisional']);
    }
    await write(tx, actor, env, change, fields, op);
  }
  return warnings;
}

function touches(op: Op, change: Staged): boolean {
  return changesOf(change.before?.fields, change.fields).some(({ field, after }) => {
    const wanted = op.changes[field];
    return wanted !== undefined && JSON.stringify(wanted.after) === JSON.stringify(after);
  });
}

function holdsDifferently(change: Staged): boolean {
  const before = change.before?.fields;
  return (
    before === undefined ||
    JSON.stringify(before['segments']) !== JSON.stringify(change.fields['segments']) ||
    before['state'] !== change.fields['state']
  );
}

async function bedsOfRoomOf(tx: WriteTx, stay: Stay): Promise<(bedId: string) => readonly string[]> {
  const rooms = new Map<string, readonly string[]>();
  for (const segment of stay.segments) {
    if (segment.privateUse !== true || segment.bedId === null) continue;
    const roomId = (await tx.doc(segment.bedId))?.fields['roomId'];
    if (typeof roomId !== 'string') continue;
    rooms.set(
      segment.bedId,
      (await tx.childrenOf(roomId, 'bed')).map((bed) => bed.id),
    );
  }
  return (bedId) => rooms.get(bedId) ?? [bedId];
}

/** Claims the nights of a stay; what another one holds is settled by decision 24, never by refusing the stay. */
async function claimBeds(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: Staged,
): Promise<{ fields: Fields; clashed: boolean }> {
  let fields = change.fields;
  const wasUnconfirmed = change.before?.fields['unconfirmed'] === true;
  let taken: BedNight[] = [];
  let open = true;
  for (let round = 0; open && round < 3; round += 1) {
    const stay = fields as unknown as Stay;
    const conflicts = await tx.holdNights(change.id, nightsOf(stay, await bedsOfRoomOf(tx, stay)));
    open = conflicts.length > 0;
    if (!open) break;
    taken = taken.length === 0 ? conflicts : taken;
    fields = await giveWay(tx, actor, env, { ...change, fields }, conflicts);
  }
  // What three rounds cannot settle (a room wholly let and half taken) keeps no bed at all rather than a false one.
  if (open) fields = { ...fields, segments: bedless(fields as unknown as Stay), unconfirmed: true };
  if (taken.length > 0 && (fields['unconfirmed'] === true || keptItsBeds(fields, change.fields))) {
    await openClashTask(tx, actor, env, { ...change, fields }, taken);
  } else if (wasUnconfirmed && fields['unconfirmed'] !== true) {
    await closeClashTasks(tx, actor, env, change.id);
  }
  return { fields, clashed: fields['unconfirmed'] === true && taken.length > 0 };
}

const bedless = (stay: Stay): Json =>
  stay.segments.map((segment) => ({ ...segment, bedId: null })) as unknown as Json;

/** The claimant kept its bed, so the one who had it gave way: there is a task all the same. */
function keptItsBeds(now: Fields, wanted: Fields): boolean {
  return JSON.stringify(now['segments']) === JSON.stringify(wanted['segments']);
}

/** A block holds the nights that are free; stays in it are a worklist for a human, never moved by themselves (H11). */
async function holdBlock(tx: WriteTx, actor: SyncActor, env: SyncEnv, change: Staged): Promise<void> {
  const block = change.fields as unknown as Block;
  await tx.releaseNights(change.id);
  if (block.state !== 'active') return;
  const beds =
    block.scope === 'bed'
      ? [block.targetId]
      : (await tx.childrenOf(block.targetId, 'bed')).map((bed) => bed.id);
  const from = toEpochDay(block.from);
  const to = toEpochDay(block.to);
  const held = await tx.nightsHeld(beds, from, to);
  const isHeld = new Set(held.map((night) => `${night.bedId} ${night.night}`));
  const free: { bedId: string; night: number }[] = [];
  for (const bedId of beds) {
    for (let night = from; night < to; night += 1)
      if (!isHeld.has(`${bedId} ${night}`)) free.push({ bedId, night });
  }
  await tx.holdNights(change.id, free);
  const holders = (await tx.docs([...new Set(held.map((night) => night.holderId))])).filter(
    (doc) => doc.kind === 'stay',
  );
  if (holders.length === 0) return;
  await putServiceDoc(tx, actor, env, {
    kind: 'task',
    siteId: change.siteId,
    fields: {
      taskKind: 'bedClash',
      state: 'open',
      ownerRole: 'reception',
      stayIds: holders.slice(0, 20).map((doc) => doc.id),
      personIds: holders.slice(0, 20).map((doc) => (doc.fields as unknown as Stay).personId),
      ...(beds[0] === undefined ? {} : { bedId: beds[0] }),
      from: fromEpochDay(from),
      to: fromEpochDay(to),
      text: block.reason,
    },
    op: 'task.relocate',
    cause: change.id,
  });
}

async function write(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: Staged,
  fields: Fields,
  op: Op,
): Promise<void> {
  const changes = changesOf(change.before?.fields, fields);
  const stamp: FieldStamp = { by: actor.subject.userId, at: op.at, device: actor.deviceId };
  const stamps = { ...change.before?.stamps };
  for (const { field } of changes) stamps[field] = stamp;
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
  await env.recordChange(tx, actor, {
    action: op.undoes !== undefined ? 'undo' : change.before === undefined ? 'create' : 'update',
    kind: change.kind,
    objectId: change.id,
    objectRev: rev,
    siteId: change.siteId,
    personIds: personsOf(change.kind, change.id, fields),
    happenedAt: op.at,
    result:
      fields['unconfirmed'] === true && change.before?.fields['unconfirmed'] !== true
        ? 'unconfirmed'
        : 'accepted',
    reason: op.reason ?? '',
    op: op.kind,
    opId: op.opId,
    changes: changes,
  });
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
