import type { Fields } from '@sivis/shared/docs/json.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { FieldStamp, StoredDoc, WriteTx } from '../store/store.ts';
import { changesOf } from './changes.ts';
import { SERVICE_ACTOR_ID, type SyncActor, type SyncEnv } from './env.ts';
import { personsOf } from './relations.ts';

/**
 * A change that the service itself makes because of somebody's operation: tasks, stays that give way. It is stamped with
 * the service's name and logged under the actor whose operation caused it. Returns the document's id.
 */
export async function putServiceDoc(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: {
    readonly kind: StoredDoc['kind'];
    readonly siteId: string;
    readonly fields: Fields;
    readonly before?: StoredDoc;
    /** Name of the act for the log (`task.bedClash`) and what caused it. */
    readonly op: string;
    readonly cause: string;
  },
): Promise<string> {
  const { before, fields } = change;
  const id = before?.id ?? env.newId();
  const at = toInstant(env.nowMs);
  const stamp: FieldStamp = { by: SERVICE_ACTOR_ID, at, device: '' };
  const changes = changesOf(before?.fields, fields);
  const stamps = { ...before?.stamps };
  for (const { field } of changes) stamps[field] = stamp;
  const rev = (before?.rev ?? 0) + 1;
  await tx.putDoc({
    id,
    kind: change.kind,
    siteId: change.siteId,
    rev,
    fields,
    stamps,
    createdBy: before?.createdBy ?? SERVICE_ACTOR_ID,
  });
  await env.recordChange(tx, actor, {
    action: change.kind === 'stay' ? 'displace' : before === undefined ? 'create' : 'update',
    kind: change.kind,
    objectId: id,
    objectRev: rev,
    siteId: change.siteId,
    personIds: personsOf(change.kind, id, fields),
    happenedAt: at,
    result: 'service',
    reason: '',
    op: change.op,
    opId: change.cause,
    changes,
  });
  return id;
}
