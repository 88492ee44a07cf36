import { seesField } from '@sivis/shared/access/can.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { isId } from '@sivis/shared/ids/ids.ts';
import { collectionOf, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { OpResult, PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import type { WordKey } from '@sivis/shared/rules/words.ts';
import type { WriteTx } from '../store/store.ts';
import { replicaOf } from '../store/visibility.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { blank, toWire } from './wire.ts';
import type { Row } from './pushRows.ts';

/** What the author of a push is shown with its answers. */

/**
 * The document after the row, as the desk may hold it. Whoever sent nothing that was understood and his own gets
 * nothing: a push is no other way to read than a pull, of which the log knows as well.
 */
export async function masterOf(
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

const UNTOLD = { theirs: null, theirsBy: '', theirsAt: '', theirsDevice: '', theirsDeviceName: '' };

/**
 * The answer without what its reader may not see by now: an answer that is given again, after his rights changed, still
 * tells that his value clashed, and no longer with what, of a hidden field or of a document that he may not hold.
 */
export function withoutForeign(result: OpResult, role: Role, master: PushRowResult['master']): OpResult {
  const { clashes } = result;
  if (clashes === undefined) return result;
  const isTold = (field: string): boolean => !master.deleted && seesField(role, master.kind as Kind, field);
  return {
    ...result,
    clashes: clashes.map((clash) => (isTold(clash.field) ? clash : { ...clash, ...UNTOLD })),
  };
}

const NOT_OWN: ReadonlySet<string> = new Set<WordKey>(['malformed', 'forgedAuthor', 'opIdReused']);
