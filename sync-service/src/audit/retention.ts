import { TILE_WIDTH } from '@sivis/shared/tlog/tiles.ts';
import { RETENTION_ACTION } from '@sivis/shared/tlog/verifyLog.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { ReadTx, Store } from '../store/store.ts';
import { serviceWho, type AuditLog, type AuditWho } from './auditLog.ts';
import { parseEnvelope } from './entry.ts';

/** How long entries are kept, and by what right (decision 12). */
export interface RetentionRule {
  readonly months: number;
  /** The legal basis as text; it stands in the entry that orders the removal. */
  readonly basis: string;
}

export interface RetentionResult {
  /** Entries removed; 0 when none was old enough. */
  readonly removed: number;
  readonly upTo: number;
  /** Entries written before this instant had their time. */
  readonly before: string;
}

/** The same day and time of day, so many months earlier; the last day of a shorter month. */
export function monthsBefore(nowMs: number, months: number): string {
  const date = new Date(nowMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months + 1, 0);
  date.setUTCDate(Math.min(day, date.getUTCDate()));
  return toInstant(date.getTime());
}

/** Up to where whole bundles of 256 entries are older than the instant. */
async function oldBundles(tx: ReadTx, before: string): Promise<number> {
  const removedTo = await tx.auditRemovedTo();
  let low = removedTo / TILE_WIDTH;
  // The newest bundle always stays: the entry that orders the removal comes after it.
  let high = Math.max(low, Math.floor((await tx.auditSize()) / TILE_WIDTH));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const row = await tx.auditRow(middle * TILE_WIDTH);
    if (row !== undefined && parseEnvelope(row.envelope).at < before) low = middle;
    else high = middle - 1;
  }
  return low * TILE_WIDTH;
}

/**
 * Removes entries whose time is over, in whole bundles, by an entry that says how far and by what right. Their hashes
 * stay: older checkpoints and proofs hold. With `dry` it only says what would go.
 */
export async function runRetention(
  store: Store,
  audit: AuditLog,
  rule: RetentionRule,
  nowMs: number,
  app: string,
  dry = false,
  who: AuditWho = serviceWho(nowMs, app),
): Promise<RetentionResult> {
  const before = monthsBefore(nowMs, rule.months);
  if (dry) {
    return store.read(async (tx) => {
      const upTo = await oldBundles(tx, before);
      return { removed: upTo - (await tx.auditRemovedTo()), upTo, before };
    });
  }
  return store.write(async (tx) => {
    const removedTo = await tx.auditRemovedTo();
    const upTo = await oldBundles(tx, before);
    if (upTo <= removedTo) return { removed: 0, upTo: removedTo, before };
    const seq = await audit.recordAudit(tx, who, {
      action: RETENTION_ACTION,
      kind: 'audit',
      objectId: `1-${upTo}`,
      personIds: [],
      personal: false,
      result: 'ok',
      detail: { months: rule.months, basis: rule.basis, before },
    });
    return { removed: await tx.removeAuditEntries(upTo, seq), upTo, before };
  });
}

/**
 * Erases payloads of entries (by numbers, or all of a person) by an entry that says why. Envelopes and hashes stay, so
 * the log still verifies. Returns how many there were.
 */
export async function erasePayloads(
  store: Store,
  audit: AuditLog,
  who: AuditWho,
  what: { readonly seqs: readonly number[] } | { readonly personId: string },
  reason: string,
): Promise<number> {
  return store.write(async (tx) => {
    const seqs = 'seqs' in what ? [...what.seqs] : [];
    if ('personId' in what) {
      const filter = { subjectRef: audit.subjectRef(what.personId) };
      for (let before = Number.MAX_SAFE_INTEGER; ;) {
        const { rows } = await tx.auditPage({ ...filter, before }, PAGE);
        seqs.push(...rows.filter((row) => row.payload !== null).map((row) => row.seq));
        before = rows.at(-1)?.seq ?? 0;
        if (rows.length < PAGE) break;
      }
    }
    const orderedBy = await audit.recordAudit(tx, who, {
      action: 'payloadErased',
      kind: 'audit',
      objectId: seqs.length === 1 ? String(seqs[0]) : '',
      personIds: 'personId' in what ? [what.personId] : [],
      result: 'ok',
      reason,
      detail: { seqs },
    });
    return tx.eraseAuditPayloads(seqs, orderedBy);
  });
}

const PAGE = 1_000;
