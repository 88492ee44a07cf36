import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type {
  AuditRow,
  BedNight,
  DeskChainRow,
  DeviceRow,
  FieldStamp,
  OpRecord,
  SessionRow,
  StoredDoc,
  UserRow,
  WitnessRow,
} from '../store.ts';
import type { Row } from './dialect.ts';

export const DOC_COLUMNS = 'd.id, d.kind, d.site_id, d.rev, d.seq, d.created_by, d.stamps, d.fields';
export const AUDIT_COLUMNS = 'e.seq, e.envelope, e.leaf_hash, p.salt, p.body';

const text = (row: Row, column: string): string => row[column] as string;
const maybe = (row: Row, column: string): string | null => row[column] as string | null;

export function toDoc(row: Row): StoredDoc {
  return {
    id: text(row, 'id'),
    kind: text(row, 'kind') as Kind,
    siteId: text(row, 'site_id'),
    rev: Number(row['rev']),
    seq: Number(row['seq']),
    fields: JSON.parse(text(row, 'fields')) as Fields,
    stamps: JSON.parse(text(row, 'stamps')) as Record<string, FieldStamp>,
    createdBy: text(row, 'created_by'),
  };
}

export function toNight(row: Row): BedNight {
  return { bedId: text(row, 'bed_id'), night: Number(row['night']), holderId: text(row, 'holder_id') };
}

export function toOp(row: Row): OpRecord {
  return {
    opId: text(row, 'op_id'),
    docId: text(row, 'doc_id'),
    deviceId: text(row, 'device_id'),
    actorId: text(row, 'actor_id'),
    opKind: text(row, 'op_kind'),
    content: text(row, 'content'),
    result: text(row, 'result'),
  };
}

export function toAudit(row: Row): AuditRow {
  return {
    seq: Number(row['seq']),
    envelope: text(row, 'envelope'),
    leafHash: text(row, 'leaf_hash'),
    payload: maybe(row, 'body'),
    salt: maybe(row, 'salt'),
  };
}

export function toUser(row: Row): UserRow {
  return {
    id: text(row, 'id'),
    user: text(row, 'user'),
    name: text(row, 'name'),
    role: text(row, 'role') as Role,
    siteIds: JSON.parse(text(row, 'site_ids')) as string[],
    passwordHash: text(row, 'password_hash'),
    disabled: row['disabled'] === 1,
    createdAt: text(row, 'created_at'),
    lastSignInAt: maybe(row, 'last_sign_in_at'),
  };
}

export function toDevice(row: Row): DeviceRow {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    createdAt: text(row, 'created_at'),
    lastSeenAt: maybe(row, 'last_seen_at'),
    lastUserId: maybe(row, 'last_user_id'),
    appVersion: text(row, 'app_version'),
    revoked: row['revoked'] === 1,
    keyThumbprint: text(row, 'key_thumbprint'),
  };
}

export function toSession(row: Row): SessionRow {
  return {
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    deviceId: text(row, 'device_id'),
    refreshHash: text(row, 'refresh_hash'),
    previousHash: maybe(row, 'previous_hash'),
    rotatedAt: text(row, 'rotated_at'),
    createdAt: text(row, 'created_at'),
    expiresAt: text(row, 'expires_at'),
    revokedAt: maybe(row, 'revoked_at'),
  };
}

export function toDeskChain(row: Row): DeskChainRow {
  return { id: text(row, 'chain_id'), n: Number(row['n']), hash: text(row, 'hash') };
}

export function toWitness(row: Row): WitnessRow {
  return {
    name: text(row, 'name'),
    kind: text(row, 'kind') as WitnessRow['kind'],
    origin: text(row, 'origin'),
    size: Number(row['size']),
    root: text(row, 'root'),
    at: text(row, 'at'),
  };
}
