import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { LocalDoc } from '../core/localDoc.ts';
import type { OpWrite } from '../core/unsent.ts';
import { toBase64, utf8 } from '../keys/bytes.ts';
import { sealTo } from '../keys/sealTo.ts';
import type { DeskKey } from '../net/deskKey.ts';

/** A document with what the service has not answered. */
export interface PendingRow {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly Op[];
}

/**
 * Everything on the desk that the service has not answered yet, in the order in which it would be pushed.
 * @param kept operations that the journal has besides
 */
export function pendingRows(
  store: { readonly pending: (collection: Collection) => ReadonlyMap<string, LocalDoc> },
  kept: readonly OpWrite[],
): PendingRow[] {
  const rows = new Map<string, PendingRow>();
  const add = ({ id, kind, siteId, ops }: PendingRow): void => {
    const row = rows.get(id) ?? { id, kind, siteId, ops: [] };
    const fresh = ops.filter(({ opId }) => row.ops.every((known) => known.opId !== opId));
    rows.set(id, { ...row, ops: [...row.ops, ...fresh] });
  };
  for (const collection of COLLECTIONS) for (const doc of store.pending(collection).values()) add(doc);
  for (const { op, ...doc } of kept) add({ ...doc, ops: [op] });
  return [...rows.values()];
}

export interface SealPorts {
  /** The service's public key (P-256 point, base64), as it came with the tokens. */
  readonly recoveryKey: string;
  readonly deskKey: DeskKey;
  readonly deviceId: string;
  readonly nowMs: number;
}

const FORMAT = 'sivis-pending/1';

/**
 * The rows as a file for the service (decision 18): signed by this desk, then encrypted to the service's key by ephemeral
 * ECDH, HKDF-SHA-256 and AES-256-GCM. Nobody but the service can read it; `sivis-server import pending` takes it.
 */
export async function sealPending(rows: readonly PendingRow[], ports: SealPorts): Promise<string> {
  const payload = JSON.stringify({
    version: 1,
    deviceId: ports.deviceId,
    exportedAt: toInstant(ports.nowMs),
    rows,
  });
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', ports.deskKey.publicKey);
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    ports.deskKey.privateKey,
    utf8(payload),
  );
  const signed = JSON.stringify({
    payload,
    jwk: { kty, crv, x, y },
    signature: toBase64(new Uint8Array(signature)),
  });
  return sealTo(ports.recoveryKey, FORMAT, signed);
}

/** A file that the person keeps; its name says nothing about anybody. */
export interface PendingFile {
  readonly name: string;
  readonly text: string;
  /** How many operations are in it. */
  readonly count: number;
}

export async function pendingFile(rows: readonly PendingRow[], ports: SealPorts): Promise<PendingFile> {
  return {
    name: `sivis-nenosutitais-${toInstant(ports.nowMs).slice(0, 19).replaceAll(':', '-')}.sivis`,
    text: await sealPending(rows, ports),
    count: rows.reduce((sum, { ops }) => sum + ops.length, 0),
  };
}
