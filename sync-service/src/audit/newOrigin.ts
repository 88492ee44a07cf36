import { continuesLine } from '@sivis/shared/tlog/checkpoint.ts';
import type { WriteTx } from '../store/store.ts';
import { serviceWho, type AuditLog } from './auditLog.ts';
import { CHECKPOINT_META, CONTINUES_META, SERIES_META, storedHead } from './publisher.ts';

/**
 * Begins anew on a restored store (decision 6): a new epoch, so that desks push again what the backup lacks, and a new
 * origin of the audit log with an entry that names what is continued: the last checkpoint that somebody has witnessed
 * (`lastCheckpoint`), otherwise the last one in the backup. Returns how many entries the log had.
 */
export async function beginNewOrigin(
  tx: WriteTx,
  audit: AuditLog,
  { epoch, nowMs, app, lastCheckpoint }: NewOrigin,
): Promise<number> {
  const size = await tx.auditSize();
  const head = size === 0 ? undefined : await tx.auditRow(size);
  const before = (await tx.meta('epoch')) ?? '';
  await tx.setMeta('epoch', epoch);
  // A cut history cannot be signed on: the log begins under a new name that says what it continues.
  const continued = storedHead(lastCheckpoint ?? (await tx.meta(CHECKPOINT_META)));
  await tx.setMeta(SERIES_META, `r-${epoch.slice(0, 8)}`);
  if (continued !== undefined) await tx.setMeta(CONTINUES_META, continuesLine(continued));
  await audit.recordAudit(tx, serviceWho(nowMs, app), {
    action: 'restore',
    kind: 'store',
    objectId: epoch,
    personIds: [],
    personal: false,
    result: 'ok',
    detail: {
      epochBefore: before,
      auditSize: size,
      leafHash: head?.leafHash ?? '',
      continues: continued === undefined ? '' : continuesLine(continued),
    },
  });
  return size;
}

export interface NewOrigin {
  readonly epoch: string;
  readonly nowMs: number;
  /** Version of the program that restores. */
  readonly app: string;
  readonly lastCheckpoint?: string | undefined;
}
