import { newId } from '@sivis/shared/ids/ids.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { isFieldwise, type Op } from '@sivis/shared/docs/op.ts';
import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { PushResponse, PushRow, PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import { createArrivals, type Arrivals } from './arrivals.ts';
import { fromWire, rebase, viewOf, type LocalDoc } from './localDoc.ts';
import {
  ownFields,
  rejectionOf,
  type ConflictRecord,
  type OutboxRecord,
  type RejectionRecord,
} from './records.ts';

/** What the push handler needs from its surroundings; the simulation gives its own. */
export interface PushPorts {
  /** Sends rows and returns the service's answers. Rejects when no answer came: nothing is known to have happened. */
  send(collection: Collection, rows: readonly PushRow[]): Promise<PushResponse>;
  /** Keeps records durably; resolves only when they are on disk. */
  file(records: readonly OutboxRecord[]): Promise<void>;
  /** Local documents of this collection that hold an unanswered operation of the group. */
  docsOfGroup(collection: Collection, groupId: string): Promise<readonly LocalDoc[]>;
  /** Which of the operations are on file whole (`filedWhole`): answered before a crash or a restored backup came between. */
  filedWhole(opIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Called with ids whose operations wait for something that has not arrived at the service. */
  parked(collection: Collection, ids: readonly string[]): void;
  now(): string;
}

export interface PushHandler {
  /**
   * Pushes the documents' unanswered operations. A document without any is asked after: a crash fell between its writing
   * and RxDB's note of it, and RxDB passes over what pages bring of it since. Conflicts and rejections are filed durably before it returns.
   * Returns the service's document for every row that got an answer; RxDB hands each to `resolve`, which writes it
   * with what is still unanswered on top. Rows that wait are left out: RxDB takes them as sent, `parked` has them
   * tried again.
   */
  push(docs: readonly LocalDoc[]): Promise<LocalDoc[]>;
  /** The document to keep when the service's and the local state differ: nothing unanswered is dropped. */
  resolve(local: LocalDoc, master: LocalDoc): LocalDoc;
}

const toRow = (doc: LocalDoc): PushRow => ({
  id: doc.id,
  kind: doc.kind,
  siteId: doc.siteId,
  ops: [...doc.ops],
});

/** Rows in requests below the limits; rows of one group stay in one request. */
export function inRequests(rows: readonly PushRow[], maxRows: number, maxBytes: number): PushRow[][] {
  const byGroup = new Map<string, PushRow[]>();
  for (const row of rows) {
    const group = row.ops.find((op) => op.group !== undefined)?.group?.id ?? row.id;
    const bundle = byGroup.get(group);
    if (bundle) bundle.push(row);
    else byGroup.set(group, [row]);
  }
  const requests: PushRow[][] = [];
  let current: PushRow[] = [];
  let bytes = 0;
  for (const bundle of byGroup.values()) {
    const size = new TextEncoder().encode(JSON.stringify(bundle)).length;
    if (current.length > 0 && (current.length + bundle.length > maxRows || bytes + size > maxBytes)) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(...bundle);
    bytes += size;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}

function recordsOf(
  row: PushRow,
  result: PushRowResult,
  view: LocalDoc,
): (ConflictRecord | RejectionRecord)[] {
  const records: (ConflictRecord | RejectionRecord)[] = [];
  const opsById = new Map(row.ops.map((op) => [op.opId, op]));
  for (const answer of result.ops) {
    const op = opsById.get(answer.opId);
    if (op === undefined) continue;
    if (answer.rejection !== undefined) {
      records.push({
        type: 'rejection',
        id: op.opId,
        docId: row.id,
        kind: row.kind,
        siteId: row.siteId,
        op,
        view: result.master.deleted ? ownFields(op) : viewOf(view),
        rejection: answer.rejection,
      });
    }
    for (const clash of answer.clashes ?? []) {
      // An operation that was sent again after a restore tells of the fields that were taken; the rest is on file.
      if (!(clash.field in op.changes)) continue;
      records.push({
        type: 'conflict',
        // One record per document and field; the outbox keeps the values that it had before (`withEarlier`).
        id: `${row.id}.${clash.field}`,
        docId: row.id,
        kind: row.kind,
        siteId: row.siteId,
        field: clash.field,
        base: clash.base as ConflictRecord['base'],
        mine: clash.mine as ConflictRecord['mine'],
        theirs: clash.theirs as ConflictRecord['theirs'],
        mineAt: op.at,
        theirsBy: clash.theirsBy,
        theirsAt: clash.theirsAt,
        theirsDevice: clash.theirsDevice,
        theirsDeviceName: clash.theirsDeviceName,
        opId: op.opId,
        ...(isTakenByField(op) ? {} : { op }),
      });
    }
  }
  return records;
}

/** Of an edit the fields that clash nowhere are taken; a command, or a member of a group, is taken wholly or not. */
const isTakenByField = (op: Op): boolean => isFieldwise(op.kind) && op.group === undefined;

/** The push handler of a collection; `arrivals` is shared with its pull handler. */
export function createPushHandler(
  collection: Collection,
  ports: PushPorts,
  arrivals: Arrivals = createArrivals(),
): PushHandler {
  /** Operations that have an answer and whose document is about to be rewritten; the last answer counts. */
  const answered = new Map<string, { readonly era: number; readonly opIds: ReadonlySet<string> }>();

  async function withWholeGroups(docs: readonly LocalDoc[]): Promise<LocalDoc[]> {
    const byId = new Map(docs.map((doc) => [doc.id, doc]));
    const groups = new Set(docs.flatMap((doc) => doc.ops.flatMap((op) => (op.group ? [op.group.id] : []))));
    for (const group of groups) {
      for (const doc of await ports.docsOfGroup(collection, group))
        if (!byId.has(doc.id)) byId.set(doc.id, doc);
    }
    return [...byId.values()];
  }

  /**
   * Operations that were told to wait before and whose group is not on the desk as a whole: nobody will ever push the
   * rest. It was answered together with them, so that their answer was filed at that time; a human may have dealt with it.
   */
  async function leftAlone(
    docs: readonly LocalDoc[],
    waiting: readonly string[],
  ): Promise<RejectionRecord[]> {
    const found: RejectionRecord[] = [];
    for (const doc of docs) {
      for (const op of doc.ops) {
        if (doc.attempt === 0 || op.group === undefined || !waiting.includes(op.opId)) continue;
        const { id, size } = op.group;
        const members = await ports.docsOfGroup(collection, id);
        const here = members.flatMap(({ ops }) => ops).filter(({ group }) => group?.id === id);
        if (here.length < size) found.push(rejectionOf(doc, op, 'groupFailed'));
      }
    }
    return found;
  }

  async function sendAll(rows: readonly PushRow[], maxRows: number): Promise<PushRowResult[]> {
    const results: PushRowResult[] = [];
    for (const request of inRequests(rows, maxRows, LIMITS.pushBytes / 2)) {
      try {
        const response = await ports.send(collection, request);
        const taken = answeredRows(request, response.rows);
        if (taken.length > 0)
          await ports.file([{ type: 'sent', id: newId(), at: ports.now(), collection, rows: taken }]);
        results.push(...response.rows);
      } catch (error) {
        if (!(error instanceof SivisError) || error.code !== 'TOO_LARGE' || maxRows === 1) throw error;
        results.push(...(await sendAll(request, Math.max(1, Math.floor(maxRows / 2)))));
      }
    }
    return results;
  }

  async function push(docs: readonly LocalDoc[]): Promise<LocalDoc[]> {
    const asked = new Set(docs.map((doc) => doc.id));
    const whole = await withWholeGroups(docs);
    if (whole.length === 0) return [];
    const era = arrivals.era();
    const rows = whole.map(toRow);
    const rowById = new Map(rows.map((row) => [row.id, row]));
    const docById = new Map(whole.map((doc) => [doc.id, doc]));
    const results = await sendAll(rows, LIMITS.pushRows);
    if (arrivals.era() !== era) {
      // The service was restored while the answer was under way: it may know nothing of what it had answered.
      const parked = whole.filter(({ ops }) => ops.length > 0);
      if (parked.length > 0)
        ports.parked(
          collection,
          parked.map(({ id }) => id),
        );
      // What is only asked after has nothing that would be tried again, and RxDB must not take it for sent.
      const silent = docs.filter(({ ops }) => ops.length === 0);
      return silent.length === 0 ? [] : push(silent);
    }

    const waiting = results.flatMap((result) =>
      result.ops.filter((op) => op.outcome === 'waits').map((op) => op.opId),
    );
    // The rest of a group may be answered and gone from the desk already; its last member would wait for it for ever.
    const filed = waiting.length === 0 ? new Set<string>() : await ports.filedWhole(waiting);
    const alone = await leftAlone(whole, waiting);
    const records: OutboxRecord[] = alone.filter(({ id }) => !filed.has(id));
    const given = new Set([...filed, ...alone.map(({ id }) => id)]);
    const masters: LocalDoc[] = [];
    const parked: string[] = [];
    for (const result of results) {
      const row = rowById.get(result.id);
      const doc = docById.get(result.id);
      if (row === undefined || doc === undefined) continue;
      records.push(...recordsOf(row, result, doc));
      const done = result.ops
        .filter((op) => op.outcome !== 'waits' || given.has(op.opId))
        .map((op) => op.opId);
      answered.set(result.id, { era, opIds: new Set(done) });
      if (row.ops.length > 0 && done.length === 0) {
        parked.push(result.id);
        continue;
      }
      if (asked.has(result.id)) masters.push(arrivals.newest(fromWire(result.master)));
    }
    if (records.length > 0) await ports.file(records);
    if (parked.length > 0) ports.parked(collection, parked);
    return masters;
  }

  return {
    push,

    resolve(local, master) {
      const answer = answered.get(local.id);
      // What a service said before it was restored is asked anew.
      const done = answer?.era === arrivals.era() ? answer.opIds : undefined;
      const pending = done === undefined ? local.ops : local.ops.filter((op) => !done.has(op.opId));
      if (pending.length === 0) answered.delete(local.id);
      return rebase(arrivals.newest(master), local, pending);
    },
  };
}

/** The rows with what was taken of them: accepted operations, and the fields of an edit that clashed nowhere. */
function answeredRows(rows: readonly PushRow[], results: readonly PushRowResult[]): PushRow[] {
  const answers = new Map(results.flatMap(({ ops }) => ops.map((answer) => [answer.opId, answer])));
  return rows.flatMap((row) => {
    const ops = row.ops.flatMap((op): Op[] => {
      const answer = answers.get(op.opId);
      if (answer?.outcome === 'accepted') return [op];
      if (answer?.outcome !== 'conflict' || !isTakenByField(op)) return [];
      const clashing = new Set(answer.clashes?.map((clash) => clash.field));
      const changes = Object.entries(op.changes).filter(([field]) => !clashing.has(field));
      return changes.length === 0 ? [] : [{ ...op, changes: Object.fromEntries(changes) }];
    });
    return ops.length === 0 ? [] : [{ ...row, ops }];
  });
}
