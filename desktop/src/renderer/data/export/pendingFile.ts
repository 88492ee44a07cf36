import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { LocalDoc } from '../core/localDoc.ts';
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

/** Everything on the desk that the service has not answered yet, in the order in which it would be pushed. */
export function pendingRows(store: {
  readonly pending: (collection: Collection) => ReadonlyMap<string, LocalDoc>;
}): PendingRow[] {
  return COLLECTIONS.flatMap((collection) =>
    [...store.pending(collection).values()].map(({ id, kind, siteId, ops }) => ({ id, kind, siteId, ops })),
  );
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
