import { createHash, type KeyObject } from 'node:crypto';
import { RIGHTS_VERSION } from '@sivis/shared/access/rights.ts';
import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { PullRequest, PullResponse } from '@sivis/shared/protocol/messages/sync.ts';
import type { Desk, ReadTx, WriteTx } from '../store/store.ts';
import { replicaOf } from '../store/visibility.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { SyncActor } from './env.ts';
import { personsOf } from './relations.ts';
import { blank, toWire } from './wire.ts';

/**
 * The version of somebody's rights: the table's, his role and his sites, and how often these were changed. A change of any
 * starts a new pull; also one that was taken back, because in between a desk may have given documents up (an answer to a
 * push, a comparison of ids) of which no later page would tell.
 */
export function rightsVersion(actor: SyncActor, changes: number): string {
  const { role, siteIds } = actor.subject;
  const text = JSON.stringify([RIGHTS_VERSION, role, [...siteIds].sort(), changes]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

export interface PullResult {
  readonly response: PullResponse;
  /** What is handed over, for the audit log and for remembering what the desk holds. */
  readonly deliveredIds: readonly string[];
  readonly personIds: readonly string[];
  readonly removals: readonly { readonly id: string; readonly seq: number }[];
  /** Up to where the desk says that it has read; removals sent up to there have arrived. */
  readonly readUpTo: number;
}

/**
 * One page of what the desk may hold, in commit order. Filled by rights inside the query; documents that the desk
 * holds and may hold no longer come as blanks. Changes nothing: the caller notes what it hands over (`notePull`)
 * before it replies. Throws BAD_CHECKPOINT.
 */
export async function pullPage(
  tx: ReadTx,
  actor: SyncActor,
  collection: Collection,
  request: PullRequest,
  env: { readonly nowMs: number; readonly today: PlainDate; readonly key: KeyObject },
): Promise<PullResult> {
  const desk = deskOf(actor);
  const epoch = (await tx.meta('epoch')) ?? '';
  const rights = rightsVersion(actor, (await tx.formerRights(actor.subject.userId)).length);
  const given = request.checkpoint === null ? null : decodeCheckpoint(request.checkpoint, desk, env.key);
  // Another epoch or other rights: everything is sent again, so that what was missed meanwhile is mended.
  const resync =
    given === null ? 'no' : given.epoch !== epoch ? 'epoch' : given.rights !== rights ? 'rights' : 'no';
  const after = given === null || resync !== 'no' ? 0 : given.seq;
  const visible = replicaOf(actor.subject, collection, env.today);
  const head = await tx.headSeq();
  const rows = after === head ? [] : await tx.page(collection, after, request.limit, desk, visible);
  const more = rows.length === request.limit;

  const delivered: string[] = [];
  const removals: { id: string; seq: number }[] = [];
  const persons = new Set<string>();
  const documents = rows.map((row) => {
    if (!row.visible) {
      removals.push({ id: row.id, seq: row.seq });
      return blank(row.id, row.kind);
    }
    delivered.push(row.doc.id);
    for (const person of personsOf(row.doc.kind, row.doc.id, row.doc.fields)) persons.add(person);
    return toWire(row.doc, actor.subject.role);
  });
  const seq = more ? (rows.at(-1)?.seq ?? after) : head;
  return {
    response: {
      documents,
      checkpoint: encodeCheckpoint({ epoch, seq, rights }, desk, env.key),
      more,
      removals: removals.length === 0 ? 0 : await tx.removalCount(collection, after, desk, visible),
      held: await tx.heldCount(desk, collection),
      resync,
      serverTime: toInstant(env.nowMs),
    },
    deliveredIds: delivered,
    personIds: [...persons],
    removals,
    readUpTo: after,
  };
}

export const deskOf = (actor: SyncActor): Desk => ({
  deviceId: actor.deviceId,
  userId: actor.subject.userId,
});

/** True when the reply changes what is known of the desk, so that `notePull` must run before it. */
export async function needsNote(
  tx: ReadTx,
  actor: SyncActor,
  collection: Collection,
  result: PullResult,
): Promise<boolean> {
  if (result.deliveredIds.length > 0 || result.removals.length > 0) return true;
  return result.readUpTo > 0 && (await tx.hasRemovalsSent(deskOf(actor), collection, result.readUpTo));
}

/** Notes what the desk holds after the page and that earlier removals have arrived. */
export async function notePull(
  tx: WriteTx,
  actor: SyncActor,
  collection: Collection,
  result: PullResult,
): Promise<void> {
  const desk = deskOf(actor);
  if (result.readUpTo > 0) await tx.confirmRemovals(desk, collection, result.readUpTo);
  if (result.deliveredIds.length > 0) await tx.markHeld(desk, result.deliveredIds);
  if (result.removals.length > 0) await tx.markRemovalSent(desk, result.removals);
}
