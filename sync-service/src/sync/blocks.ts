import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { StoredDoc, WriteTx } from '../store/store.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { putServiceDoc } from './serviceDoc.ts';
import type { Staged } from './workspace.ts';

/** Holds the block's nights that nobody else holds, and returns the stays that lie in the others. */
export async function takeFree(tx: WriteTx, id: string, block: Block): Promise<StoredDoc[]> {
  await tx.releaseNights(id);
  if (block.state !== 'active') return [];
  const beds =
    block.scope === 'bed'
      ? [block.targetId]
      : (await tx.childrenOf(block.targetId, 'bed')).map((bed) => bed.id);
  const from = toEpochDay(block.from);
  const to = toEpochDay(block.to);
  const held = await tx.nightsHeld(beds, from, to);
  const isHeld = new Set(held.map((night) => `${night.bedId} ${night.night}`));
  const free: { bedId: string; night: number }[] = [];
  for (const bedId of beds) {
    for (let night = from; night < to; night += 1)
      if (!isHeld.has(`${bedId} ${night}`)) free.push({ bedId, night });
  }
  await tx.holdNights(id, free);
  return (await tx.docs([...new Set(held.map((night) => night.holderId))])).filter(
    (doc) => doc.kind === 'stay',
  );
}

/**
 * A block holds the nights that are free; stays in it become the worklist of one task, never moved by themselves (H11).
 * When the block ends or nobody lies in it any more, the task is done.
 */
export async function placeBlock(tx: WriteTx, actor: SyncActor, env: SyncEnv, change: Staged): Promise<void> {
  const block = change.fields as unknown as Block;
  const inside = (await takeFree(tx, change.id, block)).slice(0, 20);
  const open = (await tx.docsOfKind('task', change.siteId)).find(
    (task) => task.fields['blockId'] === change.id && task.fields['state'] === 'open',
  );
  if (open === undefined && inside.length === 0) return;
  const fields: Fields =
    inside.length === 0
      ? { ...open?.fields, state: 'done', resolution: 'blockEnded' }
      : {
          ownerRole: 'reception',
          ...open?.fields,
          taskKind: 'bedClash',
          state: 'open',
          blockId: change.id,
          stayIds: inside.map((doc) => doc.id),
          personIds: inside.map((doc) => (doc.fields as unknown as Stay).personId),
          from: block.from,
          to: block.to,
          text: block.reason,
        };
  await putServiceDoc(tx, actor, env, {
    kind: 'task',
    siteId: change.siteId,
    fields,
    ...(open === undefined ? {} : { before: open }),
    op: 'task.relocate',
    cause: change.id,
  });
}

/** Nights that a stay gave back belong to the blocks that wanted them, before anybody else is put there. */
export async function letBlocksTake(tx: WriteTx, before: Stay | undefined): Promise<void> {
  const targets = new Set<string>();
  for (const segment of before?.segments ?? []) {
    if (segment.bedId === null) continue;
    targets.add(segment.bedId);
    const roomId = (await tx.doc(segment.bedId))?.fields['roomId'];
    if (typeof roomId === 'string') targets.add(roomId);
  }
  for (const target of targets) {
    for (const doc of await tx.childrenOf(target, 'block')) {
      const block = doc.fields as unknown as Block;
      if (block.state === 'active') await takeFree(tx, doc.id, block);
    }
  }
}
