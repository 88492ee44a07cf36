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
  const lines: Line[] = rawRows.map((raw) => ({ row: readRow(raw), results: [] }));
  const workspace = createWorkspace(tx, env.today);
  const groups = groupsOf(lines);

  for (let progress = true; progress;) {
    progress = false;
    for (const line of lines) {
      for (let raw = nextOf(line); raw !== undefined; raw = nextOf(line)) {
        const groupId = groupIdOf(raw.op);
        const group = groupId === null ? [line] : (groups.get(groupId) ?? [line]);
        if (groupId !== null && !group.every((member) => isReady(member, groupId))) break;
        const members = groupId === null ? [{ line, op: raw.op }] : membersOf(group, groupId);
        const answers = await applyUnit(tx, actor, env, workspace, members);
        for (const [index, { line: member }] of members.entries()) {
          const answer = answers[index];
          if (answer !== undefined) member.results.push(answer);
        }
        progress = true;
      }
    }
  }

  const answers: PushRowResult[] = [];
  for (const { row, results } of lines) {
    for (const raw of row.ops.slice(results.length)) results.push({ opId: opIdOf(raw), outcome: 'waits' });
    const outcome = results.reduce<Outcome>(
      (worst, { outcome: one }) => (WORST[one] > WORST[worst] ? one : worst),
      'accepted',
    );
    answers.push({ id: row.id, outcome, ops: results, master: await masterOf(tx, actor, row, env) });
  }
  return answers;
}

/** A row with the answers given so far; the operation to judge next is the first without one. */
interface Line {
  readonly row: Row;
  readonly results: OpResult[];
}

/** An operation and the row that it stands in. */
interface Member {
  readonly line: Line;
  readonly op: unknown;
}

function nextOf({ row, results }: Line): { readonly op: unknown } | undefined {
  return results.length < row.ops.length ? { op: row.ops[results.length] } : undefined;
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

function groupOf(raw: unknown): { readonly id: string; readonly size: number } | null {
  const parsed = opSchema.shape.group.safeParse((raw as { group?: unknown } | null | undefined)?.group);
  return parsed.success && parsed.data !== undefined ? parsed.data : null;
}

const groupIdOf = (raw: unknown): string | null => groupOf(raw)?.id ?? null;

/** The rows of each group, in order; a row with two operations of a group stands there once. */
function groupsOf(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    for (const id of new Set(line.row.ops.map(groupIdOf))) {
      if (id !== null) groups.set(id, [...(groups.get(id) ?? []), line]);
    }
  }
  return groups;
}

/** The unanswered operations of the group in its rows. */
function membersOf(group: readonly Line[], groupId: string): Member[] {
  return group.flatMap((line) =>
    line.row.ops
      .slice(line.results.length)
      .filter((op) => groupIdOf(op) === groupId)
      .map((op) => ({ line, op })),
  );
}

/** A row is ready for its group when nothing but the group's own operations stands first in it. */
function isReady({ row, results }: Line, groupId: string): boolean {
  const open = row.ops.slice(results.length);
  const last = open.findLastIndex((op) => groupIdOf(op) === groupId);
  return open.slice(0, last + 1).every((op) => groupIdOf(op) === groupId);
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
  members: readonly Member[],
): Promise<OpResult[]> {
  const judged: (Judged & { readonly row: Row; readonly replayed: boolean })[] = [];
  for (const { line, op: raw } of members) {
    const { row } = line;
    const replay = await tx.op(opIdOf(raw));
    if (replay === undefined) {
      judged.push({ ...(await judgeOp(tx, actor, env, workspace, row, raw)), row, replayed: false });
      continue;
    }
    const same =
      replay.deviceId === actor.deviceId &&
      replay.actorId === actor.subject.userId &&
      replay.docId === row.id;
    const result = same
      ? (JSON.parse(replay.result) as OpResult)
      : refused(opIdOf(raw), rejection('op', 'opIdReused'));
    judged.push({ result, row, replayed: true });
  }

  const group = groupOf(members[0]?.op);
  const fresh = judged.filter((entry) => !entry.replayed);
  const incomplete = group !== null && members.length !== group.size;
  if (fresh.length > 0 && (incomplete || fresh.some(({ result }) => result.outcome === 'waits'))) {
    workspace.forget();
    return judged.map(({ result, replayed }) =>
      replayed ? result : { opId: result.opId, outcome: 'waits' },
    );
  }
  const failed = group !== null && fresh.some(({ result }) => result.outcome !== 'accepted');
  const warnings = failed ? new Map<string, string[]>() : await settle(tx, actor, env, workspace, judged);
  workspace.forget();

  const results: OpResult[] = [];
  for (const entry of judged) {
    if (entry.replayed) {
      results.push(entry.result);
      continue;
    }
    const dragged = failed && entry.result.outcome === 'accepted';
    const own = dragged ? refused(entry.result.opId, rejection('group', 'groupFailed')) : entry.result;
    const extra = [...(own.warnings ?? []), ...(warnings.get(entry.row.id) ?? [])];
    const result: OpResult = extra.length > 0 ? { ...own, warnings: extra } : own;
    results.push(result);
    await remember(tx, actor, env, entry, result);
  }
  return results;
}

/** Writes the answer down (a replay gets it again), and what was not taken into the audit log with its content. */
async function remember(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  { op, row }: Judged & { readonly row: Row },
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
    if (current !== undefined) return no(await hidden(tx, actor, env, current.stored, 'exists'));
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
