import { toInstant } from '@sivis/shared/time/clock.ts';
import type { Store } from '../sync-service/src/store/store.ts';
import type { DeskUser } from './desk.ts';
import type { Random } from './random.ts';

/** A desk and who sits at it. */
interface Post {
  readonly id: string;
  readonly user: DeskUser;
}

/** Somebody at a desk, with an account, an enrolled device and a session at the service. */
export async function enrol(
  store: Store,
  random: Random,
  deviceId: string,
  { role, siteIds }: Pick<DeskUser, 'role' | 'siteIds'>,
  nowMs: number,
): Promise<DeskUser> {
  const user: DeskUser = { id: random.id(), role, siteIds, sessionId: random.id(), thumbprint: random.id() };
  const at = toInstant(nowMs);
  await store.write(async (tx) => {
    const nobody = { passwordHash: '', disabled: false, createdAt: at, lastSignInAt: null };
    await tx.putUser({ id: user.id, user: user.id, name: 'Testa Lietotāja', role, siteIds, ...nobody });
    const seen = { createdAt: at, lastSeenAt: null, lastUserId: null, appVersion: 'sim' };
    await tx.putDevice({ id: deviceId, name: '', ...seen, revoked: false, keyThumbprint: user.thumbprint });
    await signIn(tx, user, deviceId, nowMs);
  });
  return user;
}

type WriteTx = Parameters<Parameters<Store['write']>[0]>[0];

const FAR_MS = 40 * 365 * 86_400_000;

async function signIn(tx: WriteTx, user: DeskUser, deviceId: string, nowMs: number): Promise<void> {
  const at = toInstant(nowMs);
  await tx.putSession({
    id: user.sessionId,
    userId: user.id,
    deviceId,
    refreshHash: user.sessionId,
    previousHash: null,
    rotatedAt: at,
    createdAt: at,
    expiresAt: toInstant(nowMs + FAR_MS),
    revokedAt: null,
  });
}

/** Another role or other sites. */
export async function changeRights(
  store: Store,
  desk: Post,
  random: Random,
  siteIds: readonly string[],
  nowMs: number,
): Promise<void> {
  const { user } = desk;
  const { before } = user;
  user.before = { role: user.role, siteIds: user.siteIds };
  // Rights that were given for a day, or taken by mistake.
  if (before !== undefined && random.chance(0.5)) Object.assign(user, before);
  else if (random.chance(0.5))
    user.role = random.pick(['reception', 'dutyManager', 'catering', 'specialist', 'it'] as const);
  else user.siteIds = random.chance(0.5) ? [...siteIds] : [random.pick(siteIds)];
  await store.write(async (tx) => {
    const row = await tx.user(user.id);
    if (row === undefined) return;
    // As the product keeps them: what was made with the old rights waits for a supervisor when it comes.
    await tx.addFormerRight(user.id, { until: toInstant(nowMs), role: row.role, siteIds: row.siteIds });
    await tx.putUser({ ...row, role: user.role, siteIds: user.siteIds });
  });
}

/** Bars the desk or its user, or lets both in again. Returns whether they are let in now. */
export async function changeAccess(
  store: Store,
  desk: Post,
  random: Random,
  nowMs: number,
  wanted?: boolean,
): Promise<boolean> {
  const isIn = await isLetIn(store, desk);
  const lets = wanted ?? !isIn;
  const byDevice = random.chance(0.6);
  await store.write(async (tx) => {
    const user = await tx.user(desk.user.id);
    const device = await tx.device(desk.id);
    if (user === undefined || device === undefined) return;
    if (!lets) {
      if (byDevice) {
        await tx.putDevice({ ...device, revoked: true });
        await tx.revokeDeviceSessions(desk.id, toInstant(nowMs));
      } else {
        await tx.putUser({ ...user, disabled: true });
        await tx.revokeSessions(desk.user.id, toInstant(nowMs));
      }
      return;
    }
    await tx.putDevice({ ...device, revoked: false });
    await tx.putUser({ ...user, disabled: false });
    desk.user.sessionId = random.id();
    await signIn(tx, desk.user, desk.id, nowMs);
  });
  return lets;
}

export async function isLetIn(store: Store, desk: Post): Promise<boolean> {
  return store.read(async (tx) => {
    const session = await tx.session(desk.user.sessionId);
    const user = await tx.user(desk.user.id);
    const device = await tx.device(desk.id);
    return session?.revokedAt === null && user?.disabled === false && device?.revoked === false;
  });
}

/** After a restored backup accounts are as they were then; whose session it does not know signs in again. */
export async function readStaff(
  store: Store,
  desks: readonly Post[],
  random: Random,
  nowMs: number,
): Promise<void> {
  await store.write(async (tx) => {
    for (const desk of desks) {
      const row = await tx.user(desk.user.id);
      if (row === undefined) continue;
      desk.user.role = row.role;
      desk.user.siteIds = row.siteIds;
      if ((await tx.session(desk.user.sessionId)) !== undefined) continue;
      desk.user.sessionId = random.id();
      await signIn(tx, desk.user, desk.id, nowMs);
    }
  });
}
