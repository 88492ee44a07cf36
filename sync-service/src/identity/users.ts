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
} from '@sivis/shared/protocol/messages/administration.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditChange, AuditWho } from '../audit/auditLog.ts';
import type { DeviceRow, UserRow, WriteTx } from '../store/store.ts';
import { eraseView } from './eraseNote.ts';
import { hashPassword } from './passwords.ts';
import type { IdentityDeps } from './parts.ts';
import { assertPassword } from './signIn.ts';
import { putAccount } from './staff.ts';
import { hashSecret } from './tokens.ts';

export function userView(user: UserRow, totp: boolean): UserView {
  return {
    id: user.id,
    user: user.user,
    name: user.name,
    role: user.role,
    siteIds: [...user.siteIds],
    disabled: user.disabled,
    createdAt: user.createdAt,
    lastSignInAt: user.lastSignInAt,
    totp,
  };
}

export function deviceView(
  device: DeviceRow,
  users: ReadonlyMap<string, string>,
  erase: DeviceView['erase'],
): DeviceView {
  return {
    id: device.id,
    name: device.name,
    createdAt: device.createdAt,
    lastSeenAt: device.lastSeenAt,
    lastUserId: device.lastUserId,
    lastUserName: device.lastUserId === null ? null : (users.get(device.lastUserId) ?? null),
    appVersion: device.appVersion,
    revoked: device.revoked,
    erase,
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
  await putNewUser(deps, tx, who, user);
  return userView(user, false);
}

/** Writes a new user and the staff directory's entry, with their line in the log. */
export async function putNewUser(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  user: UserRow,
): Promise<void> {
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
}

const sameRights = (a: UserRow, b: UserRow): boolean =>
  a.role === b.role && [...a.siteIds].sort().join() === [...b.siteIds].sort().join();

/**
 * Writes a changed user, with its entry in the log. Rights that he had are remembered: what he did with them while his
 * desk was offline waits for a supervisor when it arrives (docs/adr/0007).
 */
export async function putChangedUser(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  before: UserRow,
  after: UserRow,
  more: readonly AuditChange[] = [],
): Promise<void> {
  const changes = [...changesBetween(logged(before), logged(after)), ...more];
  await putAccount(tx, after, toInstant(deps.clock.now()));
  if (!sameRights(before, after)) {
    const { role, siteIds } = before;
    await tx.addFormerRight(after.id, { until: toInstant(deps.clock.now()), role, siteIds });
  }
  if (changes.length === 0) return;
  await deps.audit.recordAudit(tx, who, {
    action: 'userUpdate',
    kind: 'user',
    objectId: after.id,
    personIds: [],
    personal: false,
    result: 'ok',
    changes,
  });
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
    const reset = request.resetTotp === true;
    if (after.disabled || reset || passwordHash !== undefined)
      await tx.revokeSessions(after.id, toInstant(deps.clock.now()));
    if (request.unlock === true || reset || passwordHash !== undefined)
      await tx.clearAttempts(`account:${hashSecret(after.user)}`);
    if (reset) await tx.putTotp(after.id, null);
    // Secrets stand in the log only as the fact that they were set.
    const set = (field: string): AuditChange => ({ field, before: null, after: null });
    await putChangedUser(deps, tx, who, before, after, [
      ...(passwordHash === undefined ? [] : [set('password')]),
      ...(reset ? [set('totp')] : []),
      ...(request.unlock === true ? [set('unlock')] : []),
    ]);
    return userView(after, (await tx.totp(after.id)) !== undefined);
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
    return deviceView(
      after,
      new Map(user === undefined ? [] : [[user.id, user.name]]),
      await eraseView(tx, after.id),
    );
  });
  deps.accessChanged();
  return view;
}
