import { createSecretKey } from 'node:crypto';
import type { Store, WriteTx } from '../store/store.ts';
import { buildEntry, subjectRef, type AuditEvent, type AuditWho } from './entry.ts';

export type { AuditChange, AuditEvent, AuditWho } from './entry.ts';

/** The audit log of one data folder. */
export interface AuditLog {
  /** Writes an entry inside the transaction of what it tells of: both are there or neither. Returns its number. */
  recordAudit(tx: WriteTx, who: AuditWho, event: AuditEvent): Promise<number>;
  /**
   * Writes the entry of a read before its reply is sent. Fails closed: when it rejects, nothing may be delivered.
   */
  auditRead(store: Store, who: AuditWho, event: AuditEvent): Promise<number>;
  /** The pseudonym under which entries about a person are found. */
  subjectRef(personId: string): string;
}

/** @param subjectBytes 32 bytes from the data folder; without it pseudonyms cannot be told from each other */
export function createAuditLog(subjectBytes: Buffer): AuditLog {
  // Made once: from bytes every HMAC would begin with making a key, which takes six times as long as the HMAC.
  const subjectKey = createSecretKey(subjectBytes);
  const recordAudit: AuditLog['recordAudit'] = async (tx, who, event) => {
    const entry = buildEntry(who, event, subjectKey);
    return tx.appendAudit(entry.envelope, entry.leafHash, entry.payload, entry.salt, entry.index);
  };
  return {
    recordAudit,
    auditRead: (store, who, event) => store.write((tx) => recordAudit(tx, who, event)),
    subjectRef: (personId) => subjectRef(subjectKey, personId),
  };
}

/** The service itself as the author of an entry: a command at the command line, a night job. */
export function serviceWho(nowMs: number, app: string): AuditWho {
  return {
    subject: { userId: '', role: 'service', siteIds: [] },
    deviceId: '',
    sessionId: '',
    ip: '',
    app,
    nowMs,
  };
}
