import { serviceWho, type AuditLog } from '../audit/auditLog.ts';
import type { ImportWrite } from './writeImport.ts';

const APP = 'sivis-server import';

/** Writes one audit entry per batch of an import: how many documents of which kind, and whom they concern. */
export function auditImport(audit: AuditLog): ImportWrite['record'] {
  return async (tx, batch) => {
    await audit.recordAudit(tx, serviceWho(Date.parse(batch.at), APP), {
      action: 'import',
      kind: 'import',
      objectId: batch.source,
      siteId: batch.siteIds.length === 1 ? (batch.siteIds[0] ?? '') : '',
      personIds: batch.personIds,
      result: 'ok',
      detail: {
        created: { ...batch.created },
        updated: { ...batch.updated },
        documents: batch.docIds,
      },
    });
  };
}
