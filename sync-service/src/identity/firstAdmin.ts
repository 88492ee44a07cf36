import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { userCreateSchema } from '@sivis/shared/protocol/messages/administration.ts';
import { deskSchema } from '@sivis/shared/protocol/messages/desk.ts';
import type { Site } from '@sivis/shared/lodging/places.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { serviceWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { ReadTx, Store } from '../store/store.ts';
import { createSite, newSiteSchema } from './sites.ts';
import { createUser } from './users.ts';
import { addDevice } from './enrolment.ts';
import type { Caller, IdentityDeps } from './parts.ts';
import { assertPassword } from './signIn.ts';
import { hashSecret } from './tokens.ts';

/** Where the first administrator is made; the page is the workstation's `#/pirmais/TOKEN`. */
const META = 'first-admin';

export const firstAdminSchema = z.strictObject({
  token: z.string().max(100),
  user: userCreateSchema.shape.user,
  name: userCreateSchema.shape.name,
  password: userCreateSchema.shape.password,
  device: deskSchema,
  /** The first site; left out where an import has made one. */
  site: newSiteSchema.optional(),
});

export const firstAdminLookSchema = z.strictObject({ token: z.string().max(100) });

/**
 * A one-time token for the first administrator, valid 24 hours, when the store has no user yet; otherwise null. A new
 * one takes the place of the one before.
 */
export async function issueFirstAdminToken(store: Store, nowMs: number): Promise<string | null> {
  const token = randomBytes(32).toString('base64url');
  return store.write(async (tx) => {
    if ((await tx.users()).length > 0) return null;
    await tx.setMeta(
      META,
      JSON.stringify({ hash: hashSecret(token), until: nowMs + SERVICE_LIMITS.firstAdminMs }),
    );
    return token;
  });
}

/** Throws FORBIDDEN for a wrong, used or expired token. */
async function requireToken(tx: ReadTx, token: string, nowMs: number): Promise<void> {
  const stored = (await tx.users()).length > 0 ? undefined : await tx.meta(META);
  const { hash, until } = JSON.parse(stored || '{"hash":"","until":0}') as { hash: string; until: number };
  const given = Buffer.from(hashSecret(token));
  const expected = Buffer.from(hash);
  const right = given.length === expected.length && timingSafeEqual(given, expected) && until > nowMs;
  if (!right) throw new SivisError('FORBIDDEN', { reason: 'first-admin-token' });
}

/** Names of the sites that are there already (an import makes them); none: the first one is made with the account. */
export async function firstAdminSites(deps: IdentityDeps, token: string): Promise<string[]> {
  return deps.store.read(async (tx) => {
    await requireToken(tx, token, deps.clock.now());
    return (await tx.docsOfKind('site')).map((site) => String((site.fields as unknown as Site).name));
  });
}

/**
 * Makes the first administrator (role IT), enrols the desk at which it is done, and makes the first site where there is
 * none. Throws FORBIDDEN for a wrong, used or expired token, MALFORMED when a site is missing.
 */
export async function createFirstAdmin(
  deps: IdentityDeps,
  request: z.infer<typeof firstAdminSchema>,
  thumbprint: string,
  caller: Caller,
): Promise<void> {
  const nowMs = deps.clock.now();
  assertPassword(request.password, request.user);
  const who = { ...serviceWho(nowMs, caller.app), ip: caller.ip };
  // The token is used up before the user is made: two requests with it make one user.
  const siteIds = await deps.store.write(async (tx) => {
    await requireToken(tx, request.token, nowMs);
    const known = (await tx.docsOfKind('site')).map((site) => site.id);
    if (known.length === 0 && request.site === undefined)
      throw new SivisError('MALFORMED', { field: 'site' });
    await tx.setMeta(META, '');
    if ((await tx.device(request.device.id)) === undefined)
      await addDevice(deps, tx, who, request.device, thumbprint);
    return known.length > 0 || request.site === undefined
      ? known
      : [await createSite(tx, deps.audit, who, request.site)];
  });
  const { user, name, password } = request;
  await createUser(deps, who, { user, name, password, role: 'it', siteIds });
}
