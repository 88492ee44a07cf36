import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { jsonEqual } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { OpResult } from '@sivis/shared/protocol/messages/sync.ts';
import { parseEnvelope, parsePayload } from '../sync-service/src/audit/entry.ts';
import { createGate } from '../sync-service/src/store/gate.ts';
import type { AuditRow, ReadTx } from '../sync-service/src/store/store.ts';
import type { HeldRow } from '../sync-service/src/sync/quarantine.ts';
import type { DeskState, Made } from './desk.ts';
import {
  broken,
  holdsConflict,
  isKept,
  nightsTrue,
  nothingLost,
  oneGuestPerBedNight,
  unconfirmedHaveTasks,
} from './promises.ts';
import type { ServiceProcess } from './serviceProcess.ts';

/**
 * Asks the promises after every step. What it has read of the service's log it does not read again, and what can only
 * break by a commit it asks after a commit; a restored store is read from its beginning.
 */
export interface Watch {
  /** Documents went out at the door; their entry has to stand in the log by now. */
  handedOut(ids: readonly string[]): Promise<void>;
  /** After every step. */
  look(): Promise<void>;
  /** When the desks that are still admitted have come to rest. */
  lookAtRest(resting: readonly DeskState[]): Promise<void>;
  /** The service goes on from a copy: what it had said since is forgotten. */
  restored(): void;
  answers(): ReadonlyMap<string, OpResult>;
}

/** Fields that the service sets itself while it takes an operation: a bed that was taken, a code in use. */
const SET_BY_SERVICE: ReadonlySet<string> = new Set(['segments', 'unconfirmed', 'provisional']);
/** Entries of the log read at once. */
const PAGE = 5_000;
const CHANGING: ReadonlySet<string> = new Set(['create', 'update', 'undo', 'displace']);

/** What is looked at: the store of the service, and what was written there. */
export type Watched = Pick<ServiceProcess, 'disk' | 'writes' | 'remembered'>;

