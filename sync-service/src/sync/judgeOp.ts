import { isId } from '@sivis/shared/ids/ids.ts';
import { isKind, type Kind } from '@sivis/shared/docs/kinds.ts';
import { mergeOp, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Stay, StaySegment } from '@sivis/shared/lodging/stay.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import type { OpResult, Outcome, Rejection } from '@sivis/shared/protocol/messages/sync.ts';
import { judge } from '@sivis/shared/rules/judge.ts';
import type { WordKey } from '@sivis/shared/rules/words.ts';
import type { World } from '@sivis/shared/rules/world.ts';
import { addDays, rigaDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { WriteTx } from '../store/store.ts';
import { deniedByRole, deniedOn, mayCreate, missingOr, missingReference } from './allowed.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { formerSubjects, QUARANTINED } from './quarantine.ts';
import { ofViolation, refused, rejection } from './rejection.ts';
import { undoneBy, type Undone } from './undo.ts';
import type { Found, Workspace } from './workspace.ts';
import type { Parsed, Row } from './pushRows.ts';

/** What rights, references, merge and rules say of one operation. */

export interface Judged {
  readonly result: OpResult;
  readonly op?: Op;
  /** What a change is still to be asked by the rules, when all of its unit is staged. */
  readonly deed?: StagedDeed;
}

/** An operation that rights, references and merge let through, staged beside the others of its unit. */
export interface StagedDeed {
  readonly op: Op;
  readonly kind: Kind;
  readonly before: Fields | undefined;
  readonly after: Fields;
  readonly touched: ReadonlySet<string>;
  /** What it takes back. */
  readonly undone: Exclude<Undone, { denied: WordKey }> | undefined;
}

/** Rights, references and merge; what they let through is staged, and its rules are asked when its unit is whole. */
export async function stageOp(
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
export async function refusedByRules(
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
