import { can, mayOverride } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { isId } from '@sivis/shared/ids/ids.ts';
import { isKind, type Kind } from '@sivis/shared/docs/kinds.ts';
import { mergeOp, opSchema, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  pushRowSchema,
  type OpResult,
  type Outcome,
  type PushRowResult,
  type Rejection,
} from '@sivis/shared/protocol/messages.ts';
import { judge, referencesOf } from '@sivis/shared/rules/judge.ts';
import { wordsOf, type WordKey } from '@sivis/shared/rules/words.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import type { StoredDoc, WriteTx } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { personsOf, targetOf } from './relations.ts';
import { blank, toWire } from './wire.ts';
import { createWorkspace, type Staged, type Workspace } from './workspace.ts';
import { settle } from './settle.ts';

/** A row of the push as it was understood; a row that was not understood has only its raw ids. */
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly unknown[];
}

interface Judged {
  readonly result: OpResult;
  readonly staged?: Staged;
  readonly op?: Op;
}

const WORST: Readonly<Record<Outcome, number>> = { accepted: 0, conflict: 1, waits: 2, rejected: 3 };

function rejection(rule: string, code: WordKey, params: Readonly<Record<string, string>> = {}): Rejection {
  return { rule, code, params: { ...params }, message: wordsOf(code, params, 'lv') };
}

const refused = (opId: string, reason: Rejection): OpResult => ({
  opId,
  outcome: 'rejected',
  rejection: reason,
});

const ofViolation = (entry: Violation): Rejection => rejection(entry.rule, entry.code, entry.params);

/**
 * Applies the rows of one push in the given transaction and answers for each operation (decisions 1–5): replayed with
 * its first answer, judged by rights, by references, by merge and by rules, applied with its bed-nights, audited, and
 * remembered. Operations of one group stand or fall together. Never throws for what a row contains.
 */
export async function applyPush(
  tx: WriteTx,
  actor: SyncActor,
  rawRows: readonly unknown[],
  env: SyncEnv,
): Promise<PushRowResult[]> {
  const rows = rawRows.map(readRow);
  const workspace = createWorkspace(tx, env.today);
  const results: OpResult[][] = rows.map(() => []);
  const next = rows.map(() => 0);
  const groups = groupsOf(rows);

  for (let progress = true; progress;) {
    progress = false;
    for (const [index, row] of rows.entries()) {
      while (next[index]! < row.ops.length) {
        const raw = row.ops[next[index]!];
        const groupId = groupIdOf(raw);
        if (groupId === null) {
          results[index]!.push(
            await applyUnit(tx, actor, env, workspace, [{ row, raw }]).then((unit) => unit[0]!),
          );
          next[index]! += 1;
          progress = true;
          continue;
        }
        const group = groups.get(groupId)!;
        const ready = group.every((member) => isReady(member, rows, next, groupId));
        if (!ready) break;
        const members = group.map((member) => ({
          row: rows[member.row]!,
          raw: rows[member.row]!.ops[member.op],
        }));
        const answers = await applyUnit(tx, actor, env, workspace, members);
        for (const [position, member] of group.entries()) {
          results[member.row]!.push(answers[position]!);
          next[member.row]! += 1;
        }
        progress = true;
      }
    }
  }

  const answers: PushRowResult[] = [];
  for (const [index, row] of rows.entries()) {
    for (const raw of row.ops.slice(results[index]!.length)) {
      results[index]!.push({ opId: opIdOf(raw), outcome: 'waits' });
    }
    const outcome = results[index]!.reduce<Outcome>(
      (worst, { outcome: one }) => (WORST[one] > WORST[worst] ? one : worst),
      'accepted',
    );
    answers.push({ id: row.id, outcome, ops: results[index]!, master: await masterOf(tx, actor, row, env) });
  }
  return answers;
}

