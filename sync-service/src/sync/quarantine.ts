import type { Subject } from '@sivis/shared/access/can.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { WriteTx } from '../store/store.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { rejection } from './rejection.ts';

/** The author had the right when he did it and has it no longer. */
export const QUARANTINED = rejection('rights', 'quarantined');

/** A row of a push as it is kept for a decision. */
export interface HeldRow {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly Op[];
}

/** The subjects that the actor was when he made the operation, by the rights that he has lost since. */
export function formerSubjects(actor: SyncActor, madeAt: string): Subject[] {
  return (actor.former ?? [])
    .filter(({ until }) => Date.parse(madeAt) <= Date.parse(until))
    .map(({ subject }) => subject);
}

/** Keeps operations of one unit for a supervisor; they are decided together. */
export async function holdBack(
  tx: WriteTx,
  who: { readonly actorId: string; readonly deviceId: string; readonly source: 'push' | 'file' },
  env: Pick<SyncEnv, 'nowMs' | 'newId'>,
  rows: readonly HeldRow[],
): Promise<void> {
  const joined = new Map<string, HeldRow>();
  for (const row of rows) {
    const known = joined.get(row.id);
    joined.set(row.id, known === undefined ? row : { ...known, ops: [...known.ops, ...row.ops] });
  }
  const held = [...joined.values()];
  await tx.putQuarantine(
    {
      id: env.newId(),
      at: toInstant(env.nowMs),
      siteId: held[0]?.siteId ?? '',
      authorId: who.actorId,
      deviceId: who.deviceId,
      source: who.source,
      state: 'open',
      rows: JSON.stringify(held),
      decidedBy: null,
      decidedAt: null,
      reason: '',
    },
    held.flatMap((row) => row.ops.map(({ opId }) => ({ opId, docId: row.id }))),
  );
}
