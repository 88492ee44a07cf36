import { z } from 'zod';
import { seesField } from '@sivis/shared/access/can.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { isId } from '@sivis/shared/ids/ids.ts';
import { collectionOf, isKind, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import { mergeOp, opSchema, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Stay, StaySegment } from '@sivis/shared/lodging/stay.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  pushRowSchema,
  type OpResult,
  type Outcome,
  type PushRowResult,
  type Rejection,
} from '@sivis/shared/protocol/messages/sync.ts';
import { judge } from '@sivis/shared/rules/judge.ts';
import type { WordKey } from '@sivis/shared/rules/words.ts';
import type { World } from '@sivis/shared/rules/world.ts';
import { addDays, rigaDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { WriteTx } from '../store/store.ts';
import { replicaOf } from '../store/visibility.ts';
import { deniedByRole, deniedOn, mayCreate, missingOr, missingReference } from './allowed.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { contentOf, isSameOp, type OpContent } from './opContent.ts';
import { formerSubjects, holdBack, QUARANTINED } from './quarantine.ts';
import { ofViolation, refused, rejection } from './rejection.ts';
import { personsOf } from './relations.ts';
import { undoneBy, type Undone } from './undo.ts';
import { blank, toWire } from './wire.ts';
import { createWorkspace, type Found, type Workspace } from './workspace.ts';
import { settle } from './settle.ts';

/** An operation as it was understood, parsed once; `op` is missing where it was not. */
interface Parsed {
  readonly opId: string;
  readonly group: { readonly id: string; readonly size: number } | null;
  readonly op: Op | undefined;
  /** It leads to a guest in house: what is claimed before it in its row is claimed for somebody who is here. */
  readonly arrives: boolean;
}

/** A row of the push as it was understood; a row that was not understood has only its raw ids. */
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly Parsed[];
  /** Nothing is to be changed: the desk asks for the document as it is. */
  readonly asks: boolean;
}

interface Judged {
  readonly result: OpResult;
  readonly op?: Op;
  /** What a change is still to be asked by the rules, when all of its unit is staged. */
  readonly deed?: StagedDeed;
}

/** An operation that rights, references and merge let through, staged beside the others of its unit. */
interface StagedDeed {
  readonly op: Op;
  readonly kind: Kind;
  readonly before: Fields | undefined;
  readonly after: Fields;
  readonly touched: ReadonlySet<string>;
  /** What it takes back. */
  readonly undone: Exclude<Undone, { denied: WordKey }> | undefined;
}

const WORST: Readonly<Record<Outcome, number>> = { accepted: 0, conflict: 1, waits: 2, rejected: 3 };

/**
 * Applies the rows of one push in the given transaction and answers for each operation (decisions 1–5): replayed with
 * its first answer, judged by rights, by references, by merge and by rules, applied with its bed-nights, audited, and
 * remembered. Operations of one group stand or fall together. Never throws for what a row contains.
 */