function readRow(raw: unknown): Row {
  const parsed = pushRowSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const loose = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const ops = Array.isArray(loose['ops']) ? (loose['ops'] as unknown[]).slice(0, LIMITS.rowOps) : [];
  return {
    id: typeof loose['id'] === 'string' ? loose['id'].slice(0, 64) : '',
    kind: typeof loose['kind'] === 'string' ? loose['kind'].slice(0, 64) : '',
    siteId: typeof loose['siteId'] === 'string' ? loose['siteId'].slice(0, 64) : '',
    // A row without operations still needs an answer, or its desk would send it again for ever.
    ops: ops.length > 0 ? ops : [null],
  };
}

function opIdOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null ? (raw as { opId?: unknown }).opId : undefined;
  return typeof id === 'string' ? id.slice(0, 64) : '';
}

function groupIdOf(raw: unknown): string | null {
  const parsed = opSchema.shape.group.safeParse((raw as { group?: unknown } | null)?.group);
  return parsed.success && parsed.data !== undefined ? parsed.data.id : null;
}

type Member = { readonly row: number; readonly op: number };

function groupsOf(rows: readonly Row[]): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const [rowIndex, row] of rows.entries()) {
    for (const [opIndex, raw] of row.ops.entries()) {
      const id = groupIdOf(raw);
      if (id !== null) groups.set(id, [...(groups.get(id) ?? []), { row: rowIndex, op: opIndex }]);
    }
  }
  return groups;
}

/** A group is ready when nothing but its own operations stands before each of its members. */
function isReady(member: Member, rows: readonly Row[], next: readonly number[], groupId: string): boolean {
  for (let op = next[member.row]!; op < member.op; op += 1) {
    if (groupIdOf(rows[member.row]!.ops[op]) !== groupId) return false;
  }
  return true;
}

async function masterOf(
  tx: WriteTx,
  actor: SyncActor,
  row: Row,
  env: SyncEnv,
): Promise<PushRowResult['master']> {
  const doc = isId(row.id) ? await tx.doc(row.id) : undefined;
  if (doc === undefined) return blank(row.id, row.kind);
  const visible = await tx.isVisible(doc.id, scopeOf(actor.subject, doc.kind, env.today));
  return visible ? toWire(doc, actor.subject.role) : blank(row.id, row.kind);
}

/** One operation, or all operations of a group: judged one after the other, applied together or not at all. */
async function applyUnit(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  members: readonly { readonly row: Row; readonly raw: unknown }[],
): Promise<OpResult[]> {
  const replays = await Promise.all(members.map(({ raw }) => tx.op(opIdOf(raw))));
  const judged: Judged[] = [];
  for (const [index, { row, raw }] of members.entries()) {
    const replay = replays[index];
    if (replay !== undefined) {
      const same =
        replay.deviceId === actor.deviceId &&
        replay.actorId === actor.subject.userId &&
        replay.docId === row.id;
      judged.push({
        result: same
          ? (JSON.parse(replay.result) as OpResult)
          : refused(opIdOf(raw), rejection('op', 'opIdReused')),
      });
      continue;
    }
    judged.push(await judgeOp(tx, actor, env, workspace, row, raw));
  }

  const isGroup = members.length > 1 || groupIdOf(members[0]!.raw) !== null;
  const fresh = judged.filter((_, index) => replays[index] === undefined);
  const size = isGroup ? sizeOf(members[0]!.raw) : 1;
  if (isGroup && members.length !== size && fresh.length > 0) {
    workspace.forget();
    return judged.map(({ result }, index) =>
      replays[index] !== undefined ? result : { opId: result.opId, outcome: 'waits' },
    );
  }
  if (fresh.length > 0 && fresh.some(({ result }) => result.outcome === 'waits')) {
    workspace.forget();
    return judged.map(({ result }, index) =>
      replays[index] !== undefined ? result : isGroup ? { opId: result.opId, outcome: 'waits' } : result,
    );
  }
  const failed = isGroup && fresh.some(({ result }) => result.outcome !== 'accepted');
  if (failed) {
    workspace.forget();
    for (const [index, entry] of judged.entries()) {
      if (replays[index] === undefined && entry.result.outcome === 'accepted') {
        judged[index] = { ...entry, result: refused(entry.result.opId, rejection('group', 'groupFailed')) };
      }
    }
  }

  const warnings = failed ? new Map<string, string[]>() : await settle(tx, actor, env, workspace, judged);
  workspace.forget();
  const results: OpResult[] = [];
  for (const [index, entry] of judged.entries()) {
    if (replays[index] !== undefined) {
      results.push(entry.result);
      continue;
    }
    const { row } = members[index]!;
    const extra = [...(entry.result.warnings ?? []), ...(warnings.get(row.id) ?? [])];
    const result: OpResult = extra.length > 0 ? { ...entry.result, warnings: extra } : entry.result;
    results.push(result);
    await remember(tx, actor, env, row, entry, result);
  }
  return results;
}

