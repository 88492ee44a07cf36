import { equalBytes } from '@sivis/shared/tlog/bytes.ts';
import type { AuditRow, Store } from '../store/store.ts';
import { leafHash, payloadCommit, parseEnvelope } from './entry.ts';
import { CHECKPOINT_META, storedHead, storeRoot } from './publisher.ts';

const BATCH = 1_000;

export interface ExportFilter {
  /** Written at or after, and before these instants. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Pseudonym of a person. */
  readonly subject?: string | undefined;
}

/** The log's rows, oldest first, as far as the filter lets them through. */
export async function* exportRows(store: Store, filter: ExportFilter = {}): AsyncGenerator<AuditRow> {
  for (let after = 0; ;) {
    const rows = await store.read((tx) => tx.auditRange(after, BATCH));
    for (const row of rows) {
      after = row.seq;
      const { at, subjectRefs } = parseEnvelope(row.envelope);
      if (filter.from !== undefined && at < filter.from) continue;
      if (filter.to !== undefined && at >= filter.to) continue;
      if (filter.subject !== undefined && subjectRefs?.includes(filter.subject) !== true) continue;
      yield row;
    }
    if (rows.length < BATCH) return;
  }
}

/**
 * An entry as a JSON line: `{"seq":…,"leafHash":…,"envelope":{…}}`, with `payload` and `salt` when asked for (`payload`
 * is null where it was erased).
 */
export function entryLine(row: AuditRow, withPayload: boolean): string {
  return JSON.stringify({
    seq: row.seq,
    leafHash: row.leafHash,
    envelope: JSON.parse(row.envelope) as unknown,
    ...(withPayload
      ? { salt: row.salt, payload: row.payload === null ? null : (JSON.parse(row.payload) as unknown) }
      : {}),
  });
}

export interface AuditCheck {
  readonly entries: number;
  /** Numbers of entries whose hash, order or payload does not agree; at most 20. */
  readonly broken: readonly number[];
  /** Numbers that no entry has and that retention has not removed, as `7` or `7-9`; at most 20. */
  readonly missing: readonly string[];
}

/** Reads the whole log and recomputes what each entry promises: its number, its leaf hash, its payload's commitment. */
export async function checkAudit(store: Store): Promise<AuditCheck> {
  const broken: number[] = [];
  const missing: string[] = [];
  const hole = (from: number, to: number): void => {
    if (missing.length < 20) missing.push(from === to ? String(from) : `${from}-${to}`);
  };
  let last = await store.read((tx) => tx.auditRemovedTo());
  for (;;) {
    const rows = await store.read((tx) => tx.auditRange(last, BATCH));
    for (const row of rows) {
      const payloadFits =
        row.payload === null ||
        row.salt === null ||
        parseEnvelope(row.envelope).payloadCommit === payloadCommit(row.salt, row.payload);
      if (row.seq > last + 1) hole(last + 1, row.seq - 1);
      if (row.seq <= last || row.leafHash !== leafHash(row.envelope) || !payloadFits) {
        if (broken.length < 20) broken.push(row.seq);
      }
      last = row.seq;
    }
    if (rows.length < BATCH) return { entries: last, broken, missing };
  }
}

/** Compares the store with the last signed checkpoint; undefined when nothing was signed yet. */
export async function checkSigned(store: Store): Promise<{ size: number; fits: boolean } | undefined> {
  const head = storedHead(await store.read((tx) => tx.meta(CHECKPOINT_META)));
  if (head === undefined) return undefined;
  const size = await store.read((tx) => tx.auditSize());
  const fits = size >= head.size && equalBytes(await storeRoot(store, head.size), head.root);
  return { size: head.size, fits };
}
