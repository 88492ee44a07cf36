import type { Collection, Kind } from '@sivis/shared/docs/kinds.ts';
import type { OpResult, Outcome, PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import type { WriteTx } from '../store/store.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { contentOf, isSameOp, type OpContent } from './opContent.ts';
import { afterOf, inOrderOfReference } from './order.ts';
import { holdBack, QUARANTINED } from './quarantine.ts';
import { refused, rejection } from './rejection.ts';
import { personsOf } from './relations.ts';
import { createWorkspace, type Workspace } from './workspace.ts';
import { settle } from './settle.ts';
import {
  groupsOf,
  isReady,
  membersOf,
  nextOf,
  readRow,
  type Line,
  type Member,
  type Row,
} from './pushRows.ts';
import { refusedByRules, stageOp, type Judged } from './judgeOp.ts';
import { masterOf, withoutForeign } from './pushAnswer.ts';

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
        const members =
          groupId === null ? [{ line, parsed: next }] : inOrderOfReference(membersOf(group, groupId));
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
