import { COLLECTIONS, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { jsonEqual, type Fields, type Json } from '@sivis/shared/docs/json.ts';
import { redact } from '@sivis/shared/access/can.ts';
import { nightsOf } from '@sivis/shared/lodging/nights.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import type { OpResult, PullResponse } from '@sivis/shared/protocol/messages.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { ReadTx, Store } from '../sync-service/src/store/store.ts';
import { replicaOf } from '../sync-service/src/store/visibility.ts';
import type { Desk } from './desk.ts';

/** The five promises of the sync engine as questions to a world. A broken one throws with the world's evidence. */
export class BrokenPromise extends Error {}

function broken(promise: string, detail: object): never {
  throw new BrokenPromise(`${promise}: ${JSON.stringify(detail)}`);
}

/**
 * After every step: an operation that the user saw as saved is on the desk, or the service has answered for it. After a
 * restored backup (`restored`) an answered operation may be judged anew before its desk has heard of the backup; it is
 * then still among the desk's sent ones.
 */
export async function nothingLost(tx: ReadTx, desks: readonly Desk[], restored: boolean): Promise<void> {
  for (const desk of desks) {
    for (const [opId, { docId, op }] of desk.made) {
      const waiting = desk.doc(docId)?.ops.some((candidate) => candidate.opId === opId) ?? false;
      if (waiting) continue;
      if (isKept(desk, op, docId)) continue;
      const record = await tx.op(opId);
      if (record === undefined && !isSent(desk, opId))
        broken('a saved write was lost', { desk: desk.id, opId, docId, kind: op.kind });
      if (record === undefined || (restored && isSent(desk, opId))) continue;
      const result = JSON.parse(record.result) as OpResult;
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
function holdsConflict(desk: Desk, docId: string, field: string, opId: string): boolean {
  const record = desk.outbox.get(`conflict ${docId}.${field}`);
  if (record?.type !== 'conflict') return false;
  return record.opId === opId || (record.earlier?.some((value) => value.opId === opId) ?? false);
}

/** In the inbox of rejections, or beside the other value. */
function isKept(desk: Desk, op: Op, docId: string): boolean {
  if (desk.outbox.has(`rejection ${op.opId}`)) return true;
  return Object.keys(op.changes).some((field) => holdsConflict(desk, docId, field, op.opId));
}

/** Answered, and kept for a service that comes back from a backup. */
function isSent(desk: Desk, opId: string): boolean {
  for (const record of desk.outbox.values()) {
    if (record.type === 'sent' && record.rows.some((row) => row.ops.some((op) => op.opId === opId)))
      return true;
  }
  return false;
}

/** At the door: no reply holds a document or a field that its reader may not see at that moment. */
export async function nothingForeign(
  tx: ReadTx,
  subject: { userId: string; role: Role; siteIds: readonly string[] },
  collection: (typeof COLLECTIONS)[number],
  page: PullResponse,
  nowMs: number,
): Promise<void> {
  const visible = replicaOf(subject, collection, rigaDate(nowMs));
  for (const doc of page.documents) {
    if (doc.deleted) {
      if (Object.keys(doc.fields).length > 0) broken('a removal has content', { id: doc.id });
      continue;
    }
    if (!(await tx.isVisible(doc.id, visible)))
      broken('a foreign document was handed out', { id: doc.id, kind: doc.kind, subject });
    const view = rightsRow(subject.role, doc.kind as Kind)?.view;
    const hidden = Object.keys(doc.fields).filter(
      (field) => view !== '*' && !(view?.includes(field) ?? false),
    );
    if (hidden.length > 0) broken('a hidden field was handed out', { id: doc.id, kind: doc.kind, hidden });
  }
}

/** At rest: every replica is equal to the service's view for its user. */
export async function replicasEqual(tx: ReadTx, desks: readonly Desk[], nowMs: number): Promise<void> {
  const today = rigaDate(nowMs);
  for (const desk of desks) {
    if (desk.pendingOps() > 0) {
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
      const extra = [...held.values()][0];
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

/** What the log of a world keeps of an entry. */
export interface LoggedChange {
  readonly action: string;
  readonly opId: string;
  readonly objectId: string;
  readonly changes: readonly { readonly field: string; readonly after: Json }[];
}

/** Fields that the service sets itself while it takes an operation: a bed that was taken, a code in use. */
const SET_BY_SERVICE: ReadonlySet<string> = new Set(['segments', 'unconfirmed', 'provisional']);

/**
 * At rest: what was acknowledged is in the documents. Each document is the sum of its entries in the log, from what the
 * house began with (`first`), and when an operation was accepted its values stood in the document.
 */
export async function acceptedIsThere(
  store: Store,
  first: ReadonlyMap<string, Fields>,
  desks: readonly Desk[],
): Promise<void> {
  const made = new Map(desks.flatMap((desk) => [...desk.made]));
  const sums = new Map<string, Fields>(first);
  const seen = new Set<string>();
  await store.read(async (tx) => {
    for (
      let after = 0, rows = await tx.auditRange(0, 5_000);
      rows.length > 0;
      rows = await tx.auditRange(after, 5_000)
    ) {
      for (const row of rows) {
        after = row.seq;
        const entry = JSON.parse(row.envelope) as LoggedChange;
        if (!['create', 'update', 'undo', 'displace'].includes(entry.action)) continue;
        const sum: Record<string, Json> = { ...sums.get(entry.objectId) };
        for (const { field, after: value } of entry.changes) sum[field] = value;
        sums.set(entry.objectId, sum);
        const own = made.get(entry.opId);
        if (own?.docId !== entry.objectId) continue;
        seen.add(entry.opId);
        const record = await tx.op(entry.opId);
        if (record === undefined || (JSON.parse(record.result) as OpResult).outcome !== 'accepted') continue;
        for (const [field, { after: value }] of Object.entries(own.op.changes)) {
          const isThere = SET_BY_SERVICE.has(field) || jsonEqual(sum[field], value);
          // Of an edit that was sent again after a restore the field that clashed is beside the other value.
          if (!isThere && !desks.some((desk) => holdsConflict(desk, own.docId, field, entry.opId)))
            broken('an accepted value is not there', { opId: entry.opId, field, value, now: sum[field] });
        }
      }
    }
    for (const desk of desks) {
      for (const [opId, { op, docId }] of desk.made) {
        const record = await tx.op(opId);
        const accepted =
          record !== undefined && (JSON.parse(record.result) as OpResult).outcome === 'accepted';
        if (accepted && !seen.has(opId)) broken('an accepted operation left no trace', { opId });
        // What is on file was answered before a restore; everything else was sent again and has its answer.
        if (record === undefined && !isKept(desk, op, docId))
          broken('the service has forgotten an operation', { opId, kind: op.kind });
      }
    }
    for (const [id, sum] of sums) {
      const doc = await tx.doc(id);
      if (doc === undefined || !jsonEqual(withoutNulls(sum), doc.fields))
        broken('a document is not the sum of its history', { id, sum, fields: doc?.fields });
    }
  });
}

const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

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

/** Always: every answered operation and every handed-out document has its audit entry. */
export async function everythingLogged(
  store: Store,
  handedOut: ReadonlySet<string>,
  opIds: ReadonlySet<string>,
): Promise<void> {
  const logged = new Set<string>();
  const delivered = new Set<string>();
  await store.read(async (tx) => {
    for (let after = 0; ;) {
      const rows = await tx.auditRange(after, 5_000);
      if (rows.length === 0) break;
      for (const row of rows) {
        const entry = JSON.parse(row.envelope) as { opId?: string; delivered?: string[] };
        if (entry.opId !== undefined) logged.add(entry.opId);
        for (const id of entry.delivered ?? []) delivered.add(id);
        if (row.seq !== after + 1) broken('the audit log has a gap', { after, seq: row.seq });
        after = row.seq;
      }
    }
    for (const opId of opIds) {
      const record = await tx.op(opId);
      if (record === undefined || logged.has(opId)) continue;
      broken('an answered operation has no audit entry', { opId, record });
    }
  });
  for (const id of handedOut)
    if (!delivered.has(id)) broken('a handed-out document has no audit entry', { id });
}

/** Documents at the service by kind, for the report. */
export async function census(tx: ReadTx): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of ['person', 'stay', 'task', 'block'] as const) counts[kind] = await tx.countDocs(kind);
  return counts;
}
