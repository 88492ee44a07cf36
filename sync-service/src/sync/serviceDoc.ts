import type { Fields } from '@sivis/shared/docs/json.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { FieldStamp, WriteTx } from '../store/store.ts';
import { SERVICE_ACTOR_ID, type SyncEnv } from './env.ts';

/** A document that the service itself makes. */
export async function putServiceDoc(
  tx: WriteTx,
  env: SyncEnv,
  kind: 'task',
  siteId: string,
  fields: Fields,
): Promise<string> {
  const id = env.newId();
  const at = toInstant(env.nowMs);
  const stamp: FieldStamp = { by: SERVICE_ACTOR_ID, at, device: '' };
  await tx.putDoc({
    id,
    kind,
    siteId,
    rev: 1,
    fields,
    stamps: Object.fromEntries(Object.keys(fields).map((field) => [field, stamp])),
    createdBy: SERVICE_ACTOR_ID,
  });
  return id;
}