function sizeOf(raw: unknown): number {
  return (raw as { group: { size: number } }).group.size;
}

/** Writes the answer down (a replay gets it again), and what was not taken into the audit log with its content. */
async function remember(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  row: Row,
  { op }: Judged,
  result: OpResult,
): Promise<void> {
  // What is no operation has no id to be remembered by; it is refused again each time.
  if (op === undefined) return;
  await tx.putOp({
    opId: op.opId,
    docId: row.id,
    deviceId: actor.deviceId,
    actorId: actor.subject.userId,
    opKind: op.kind,
    result: JSON.stringify(result),
  });
  if (result.outcome === 'accepted') return;
  await env.recordChange(tx, actor, {
    action: result.outcome === 'conflict' ? 'conflict' : 'reject',
    kind: row.kind,
    objectId: row.id,
    objectRev: 0,
    siteId: row.siteId,
    personIds: personsOf(row.kind as Kind, row.id, afterOf(op)),
    happenedAt: op.at,
    result: result.rejection?.rule ?? result.outcome,
    reason: op.reason ?? '',
    op: op.kind,
    opId: op.opId,
    changes: Object.entries(op.changes).map(([field, change]) => ({ field, ...change })),
  });
}

function afterOf(op: Op): Fields {
  return Object.fromEntries(Object.entries(op.changes).map(([field, change]) => [field, change.after]));
}

async function judgeOp(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  row: Row,
  raw: unknown,
): Promise<Judged> {
  const parsed = opSchema.safeParse(raw);
  if (!parsed.success || !isId(row.id)) return { result: refused(opIdOf(raw), rejection('op', 'malformed')) };
  const op = parsed.data;
  const no = (reason: Rejection): Judged => ({ op, result: refused(op.opId, reason) });
  if (op.actor !== actor.subject.userId || op.device !== actor.deviceId) {
    // Not remembered under this id: its real author must still be able to push it.
    return { result: refused(op.opId, rejection('op', 'forgedAuthor')) };
  }
  if (!isKind(row.kind)) return no(rejection('op', 'unknownKind'));
  const kind: Kind = row.kind;

  const current = await workspace.get(row.id);
  if (current !== undefined && current.kind !== kind) return no(rejection('op', 'malformed'));
  if (op.kind === 'create' ? current !== undefined : current === undefined) {
    if (op.kind === 'create') return no(await hidden(tx, actor, env, current!.stored, 'exists'));
    if (await tx.wasRefused(row.id)) return no(rejection('op', 'missing'));
    return { op, result: { opId: op.opId, outcome: 'waits' } };
  }
  if (current !== undefined && current.siteId !== row.siteId) return no(rejection('op', 'otherSite'));

  const merged = mergeOp(current?.fields ?? {}, op);
  const denied = await deniedBy(tx, actor, op, row, kind, current?.stored, merged.fields);
  if (denied !== undefined) return no(denied);
  const missing = await missingReference(tx, actor, env, workspace, kind, current?.fields, merged.fields);
  if (missing === 'waits') return { op, result: { opId: op.opId, outcome: 'waits' } };
  if (missing !== undefined) return no(missing);

  const touched = new Set(merged.applied);
  const skewed = Date.parse(op.at) > env.nowMs + LIMITS.clockSkewMs;
  const warnings = skewed ? { warnings: ['clock-skew'] } : {};
  const stamps = current?.stored?.stamps ?? {};
  const clashes = merged.clashes.map((clash) => ({
    ...clash,
    theirsBy: stamps[clash.field]?.by ?? '',
    theirsAt: stamps[clash.field]?.at ?? '',
    theirsDevice: stamps[clash.field]?.device ?? '',
  })) as NonNullable<OpResult['clashes']>;

  if (touched.size > 0 || op.kind === 'create') {
    const world = await workspace.world(kind, row.id, current?.fields, merged.fields, touched);
    const broken = judge(
      { kind, id: row.id, op, before: current?.fields, after: merged.fields, touched },
      world,
    );
    if (broken[0] !== undefined) return no(ofViolation(broken[0]));
    const staged: Staged = {
      id: row.id,
      kind,
      siteId: row.siteId,
      before: current?.stored,
      fields: merged.fields,
    };
    workspace.stage(staged);
    const outcome: Outcome = clashes.length > 0 ? 'conflict' : 'accepted';
    return {
      op,
      staged,
      result: { opId: op.opId, outcome, ...(clashes.length > 0 ? { clashes } : {}), ...warnings },
    };
  }
  if (clashes.length > 0) return { op, result: { opId: op.opId, outcome: 'conflict', clashes, ...warnings } };
  return { op, result: { opId: op.opId, outcome: 'accepted', ...warnings } };
}

