import type { z } from 'zod';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type {
  deviceUpdateSchema,
  DeviceView,
  userCreateSchema,
  userUpdateSchema,
  UserView,
} from '@sivis/shared/protocol/messages.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditChange, AuditWho } from '../audit/auditLog.ts';
import type { DeviceRow, UserRow, WriteTx } from '../store/store.ts';
import { hashPassword } from './passwords.ts';
import type { IdentityDeps } from './parts.ts';
import { assertPassword } from './signIn.ts';
import { putAccount } from './staff.ts';
import { hashSecret } from './tokens.ts';

export function userView(user: UserRow): UserView {
  return {
    id: user.id,
    user: user.user,
    name: user.name,
    role: user.role,
    siteIds: [...user.siteIds],
    disabled: user.disabled,
    createdAt: user.createdAt,
    lastSignInAt: user.lastSignInAt,
  };
}

export function deviceView(device: DeviceRow, users: ReadonlyMap<string, string>): DeviceView {
  return {
    id: device.id,
    name: device.name,
    createdAt: device.createdAt,
    lastSeenAt: device.lastSeenAt,
    lastUserId: device.lastUserId,
    lastUserName: device.lastUserId === null ? null : (users.get(device.lastUserId) ?? null),
    appVersion: device.appVersion,
    revoked: device.revoked,
  };
}

function changesBetween(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): AuditChange[] {
  return Object.keys(after)
    .filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }));
}

/** The fields of a user that stand in the log; a password only as the fact that it was set. */
function logged(user: UserRow): Record<string, Json> {
  return {
    user: user.user,
    name: user.name,
    role: user.role,
    siteIds: user.siteIds,
    disabled: user.disabled,
  };
}

type UserCreate = Omit<z.infer<typeof userCreateSchema>, 'siteIds'> & { readonly siteIds: readonly string[] };
type UserUpdate = z.infer<typeof userUpdateSchema>;

/** Makes a user. Throws CONFLICT for a name in use, MALFORMED for a password that may not be used. */
export async function createUser(deps: IdentityDeps, who: AuditWho, request: UserCreate): Promise<UserView> {
  assertPassword(request.password, request.user);
  const passwordHash = await hashPassword(request.password);
  return deps.store.write((tx) => insertUser(deps, tx, who, request, passwordHash));
}

async function insertUser(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  request: UserCreate,
  passwordHash: string,
): Promise<UserView> {
  if ((await tx.userByName(request.user)) !== undefined) throw new SivisError('CONFLICT', { field: 'user' });
  const user: UserRow = {
    id: newId(),
    user: request.user,
    name: request.name,
    role: request.role,
    siteIds: request.siteIds,
    passwordHash,
    disabled: false,
    createdAt: toInstant(deps.clock.now()),
    lastSignInAt: null,
  };
  await putAccount(tx, user, user.createdAt);
  await deps.audit.recordAudit(tx, who, {
    action: 'userCreate',
    kind: 'user',
    objectId: user.id,
    personIds: [],
    personal: false,
    result: 'ok',
    changes: changesBetween({}, logged(user)),
  });
  return userView(user);
}

/**
 * Changes a user; a new password, role, site or a disabling ends or renews what his sessions may do at once. Nobody
 * changes his own role, sites or disabling: rights come from somebody else. Throws NOT_FOUND, FORBIDDEN, MALFORMED.
 */
export async function updateUser(deps: IdentityDeps, who: AuditWho, request: UserUpdate): Promise<UserView> {
  const known = await deps.store.read((tx) => tx.user(request.id));
  if (known === undefined) throw new SivisError('NOT_FOUND');
  const own = who.subject.userId === request.id;
  if (
    own &&
    (request.role !== undefined || request.siteIds !== undefined || request.disabled !== undefined)
  ) {
    throw new SivisError('FORBIDDEN', { reason: 'own-rights' });
  }
  if (request.password !== undefined) assertPassword(request.password, known.user);
  const passwordHash = request.password === undefined ? undefined : await hashPassword(request.password);
  const view = await deps.store.write(async (tx) => {
    const before = await tx.user(request.id);
    if (before === undefined) throw new SivisError('NOT_FOUND');
    const after: UserRow = {
      ...before,
      name: request.name ?? before.name,
      role: request.role ?? before.role,
      siteIds: request.siteIds ?? before.siteIds,
      disabled: request.disabled ?? before.disabled,
      passwordHash: passwordHash ?? before.passwordHash,
    };
    await putAccount(tx, after, toInstant(deps.clock.now()));
    if (after.disabled || passwordHash !== undefined)
      await tx.revokeSessions(after.id, toInstant(deps.clock.now()));
    if (passwordHash !== undefined) await tx.clearAttempts(`account:${hashSecret(after.user)}`);
    const set: AuditChange[] =
      passwordHash === undefined ? [] : [{ field: 'password', before: null, after: null }];
    await deps.audit.recordAudit(tx, who, {
      action: 'userUpdate',
      kind: 'user',
      objectId: after.id,
      personIds: [],
      personal: false,
      result: 'ok',
      changes: [...changesBetween(logged(before), logged(after)), ...set],
    });
    return userView(after);
  });
  deps.accessChanged();
  return view;
}

/** Renames a device, revokes it (its sessions end at once) or takes it back. Throws NOT_FOUND. */
export async function updateDevice(
  deps: IdentityDeps,
  who: AuditWho,
  request: z.infer<typeof deviceUpdateSchema>,
): Promise<DeviceView> {
  const view = await deps.store.write(async (tx) => {
    const before = await tx.device(request.id);
    if (before === undefined) throw new SivisError('NOT_FOUND');
    const after: DeviceRow = {
      ...before,
      name: request.name ?? before.name,
      revoked: request.revoked ?? before.revoked,
    };
    await tx.putDevice(after);
    if (after.revoked) await tx.revokeDeviceSessions(after.id, toInstant(deps.clock.now()));
    await deps.audit.recordAudit(tx, who, {
      action: 'deviceUpdate',
      kind: 'device',
      objectId: after.id,
      personIds: [],
      personal: false,
      result: 'ok',
      changes: changesBetween(
        { name: before.name, revoked: before.revoked },
        { name: after.name, revoked: after.revoked },
      ),
    });
    const user = after.lastUserId === null ? undefined : await tx.user(after.lastUserId);
    return deviceView(after, new Map(user === undefined ? [] : [[user.id, user.name]]));
  });
  deps.accessChanged();
  return view;
}