export async function applyPush(
  tx: WriteTx,
  actor: SyncActor,
  collection: Collection,
  rawRows: readonly unknown[],
  env: SyncEnv,
): Promise<PushRowResult[]> {
  const seen = new Set<string>();
  const lines: Line[] = rawRows.map((raw) => ({ row: readRow(raw, collection, seen), results: [] }));
  const workspace = createWorkspace(tx, actor.subject.siteIds);
  const groups = groupsOf(lines);

  for (let progress = true; progress;) {
    progress = false;
    for (const line of lines) {
      for (let next = nextOf(line); next !== undefined; next = nextOf(line)) {
        const groupId = next.group?.id ?? null;
        const group = groupId === null ? [line] : (groups.get(groupId) ?? [line]);
        if (groupId !== null && !group.every((member) => isReady(member, groupId))) break;
        const members = groupId === null ? [{ line, parsed: next }] : membersOf(group, groupId);
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
    for (const { opId } of row.ops.slice(results.length)) results.push({ opId, outcome: 'waits' });
    const outcome = results.reduce<Outcome>(
      (worst, { outcome: one }) => (WORST[one] > WORST[worst] ? one : worst),
      'accepted',
    );
    const master = await masterOf(tx, actor, row, results, env);
    const ops = results.map((result) => withoutForeign(result, actor.subject.role, master));
    answers.push({ id: row.id, outcome, ops, master });
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
  readonly parsed: Parsed;
}

/** The next operation to judge. An operation that waits ends its row: what follows was made on top of it. */
function nextOf({ row, results }: Line): Parsed | undefined {
  return results.at(-1)?.outcome === 'waits' ? undefined : row.ops[results.length];
}

function readRow(raw: unknown, collection: Collection, seen: Set<string>): Row {
  const loose = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const ops = Array.isArray(loose['ops']) ? (loose['ops'] as unknown[]).slice(0, LIMITS.rowOps) : [];
  const text = (name: string): string => {
    const value = loose[name];
    return typeof value === 'string' ? value.slice(0, 64) : '';
  };
  const kind = text('kind');
  const asks = Array.isArray(loose['ops']) && ops.length === 0;
  // A kind that does not exist is told so; one of another collection came through the wrong door.
  const sound = rowHeadSchema.safeParse(raw).success && (!isKind(kind) || collectionOf(kind) === collection);
  return {
    id: text('id'),
    kind,
    siteId: text('siteId'),
    // A row that was not understood still needs an answer, or its desk would send it again for ever.
    ops: (ops.length > 0 || (asks && sound) ? ops : [null]).map((op) => readOp(op, sound, seen)),
    asks: asks && sound,
  };
}

const rowHeadSchema = pushRowSchema.extend({ ops: z.array(z.unknown()).max(LIMITS.rowOps) });

function readOp(raw: unknown, inSoundRow: boolean, seen: Set<string>): Parsed {
  const parsed = opSchema.safeParse(raw);
  const id = typeof raw === 'object' && raw !== null ? (raw as { opId?: unknown }).opId : undefined;
  const opId = typeof id === 'string' ? id.slice(0, 64) : '';
  // The same id twice in one push is no replay but a fault of the client; the first one counts.
  if (!parsed.success || !inSoundRow || seen.has(opId))
    return { opId, group: null, op: undefined, arrives: false };
  seen.add(opId);
  const op = parsed.data;
  const state = op.changes['state']?.after;
  return { opId, group: op.group ?? null, op, arrives: state === 'in_house' || state === 'on_leave' };
}

/** The rows of each group, in order; a row with two operations of a group stands there once. */
function groupsOf(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    for (const id of new Set(line.row.ops.map(({ group }) => group?.id))) {
      if (id === undefined) continue;
      const rows = groups.get(id);
      if (rows === undefined) groups.set(id, [line]);
      else rows.push(line);
    }
  }
  return groups;
}

/** The unanswered operations of the group in its rows. */
function membersOf(group: readonly Line[], groupId: string): Member[] {
  return group.flatMap((line) =>
    line.row.ops
      .slice(line.results.length)
      .filter((parsed) => parsed.group?.id === groupId)
      .map((parsed) => ({ line, parsed })),
  );
}

/** A row is ready for its group when nothing but the group's own operations stands first in it. */
function isReady({ row, results }: Line, groupId: string): boolean {
  if (results.at(-1)?.outcome === 'waits') return false;
  let last = row.ops.length - 1;
  while (last >= results.length && row.ops[last]?.group?.id !== groupId) last -= 1;
  for (let index = results.length; index < last; index += 1) {
    if (row.ops[index]?.group?.id !== groupId) return false;
  }
  return true;
}

/**
 * The document after the row, as the desk may hold it. Whoever sent nothing that was understood and his own gets
 * nothing: a push is no other way to read than a pull, of which the log knows as well.
 */
async function masterOf(
  tx: WriteTx,
  actor: SyncActor,
  row: Row,
  results: readonly OpResult[],
  env: SyncEnv,
): Promise<PushRowResult['master']> {
  const own =
    row.asks || results.some(({ rejection: reason }) => reason === undefined || !NOT_OWN.has(reason.code));
  const doc = own && isId(row.id) ? await tx.doc(row.id) : undefined;
  if (doc === undefined) return blank(row.id, row.kind);
  const visible = await tx.isVisible(doc.id, replicaOf(actor.subject, collectionOf(doc.kind), env.today));
  return visible ? toWire(doc, actor.subject.role) : blank(row.id, row.kind);
}

/**
 * The answer without what its reader may not see by now: an answer that is given again, after his rights changed, still
 * tells that his value clashed, and no longer with what, of a hidden field or of a document that he may not hold.
 */
function withoutForeign(result: OpResult, role: Role, master: PushRowResult['master']): OpResult {
  const { clashes } = result;
  if (clashes === undefined) return result;
  const isTold = (field: string): boolean => !master.deleted && seesField(role, master.kind as Kind, field);
  return {
    ...result,
    clashes: clashes.map((clash) => (isTold(clash.field) ? clash : { ...clash, ...UNTOLD })),
  };
}

const UNTOLD = { theirs: null, theirsBy: '', theirsAt: '', theirsDevice: '', theirsDeviceName: '' };

const NOT_OWN: ReadonlySet<string> = new Set<WordKey>(['malformed', 'forgedAuthor', 'opIdReused']);

/** One operation, or all operations of a group: judged one after the other, applied together or not at all. */
async function applyUnit(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  members: readonly Member[],
): Promise<OpResult[]> {
  const group = members[0]?.parsed.group ?? null;
  if (group !== null && members.some(({ parsed }) => parsed.group?.size !== group.size)) {
    return members.map(({ parsed }) => refused(parsed.opId, rejection('op', 'malformed')));
  }
  const incomplete = group !== null && members.length !== group.size;
  const judged: (Judged & { readonly row: Row; readonly replayed: boolean })[] = [];
  for (const { line, parsed } of members) {
    const { row } = line;
    const replay = parsed.op === undefined ? undefined : await tx.op(parsed.opId);
    if (replay !== undefined) {
      const same =
        replay.deviceId === actor.deviceId &&
        replay.actorId === actor.subject.userId &&
        replay.docId === row.id;
      const reason =
        parsed.op === undefined || !same
          ? 'opIdReused'
          : isSameOp(JSON.parse(replay.content) as OpContent, parsed.op)
            ? null
            : 'opChanged';
      const result =
        reason === null
          ? (JSON.parse(replay.result) as OpResult)
          : refused(parsed.opId, rejection('op', reason));
      judged.push({ result, row, replayed: true });
    } else if (incomplete) {
      judged.push({ result: { opId: parsed.opId, outcome: 'waits' }, row, replayed: false });
    } else {
      judged.push({ ...(await stageOp(tx, actor, env, workspace, row, parsed)), row, replayed: false });
    }
  }
  // The rules are asked when all of a group is staged: in a swap each guest comes into the room as the other leaves it.
  const undone = new Set(judged.flatMap(({ deed }) => deed?.undone?.groupId ?? []));
  for (const [index, entry] of judged.entries()) {
    if (entry.deed === undefined) continue;
    if (entry.deed.undone !== undefined && undone.size > 1) {
      judged[index] = {
        ...entry,
        result: refused(entry.result.opId, rejection('op', 'undoDiffers')),
      };
      continue;
    }
    const denied = await refusedByRules(env, workspace, entry.row.id, entry.deed);
    if (denied !== undefined) judged[index] = { ...entry, result: refused(entry.result.opId, denied) };
  }

  const fresh = judged.filter((entry) => !entry.replayed);
  if (fresh.some(({ result }) => result.rejection?.code === 'quarantined')) {
    workspace.forget();
    const who = { actorId: actor.subject.userId, deviceId: actor.deviceId, source: 'push' } as const;
    const held = fresh.flatMap(({ op, row }) =>
      op === undefined ? [] : [{ id: row.id, kind: row.kind, siteId: row.siteId, ops: [op] }],
    );
    await holdBack(tx, who, env, held);
    const answers: OpResult[] = [];
    for (const entry of judged) {
      const result = entry.replayed ? entry.result : refused(entry.result.opId, QUARANTINED);
      answers.push(result);
      if (!entry.replayed) await remember(tx, actor, env, entry, result, false);
    }
    return answers;
  }
  if (fresh.some(({ result }) => result.outcome === 'waits')) {
    workspace.forget();
    return judged.map(({ result, replayed }) =>
      replayed ? result : { opId: result.opId, outcome: 'waits' },
    );
  }
  const failed = fresh.some(({ result }) =>
    group === null ? result.outcome === 'rejected' : result.outcome !== 'accepted',
  );
  const here = new Set(
    members
      .filter(({ line }) => line.row.ops.slice(line.results.length).some((later) => later.arrives))
      .map(({ line }) => line.row.id),
  );
  const warnings = failed
    ? new Map<string, string[]>()
    : await settle(tx, actor, env, workspace, { judged: fresh, here });
  const changed = new Set(failed ? [] : workspace.staged().map((change) => change.id));
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
    await remember(tx, actor, env, entry, result, changed.has(entry.row.id));
  }
  return results;
}

/**
 * Writes the answer down (a replay gets it again), and into the audit log what `settle` did not write: what was not
 * taken, with its content, and what changed nothing because somebody was there first with the same value.
 */
async function remember(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  { op, row }: Judged & { readonly row: Row },
  result: OpResult,
  changed: boolean,
): Promise<void> {
  // What is no operation has no id to be remembered by; it is refused again each time.
  if (op === undefined) return;
  await tx.putOp({
    opId: op.opId,
    docId: row.id,
    deviceId: actor.deviceId,
    actorId: actor.subject.userId,
    opKind: op.kind,
    content: JSON.stringify(contentOf(op)),
    result: JSON.stringify(result),
  });
  if (result.outcome === 'accepted' && changed) return;
  const stored = await tx.doc(row.id);
  const action = { accepted: 'update', conflict: 'conflict', rejected: 'reject', waits: 'reject' } as const;
  await env.recordChange(tx, actor, {
    action: result.rejection?.code === 'quarantined' ? 'quarantine' : action[result.outcome],
    kind: stored?.kind ?? row.kind,
    objectId: row.id,
    objectRev: stored?.rev ?? 0,
    siteId: stored?.siteId ?? (actor.subject.siteIds.includes(row.siteId) ? row.siteId : ''),
    personIds: personsOf(row.kind as Kind, row.id, {
      ...stored?.fields,
      ...(stored === undefined ? afterOf(op) : {}),
    }),
    happenedAt: op.at,
    result: result.outcome === 'accepted' ? 'unchanged' : (result.rejection?.rule ?? result.outcome),
    reason: op.reason ?? '',
    op: op.kind,
    opId: op.opId,
    changes: Object.entries(op.changes).map(([field, change]) => ({ field, ...change })),
  });
}

function afterOf(op: Op): Fields {
  return Object.fromEntries(Object.entries(op.changes).map(([field, change]) => [field, change.after]));
}

/** Rights, references and merge; what they let through is staged, and its rules are asked when its unit is whole. */
async function stageOp(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  row: Row,
  { op, opId }: Parsed,
): Promise<Judged> {
  if (op === undefined || !isId(row.id)) return { result: refused(opId, rejection('op', 'malformed')) };
  const no = (reason: Rejection): Judged => ({ op, result: refused(op.opId, reason) });
  if (op.actor !== actor.subject.userId || op.device !== actor.deviceId) {
    // Not remembered under this id: its real author must still be able to push it.
    return { result: refused(op.opId, rejection('op', 'forgedAuthor')) };
  }
  if (!isKind(row.kind)) return no(rejection('op', 'unknownKind'));
  const kind: Kind = row.kind;

  const current = await workspace.get(row.id);
  const merged = mergeOp(current?.fields ?? {}, op);
  const asked: Asked = { id: row.id, kind, siteId: row.siteId, op, current, after: merged.fields };
  const denied = await deniedTo(tx, actor, env, workspace, asked);
  if (denied !== undefined && (await heldFor(tx, actor, env, workspace, asked, denied)))
    return no(QUARANTINED);
  if (denied === 'waits') return { op, result: { opId: op.opId, outcome: 'waits' } };
  if (denied !== undefined) return no(denied);
  const { undoes } = op;
  const changesNothing = merged.applied.length === 0 && merged.clashes.length === 0;
  const undone =
    undoes === undefined || changesNothing
      ? undefined
      : await undoneBy(tx, actor, kind, row.id, { ...op, undoes });
  if (undone?.denied !== undefined) return no(rejection('op', undone.denied));

  const touched = new Set(merged.applied);
  const skewed = Date.parse(op.at) > env.nowMs + LIMITS.clockSkewMs;
  const warnings = skewed ? { warnings: ['clock-skew'] } : {};
  const stamps = current?.stored?.stamps ?? {};
  const clashes: NonNullable<OpResult['clashes']> = [];
  for (const clash of merged.clashes) {
    const stamp = stamps[clash.field];
    const device = stamp === undefined || stamp.device === '' ? undefined : await tx.device(stamp.device);
    clashes.push({
      ...(clash as NonNullable<OpResult['clashes']>[number]),
      theirsBy: stamp?.by ?? '',
      theirsAt: stamp?.at ?? '',
      theirsDevice: stamp?.device ?? '',
      theirsDeviceName: device?.name ?? '',
    });
  }

  if (touched.size > 0 || op.kind === 'create') {
    workspace.stage({ id: row.id, kind, siteId: row.siteId, before: current?.stored, fields: merged.fields });
    const outcome: Outcome = clashes.length > 0 ? 'conflict' : 'accepted';
    return {
      op,
      deed: { op, kind, before: current?.fields, after: merged.fields, touched, undone },
      result: { opId: op.opId, outcome, ...(clashes.length > 0 ? { clashes } : {}), ...warnings },
    };
  }
  if (clashes.length > 0) return { op, result: { opId: op.opId, outcome: 'conflict', clashes, ...warnings } };
  return { op, result: { opId: op.opId, outcome: 'accepted', ...warnings } };
}

/** An operation and the document that it is about, before and after it. */
interface Asked {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly op: Op;
  readonly current: Found | undefined;
  readonly after: Fields;
}

/** What rights and references say: a refusal, `waits` for what is not here yet, or nothing. */
async function deniedTo(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  { op, current, after, ...row }: Asked,
): Promise<Rejection | 'waits' | undefined> {
  const { kind } = row;
  const byRole = deniedByRole(actor, kind, op);
  if (byRole !== undefined) return byRole;
  if (op.kind === 'create') {
    if (current !== undefined) return rejection('op', 'exists');
    if (!(await mayCreate(tx, actor, { ...row, fields: after }))) return rejection('rights', 'outOfScope');
  } else {
    const denied = current === undefined ? 'unknown' : await deniedOn(tx, actor, env, row, current);
    if (denied === 'unknown') return missingOr(tx, actor, row.id);
    if (denied !== undefined) return denied;
  }
  return missingReference(tx, actor, env, workspace, { kind, before: current?.fields, after });
}

/**
 * True for what a supervisor decides (docs/adr/0007): the author had the right when he did it and has it no longer, or he
 * built it on something that waits for a supervisor already.
 */
async function heldFor(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  asked: Asked,
  denied: Rejection | 'waits',
): Promise<boolean> {
  if (denied !== 'waits' && denied.code === QUARANTINED.code) return true;
  if (denied !== 'waits' && denied.rule !== 'rights') return false;
  for (const subject of formerSubjects(actor, asked.op.at)) {
    const before = await deniedTo(tx, { ...actor, subject }, env, workspace, asked);
    if (before === undefined || (before !== 'waits' && before.code === QUARANTINED.code)) return true;
  }
  return false;
}

/**
 * What the rules say of a staged change. A room that follows its first guest was free for the author and is taken now:
 * a claim to a bed like any other (decision 24), kept without the bed; the task names who is there. Against a guest
 * whom the same unit puts there it is the author's own mistake.
 */
async function refusedByRules(
  env: SyncEnv,
  workspace: Workspace,
  id: string,
  { op, kind, before, after, touched, undone }: StagedDeed,
): Promise<Rejection | undefined> {
  const world = await workspace.world({ kind, id }, before, after, { touched, today: dayOf(op, env) });
  // What was made is not unmade but ended, by ordinary steps.
  const { undoes, ...plain } = op;
  const isReverse = undoes !== undefined && undone !== undefined && undone.opKind !== 'create';
  const deed = { kind, id, op: isReverse ? op : plain, before, after, touched };
  const broken = judge(deed, world);
  const [first] = broken;
  if (first === undefined) return undefined;
  const own = new Set(workspace.staged().map((change) => change.id));
  const outrun =
    kind === 'stay' &&
    first.rule === 'I5' &&
    broken.length === 1 &&
    followsOthers(after, world) &&
    judge(deed, {
      ...world,
      staysInRoom: (roomId, from, to) =>
        world.staysInRoom(roomId, from, to).filter((other) => !own.has(other.id)),
    }).length > 0;
  if (!outrun) return ofViolation(first);
  const staged = workspace.staged().find((change) => change.id === id);
  if (staged !== undefined)
    workspace.stage({
      ...staged,
      fields: withoutBeds(staged.fields),
      outrunIn: [...(staged.outrunIn ?? []), ...bedsOf(after)],
    });
  return undefined;
}

const segmentsOf = (fields: Fields): readonly StaySegment[] => (fields as unknown as Stay).segments;

const bedsOf = (fields: Fields): string[] =>
  segmentsOf(fields).flatMap(({ bedId }) => (bedId === null ? [] : [bedId]));

const withoutBeds = (fields: Fields): Fields => ({
  ...fields,
  segments: segmentsOf(fields).map((segment) => ({ ...segment, bedId: null })) as unknown as Json,
  unconfirmed: true,
});

/** True when every room of the stay is open to both sexes and follows who came first. */
function followsOthers(fields: Fields, world: World): boolean {
  return bedsOf(fields).every((bedId) => {
    const roomId = world.get('bed', bedId)?.['roomId'];
    const policy = typeof roomId === 'string' ? world.get('room', roomId)?.['sexPolicy'] : undefined;
    return policy === 'follow' || policy === 'any';
  });
}

/**
 * The stay day by which an operation is judged: the day on which it was made, so that what was right offline yesterday
 * is right when it arrives today. A desk cannot go further back than it may work offline, nor ahead.
 */
function dayOf(op: Op, env: SyncEnv): PlainDate {
  const made = rigaDate(Date.parse(op.at));
  const earliest = addDays(env.today, -LIMITS.offlineDays);
  return made < earliest ? earliest : made > env.today ? env.today : made;
}