/** `first`: the documents with which the house began, by id. */
export function createWatch(
  first: ReadonlyMap<string, Fields>,
  desks: readonly DeskState[],
  service: Watched,
): Watch {
  /** How often the store had been written when it was read last: what was not written since is as it was. */
  let readAt = -1;
  let lookedAt = -1;
  let readTo = 0;
  /** The store is another one than at the last look: nothing is known of its answers. */
  let isNew = true;
  /** At which change of documents the costly questions were asked. */
  let head = -1;
  let hasRestored = false;
  let sums = new Map(first);
  const logged = new Set<string>();
  const delivered = new Set<string>();
  /** Operations whose own entry says what they changed. */
  const traced = new Set<string>();
  const answers = new Map<string, OpResult>();
  /** What was applied of edits that were held back, with its document, by what they were held back as; what was decided. */
  const applied = new Map<string, Map<string, string>>();
  const decided = new Map<string, boolean>();
  /** Whether groups were taken. */
  const taken = new Map<string, boolean>();
  /** Replies go out at the same time; the log is read by one after the other. */
  const gate = createGate(1);
  /** Documents of which the log has told since the last look. */
  const touched = new Set<string>();

  const madeOf = (opId: string): Made | undefined => {
    for (const desk of desks) {
      const made = desk.made.get(opId);
      if (made !== undefined) return made;
    }
    return undefined;
  };

  async function answer(tx: ReadTx, opId: string): Promise<OpResult | undefined> {
    const known = answers.get(opId);
    if (known !== undefined) return known;
    const record = await tx.op(opId);
    if (record === undefined) return undefined;
    const result = JSON.parse(record.result) as OpResult;
    answers.set(opId, result);
    if (!logged.has(opId)) broken('an answered operation has no audit entry', { opId, record });
    if (result.rejection?.code === 'quarantined') await heldBack(tx, opId);
    return result;
  }

  /** What waits for a supervisor lies before him whole. */
  async function heldBack(tx: ReadTx, opId: string): Promise<void> {
    const row = await tx.quarantineOfOp(opId);
    const held = JSON.parse(row?.rows ?? '[]') as readonly HeldRow[];
    const op = held.flatMap(({ ops }) => ops).find((one) => one.opId === opId);
    const made = madeOf(opId);
    if (op === undefined || (made !== undefined && !jsonEqual(op.changes, made.op.changes)))
      broken('what was held back is not before the supervisor', { opId });
  }

  /** A supervisor decides once; what he accepts is applied as a whole, what he discards not at all. */
  async function decidedOn(tx: ReadTx, id: string, accepts: boolean): Promise<void> {
    if (decided.has(id)) broken('what was held back was decided twice', { id });
    decided.set(id, accepts);
    const row = await tx.quarantined(id);
    if (row?.state !== (accepts ? 'accepted' : 'discarded') || row.decidedBy === row.authorId)
      broken('a decision is not with what was held back', { id, accepts, row });
    const held = JSON.parse(row.rows) as readonly HeldRow[];
    const ops = held.reduce((sum, one) => sum + one.ops.length, 0);
    // What the service does besides (a task, somebody who gives way) is about other documents.
    const about = new Set(held.map((one) => one.id));
    const done = [...(applied.get(id) ?? [])].filter(([, docId]) => about.has(docId)).length;
    if (accepts ? done !== ops : applied.has(id))
      broken('a decision was not carried out as a whole', { id, accepts, done, held });
    for (const one of accepts ? held : []) {
      const fields = sums.get(one.id) ?? {};
      const wanted = Object.assign({}, ...one.ops.map((op) => op.changes)) as Op['changes'];
      for (const [field, { after }] of Object.entries(wanted))
        if (!SET_BY_SERVICE.has(field) && !jsonEqual(fields[field] ?? null, after))
          broken('an accepted decision is not there', { id, doc: one.id, field, after, now: fields[field] });
    }
  }

  /** Reads what the log has new. */
  async function readLog(tx: ReadTx): Promise<void> {
    const now = service.writes();
    if (now === readAt) return;
    readAt = now;
    for (let more = true; more;) {
      const rows = await tx.auditRange(readTo, PAGE);
      more = rows.length === PAGE;
      for (const row of rows) {
        if (row.seq !== readTo + 1) broken('the audit log has a gap', { after: readTo, seq: row.seq });
        readTo = row.seq;
        await readEntry(tx, row);
      }
    }
  }

  async function readEntry(tx: ReadTx, row: AuditRow): Promise<void> {
    const { action } = parseEnvelope(row.envelope);
    const payload = parsePayload(row.payload);
    if (payload === null) broken('an entry has no payload', { seq: row.seq });
    const { opId, ids, quarantine } = payload.detail as {
      opId?: string;
      ids?: readonly string[];
      quarantine?: string;
    };
    if (quarantine !== undefined && opId !== undefined)
      applied.set(
        quarantine,
        (applied.get(quarantine) ?? new Map<string, string>()).set(opId, payload.objectId),
      );
    if (action === 'quarantineAccept' || action === 'quarantineDiscard')
      await decidedOn(tx, payload.objectId, action === 'quarantineAccept');
    for (const id of ids ?? []) delivered.add(id);
    if (opId === undefined) return;
    logged.add(opId);
    if (!CHANGING.has(action)) return;
    const { objectId, changes } = payload;
    const before = sums.get(objectId) ?? {};
    const sum: Record<string, Json> = { ...before };
    for (const { field, after } of changes) sum[field] = after;
    sums.set(objectId, sum);
    touched.add(objectId);
    const made = madeOf(opId);
    if (made?.docId !== objectId) return;
    traced.add(opId);
    if ((await answer(tx, opId))?.outcome !== 'accepted') return;
    for (const [field, change] of Object.entries(made.op.changes)) {
      const { after } = change;
      const was = before[field] ?? null;
      if (!SET_BY_SERVICE.has(field) && !jsonEqual(was, change.before) && !jsonEqual(was, after))
        broken('an edit overwrote what its author had not seen', { opId, field, was, change });
      const isThere = SET_BY_SERVICE.has(field) || jsonEqual(sum[field], after);
      // Of an edit that was sent again after a restore the field that clashed is beside the other value.
      if (!isThere && !desks.some((desk) => holdsConflict(desk, objectId, field, opId)))
        broken('an accepted value is not there', { opId, field, after, now: sum[field] });
    }
  }

  /** Of a command over several documents all or nothing is taken (decision 3). */
  function wholeGroup(made: Made | undefined, { opId, outcome }: OpResult): void {
    const group = made?.op.group?.id;
    if (group === undefined) return;
    const isTaken = outcome === 'accepted';
    if ((taken.get(group) ?? isTaken) !== isTaken) broken('half a group was taken', { group, opId });
    taken.set(group, isTaken);
  }

  async function look(): Promise<void> {
    const now = service.writes();
    if (now !== lookedAt) await service.disk.read(lookAtService);
    lookedAt = now;
    nothingLost((opId) => answers.get(opId), desks, hasRestored);
  }

  async function lookAtService(tx: ReadTx): Promise<void> {
    await readLog(tx);
    for (const id of applied.keys())
      if (decided.get(id) !== true) broken('held back edits were applied by nobody', { id });
    for (const id of touched) {
      const fields = (await tx.doc(id))?.fields;
      const sum = withoutNulls(sums.get(id) ?? {});
      if (fields === undefined || !jsonEqual(sum, fields))
        broken('a document is not the sum of its history', { id, sum, fields });
    }
    touched.clear();
    const asked = isNew ? desks.flatMap((desk) => [...desk.made.keys()]) : service.remembered();
    isNew = false;
    for (const opId of asked) {
      const made = madeOf(opId);
      const result = made === undefined ? undefined : await answer(tx, opId);
      if (result === undefined) continue;
      if (result.outcome === 'accepted' && !traced.has(opId))
        broken('an accepted operation left no trace', { opId });
      wholeGroup(made, result);
    }
    const now = await tx.headSeq();
    if (now === head) return;
    head = now;
    await nightsTrue(tx);
    await oneGuestPerBedNight(tx);
    await unconfirmedHaveTasks(tx);
  }

  return {
    look: () => gate.run(look),
    answers: () => answers,
    async handedOut(ids) {
      if (ids.some((id) => !delivered.has(id))) await gate.run(() => service.disk.read(readLog));
      for (const id of ids)
        if (!delivered.has(id)) broken('a handed-out document has no audit entry', { id });
    },
    async lookAtRest(resting) {
      await look();
      nothingLost((opId) => answers.get(opId), resting, false);
      for (const desk of resting) {
        for (const [opId, { op, docId }] of desk.made) {
          // What is on file was answered before a restore; everything else was sent again and has its answer.
          if (!answers.has(opId) && !isKept(desk, op, docId))
            broken('the service has forgotten an operation', {
              ...{ desk: desks.indexOf(desk) + 1, opId, kind: op.kind, docId, made: op.at },
              local: desk.doc(docId),
            });
        }
      }
    },
    restored() {
      hasRestored = true;
      readAt = -1;
      lookedAt = -1;
      readTo = 0;
      isNew = true;
      head = -1;
      sums = new Map(first);
      for (const set of [logged, delivered, traced, touched]) set.clear();
      answers.clear();
      taken.clear();
      applied.clear();
      decided.clear();
    },
  };
}

const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
