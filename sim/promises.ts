import { COLLECTIONS, collectionOf, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { jsonEqual, type Json } from '@sivis/shared/docs/json.ts';
import { redact, type Subject } from '@sivis/shared/access/can.ts';
import { nightsOf } from '@sivis/shared/lodging/nights.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import type { OpResult, WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { continuesLine } from '@sivis/shared/tlog/checkpoint.ts';
import { parseEnvelope, parsePayload } from '../sync-service/src/audit/entry.ts';
import { CONTINUES_META, SERIES_META, storedHead } from '../sync-service/src/audit/publisher.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { ReadTx } from '../sync-service/src/store/store.ts';
import { replicaOf } from '../sync-service/src/store/visibility.ts';
import type { DeskState } from './desk.ts';

/** The five promises of the sync engine as questions to a world. A broken one throws with the world's evidence. */
export class BrokenPromise extends Error {}

export function broken(promise: string, detail: object): never {
  throw new BrokenPromise(`${promise}: ${JSON.stringify(detail)}`);
}

/** The answer that the service has for an operation, when it has one. */
export type AnswerOf = (opId: string) => OpResult | undefined;

/**
 * After every step: an operation that the user saw as saved is on the desk, or the service has answered for it. After a
 * restored backup (`restored`) an answered operation may be judged anew before its desk has heard of the backup; it is
 * then still among the desk's sent ones.
 */
export function nothingLost(answerOf: AnswerOf, desks: readonly DeskState[], restored: boolean): void {
  for (const desk of desks) {
    const sent = sentOf(desk);
    for (const [opId, { docId, op }] of desk.made) {
      const waiting = desk.doc(docId)?.ops.some((candidate) => candidate.opId === opId) ?? false;
      if (waiting || isKept(desk, op, docId)) continue;
      const result = answerOf(opId);
      if (result === undefined && !sent.has(opId))
        broken('a saved write was lost', { desk: desk.id, opId, docId, kind: op.kind });
      if (result === undefined || (restored && sent.has(opId))) continue;
      if (result.outcome === 'rejected') broken('a rejection disappeared', { desk: desk.id, opId, result });
      if (result.outcome === 'conflict') {
        for (const clash of result.clashes ?? []) {
          if (!holdsConflict(desk, docId, clash.field, opId))
            broken('a conflict disappeared', { desk: desk.id, opId, clash });
        }
      }
    }
  }
}

/** Among the values that wait for a human's choice; an operation whose changes are on the desk whole is there too. */
export function holdsConflict(desk: DeskState, docId: string, field: string, opId: string): boolean {
  const record = desk.outbox.get(`conflict ${docId}.${field}`);
  if (record?.type !== 'conflict') return false;
  return record.opId === opId || (record.earlier?.some((value) => value.opId === opId) ?? false);
}

/** In the inbox of rejections, or beside the other value. */
export function isKept(desk: DeskState, op: Op, docId: string): boolean {
  if (desk.outbox.has(`rejection ${op.opId}`)) return true;
  return Object.keys(op.changes).some((field) => holdsConflict(desk, docId, field, op.opId));
}

/** Answered, and kept for a service that comes back from a backup. */
function sentOf(desk: DeskState): ReadonlySet<string> {
  const sent = new Set<string>();
  for (const record of desk.outbox.values())
    if (record.type === 'sent') for (const row of record.rows) for (const op of row.ops) sent.add(op.opId);
  return sent;
}

/** At the door: no reply holds a document or a field that its reader may not see at that moment. */
export async function nothingForeign(
  tx: ReadTx,
  subject: Subject,
  documents: readonly WireDoc[],
  nowMs: number,
): Promise<void> {
  for (const doc of documents) {
    if (doc.deleted) {
      if (Object.keys(doc.fields).length > 0) broken('a removal has content', { id: doc.id });
      continue;
    }
    const visible = replicaOf(subject, collectionOf(doc.kind as Kind), rigaDate(nowMs));
    if (!(await tx.isVisible(doc.id, visible)))
      broken('a foreign document was handed out', { id: doc.id, kind: doc.kind, subject });
    const hidden = Object.keys(doc.fields).filter((field) => !maySee(subject.role, doc.kind, field));
    if (hidden.length > 0) broken('a hidden field was handed out', { id: doc.id, kind: doc.kind, hidden });
  }
}

/** At the door: an answer tells no value of a field, or of a document, that its reader may not see at that moment. */
export function noForeignClash(subject: Subject, master: WireDoc, result: OpResult): void {
  for (const { field, theirs, theirsBy } of result.clashes ?? []) {
    if (theirs === null && theirsBy === '') continue;
    if (master.deleted || !maySee(subject.role, master.kind, field))
      broken('a hidden value was told in a clash', { id: master.id, kind: master.kind, field });
  }
}

function maySee(role: Role, kind: string, field: string): boolean {
  const view = rightsRow(role, kind as Kind)?.view;
  return view === '*' || (view?.includes(field) ?? false);
}

/**
 * At rest: every replica is equal to the service's view for its user. While operations may wait for others (`all` false)
 * their documents are passed over.
 */
export async function replicasEqual(
  tx: ReadTx,
  desks: readonly DeskState[],
  nowMs: number,
  all: boolean,
): Promise<void> {
  const today = rigaDate(nowMs);
  for (const desk of desks) {
    if (all && desk.pendingOps() > 0) {
      const left = COLLECTIONS.flatMap((name) =>
        [...desk.replicas[name].docs.values()].filter((doc) => doc.ops.length > 0),
      );
      broken('operations are still unanswered at rest', {
        desk: desk.id,
        ops: left.flatMap((doc) =>
          doc.ops.map((op) => ({ doc: doc.id, kind: doc.kind, rev: doc.rev, op: op.kind, group: op.group })),
        ),
      });
    }
    const subject = { userId: desk.user.id, role: desk.user.role, siteIds: desk.user.siteIds };
    for (const collection of COLLECTIONS) {
      const ids = await tx.visibleIds(collection, '', 20_000, replicaOf(subject, collection, today));
      const held = new Map([...desk.replicas[collection].docs].filter(([, doc]) => !doc.deleted));
      for (const doc of await tx.docs(ids)) {
        const mine = held.get(doc.id);
        held.delete(doc.id);
        if (mine !== undefined && mine.ops.length > 0) continue;
        if (mine === undefined)
          broken('a replica lacks a document', {
            desk: desk.id,
            role: desk.user.role,
            id: doc.id,
            kind: doc.kind,
          });
        if (mine.rev !== doc.rev || !jsonEqual(mine.base, redact(desk.user.role, doc.kind, doc.fields))) {
          broken('a replica differs', {
            desk: desk.id,
            id: doc.id,
            kind: doc.kind,
            mine: mine.base,
            theirs: doc.fields,
            revs: [mine.rev, doc.rev],
          });
        }
      }
      const extra = [...held.values()].find((doc) => doc.ops.length === 0);
      if (extra !== undefined)
        broken('a replica holds what it may not', {
          desk: desk.id,
          role: desk.user.role,
          id: extra.id,
          kind: extra.kind,
        });
    }
  }
}

/** Always: the nights in the database are those of the documents; no stay shows a bed that it does not hold. */
export async function nightsTrue(tx: ReadTx): Promise<void> {
  const beds = await tx.docsOfKind('bed');
  const bedIds = beds.map((bed) => bed.id);
  const roomOf = new Map(beds.map((bed) => [bed.id, bed.fields['roomId']]));
  const inRoom = (bedId: string): string[] =>
    bedIds.filter((other) => roomOf.get(other) === roomOf.get(bedId));
  const held = new Map(
    (await tx.nightsHeld(bedIds, 0, 60_000)).map((night) => [
      `${night.bedId} ${night.night}`,
      night.holderId,
    ]),
  );
  let count = 0;
  for (const stay of await tx.docsOfKind('stay')) {
    for (const night of nightsOf(stay.fields as unknown as Stay, inRoom)) {
      count += 1;
      if (held.get(`${night.bedId} ${night.night}`) !== stay.id) {
        broken('a stay shows a bed that it does not hold', {
          id: stay.id,
          night,
          holder: held.get(`${night.bedId} ${night.night}`),
        });
      }
    }
  }
  const blocks = new Set(
    (await tx.docsOfKind('block'))
      .filter((doc) => (doc.fields as unknown as Block).state === 'active')
      .map((doc) => doc.id),
  );
  const byStays = [...held.values()].filter((holder) => !blocks.has(holder)).length;
  if (byStays !== count) broken('nights are held by nobody', { held: byStays, shown: count });
}

/**
 * Always: one bed in one night has one guest. Counted from the documents alone, by days and rooms, without the product's
 * own reckoning of nights.
 */
export async function oneGuestPerBedNight(tx: ReadTx): Promise<void> {
  const roomOf = new Map((await tx.docsOfKind('bed')).map((bed) => [bed.id, bed.fields['roomId']]));
  const guests = new Map<string, string>();
  for (const doc of await tx.docsOfKind('stay')) {
    const { state, segments } = doc.fields as unknown as Stay;
    if (state === 'cancelled' || state === 'no_show') continue;
    for (const { bedId, from, to, privateUse } of segments) {
      if (bedId === null) continue;
      const beds =
        privateUse === true
          ? [...roomOf.keys()].filter((bed) => roomOf.get(bed) === roomOf.get(bedId))
          : [bedId];
      for (const day = new Date(from); day < new Date(to); day.setUTCDate(day.getUTCDate() + 1)) {
        for (const bed of beds) {
          const night = `${bed} ${day.toISOString().slice(0, 10)}`;
          const other = guests.get(night);
          if (other !== undefined && other !== doc.id)
            broken('two guests in one bed', { night, stays: [other, doc.id] });
          guests.set(night, doc.id);
        }
      }
    }
  }
}

/**
 * Always: somebody is told of a stay that waits for a bed. Its task is open, or a human has closed it; one that the
 * service closed itself tells nobody.
 */
export async function unconfirmedHaveTasks(tx: ReadTx): Promise<void> {
  const told = new Set<Json | undefined>();
  for (const { fields } of await tx.docsOfKind('task')) {
    const byService = fields['resolution'] === 'bedGiven' || fields['resolution'] === 'stayEnded';
    if (fields['state'] === 'open' || !byService)
      for (const id of (fields['stayIds'] ?? []) as string[]) told.add(id);
  }
  for (const stay of await tx.docsOfKind('stay')) {
    const { unconfirmed, state } = stay.fields as unknown as Stay;
    if (unconfirmed !== true || ['cancelled', 'no_show', 'departed'].includes(state)) continue;
    if (!told.has(stay.id)) broken('an unconfirmed stay has no task', { id: stay.id });
  }
}

/**
 * After a restored backup: the log has a new origin and its last entry names the one before; what the last witness has
 * seen is what it continues (decision 6).
 */
export async function newOriginNamed(
  tx: ReadTx,
  epoch: string,
  witnessed: string | undefined,
): Promise<void> {
  const size = await tx.auditSize();
  const row = await tx.auditRow(size);
  const before = size > 1 ? await tx.auditRow(size - 1) : undefined;
  const entry = row === undefined ? undefined : parseEnvelope(row.envelope);
  const detail = parsePayload(row?.payload ?? null)?.detail;
  const named =
    entry?.action === 'restore' &&
    entry.object === epoch &&
    detail?.['auditSize'] === size - 1 &&
    detail['leafHash'] === (before?.leafHash ?? '');
  if (!named) broken('a restored log does not say what it continues', { entry, detail });
  if ((await tx.meta(SERIES_META)) !== `r-${epoch.slice(0, 8)}`)
    broken('a restored log has no new origin', { epoch });
  const continued = storedHead(witnessed);
  if (continued === undefined) return;
  if (
    (await tx.meta(CONTINUES_META)) !== continuesLine(continued) ||
    detail['continues'] !== continuesLine(continued)
  )
    broken('a restored log does not name the witnessed checkpoint', { detail });
}

/** Documents at the service by kind, for the report. */
export async function census(tx: ReadTx): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of ['person', 'stay', 'task', 'block'] as const) counts[kind] = await tx.countDocs(kind);
  return counts;
}