/** A refusal that tells of a document only what the actor may know: to everybody else it is out of scope. */
async function hidden(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  doc: StoredDoc | undefined,
  code: WordKey,
): Promise<Rejection> {
  const sees = doc === undefined || (await tx.isVisible(doc.id, scopeOf(actor.subject, doc.kind, env.today)));
  return sees ? rejection('op', code) : rejection('rights', 'outOfScope');
}

async function deniedBy(
  tx: WriteTx,
  actor: SyncActor,
  op: Op,
  row: Row,
  kind: Kind,
  stored: StoredDoc | undefined,
  after: Fields,
): Promise<Rejection | undefined> {
  const { subject } = actor;
  const fields = Object.keys(op.changes);
  const creating = op.kind === 'create';
  const whole = stored ?? { id: row.id, kind, siteId: row.siteId, fields: after, createdBy: subject.userId };
  const target = await targetOf(tx, whole);
  const answer = can(subject, creating ? 'create' : 'update', target, fields);
  if (!answer.allowed) {
    if (answer.denial === 'field-not-allowed') {
      return rejection('rights', 'fieldNotAllowed', { field: answer.fields?.[0] ?? '' });
    }
    return rejection('rights', answer.denial === 'no-right' ? 'noRight' : 'outOfScope');
  }
  if ((op.override?.length ?? 0) > 0) {
    if (!mayOverride(subject, kind))
      return rejection('rights', 'overrideRight', { rule: op.override?.[0] ?? '' });
    if ((op.reason ?? '').trim().length < 5) return rejection('rights', 'overrideReason');
  }
  return undefined;
}

/** `waits` when something referred to is not here yet; a refusal when it is of a kind or a person that the actor may not use. */
async function missingReference(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  kind: Kind,
  before: Fields | undefined,
  after: Fields,
): Promise<Rejection | 'waits' | undefined> {
  const had = new Set(
    before === undefined ? [] : referencesOf(kind, before).map((reference) => reference.id),
  );
  for (const reference of referencesOf(kind, after)) {
    if (had.has(reference.id)) continue;
    const there = await workspace.get(reference.id);
    if (there === undefined)
      return (await tx.wasRefused(reference.id)) ? rejection('op', 'missing') : 'waits';
    if (there.kind !== reference.kind) return rejection('schema', 'schema', { field: reference.kind });
    const known =
      there.stored === undefined ||
      (await tx.isVisible(reference.id, scopeOf(actor.subject, reference.kind, env.today)));
    if (!known && rightsRow(actor.subject.role, reference.kind) !== undefined)
      return rejection('rights', 'outOfScope');
    if (!known) return rejection('rights', 'noRight');
  }
  return undefined;
}
