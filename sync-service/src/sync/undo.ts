import { mayOverride } from '@sivis/shared/access/can.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import type { WordKey } from '@sivis/shared/rules/words.ts';
import type { OpRecord, ReadTx } from '../store/store.ts';
import type { SyncActor } from './env.ts';
import type { OpContent } from './opContent.ts';
import { takesBack } from './opContent.ts';

/** The operation that is taken back; `denied` says why not. */
export type Undone =
  | { readonly denied: WordKey }
  | { readonly opKind: string; readonly groupId: string | null; readonly denied?: never };

/**
 * Taking back leaves the ordinary steps between states and past nights aside, so it has to be what it says: the reverse of
 * an operation on the same document, soon after it, by its author or somebody who may set rules aside; of a group no
 * single part.
 */
export async function undoneBy(
  tx: ReadTx,
  actor: SyncActor,
  kind: Kind,
  docId: string,
  op: Op & { readonly undoes: string },
): Promise<Undone> {
  const record: OpRecord | undefined = await tx.op(op.undoes);
  if (record?.docId !== docId) return { denied: 'undoUnknown' };
  const { subject } = actor;
  if (record.actorId !== subject.userId && !mayOverride(subject, kind)) return { denied: 'undoNotOwn' };
  const content = JSON.parse(record.content) as OpContent;
  const age = Date.parse(op.at) - Date.parse(content.at);
  if (age < 0 || age > LIMITS.undoMs) return { denied: 'undoTooLate' };
  const isPart = content.groupId !== null && op.group === undefined;
  const isReverse = record.opKind === 'create' || takesBack(content, op);
  if (isPart || !isReverse) return { denied: 'undoDiffers' };
  return { opKind: record.opKind, groupId: content.groupId };
}
