import type { Store } from '../store/store.ts';
import { leafHash, payloadCommit, parseEnvelope } from './entry.ts';

const BATCH = 1_000;

/**
 * The log as JSON Lines, oldest first: `{"seq":…,"leafHash":…,"envelope":{…}}`, with `payload` and `salt` when asked
 * for (`payload` is null where it was erased).
 */
export async function* exportAudit(store: Store, withPayload: boolean): AsyncGenerator<string> {
  for (let after = 0; ;) {
    const rows = await store.read((tx) => tx.auditRange(after, BATCH));
    for (const row of rows) {
      const line = {
        seq: row.seq,
        leafHash: row.leafHash,
        envelope: JSON.parse(row.envelope) as unknown,
        ...(withPayload
          ? { salt: row.salt, payload: row.payload === null ? null : (JSON.parse(row.payload) as unknown) }
          : {}),
      };
      yield JSON.stringify(line);
      after = row.seq;
    }
    if (rows.length < BATCH) return;
  }
}

export interface AuditCheck {
  readonly entries: number;
  /** Numbers of entries whose hash, order or payload does not agree; at most 20. */
  readonly broken: readonly number[];
}

/** Reads the whole log and recomputes what each entry promises: its number, its leaf hash, its payload's commitment. */
export async function checkAudit(store: Store): Promise<AuditCheck> {
  const broken: number[] = [];
  let last = await store.read((tx) => tx.auditRemovedTo());
  for (;;) {
    const rows = await store.read((tx) => tx.auditRange(last, BATCH));
    for (const row of rows) {
      const payloadFits =
        row.payload === null ||
        row.salt === null ||
        parseEnvelope(row.envelope).payloadCommit === payloadCommit(row.salt, row.payload);
      if (row.seq !== last + 1 || row.leafHash !== leafHash(row.envelope) || !payloadFits) {
        if (broken.length < 20) broken.push(row.seq);
      }
      last = row.seq;
    }
    if (rows.length < BATCH) return { entries: last, broken };
  }
}
