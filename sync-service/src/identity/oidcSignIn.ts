import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { userCreateSchema } from '@sivis/shared/protocol/messages/administration.ts';
import type { oidcFinishSchema, Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { UserRow, WriteTx } from '../store/store.ts';
import { deskState, type Desk } from './enrolment.ts';
import type { Oidc, OidcPerson, OidcWay } from './oidc.ts';
import { technical, throttleAddress, whoOf, type Caller, type IdentityDeps } from './parts.ts';
import { beginSession, tokensFor } from './session.ts';
import { hashSecret } from './tokens.ts';
import { putNewUser, putChangedUser } from './users.ts';

/** A way to the provider that a desk began; only the same desk can finish it. */
interface Note {
  readonly way: OidcWay;
  readonly deskId: string;
  readonly thumbprint: string;
}
/** The same after the provider's answer; `person` is null when it was none. */
interface Answered extends Note {
  readonly person: OidcPerson | null;
}

const begunKey = (state: string): string => `oidc:${hashSecret(state)}`;
const answeredKey = (state: string): string => `oidc-done:${hashSecret(state)}`;

function provider(deps: IdentityDeps): Oidc {
  if (deps.oidc === undefined || deps.oidc === null) throw new SivisError('NOT_FOUND');
  return deps.oidc;
}

/** Begins a sign-in at the provider. Throws NOT_FOUND (none is configured), DEVICE_UNKNOWN, FORBIDDEN, UNAVAILABLE. */
export async function beginOidc(
  deps: IdentityDeps,
  desk: Desk,
  redirect: string,
  thumbprint: string,
  caller: Caller,
): Promise<{ url: string; state: string }> {
  const oidc = provider(deps);
  await throttleAddress(deps, caller);
  const standing = await deps.store.read((tx) => deskState(tx, deps, desk.id, thumbprint));
  if (standing === 'unknown') throw new SivisError('DEVICE_UNKNOWN');
  if (standing === 'revoked') throw new SivisError('FORBIDDEN', { reason: 'device-revoked' });
  let begun;
  try {
    begun = await oidc.begin(redirect);
  } catch {
    throw new SivisError('UNAVAILABLE', { reason: 'oidc-provider' });
  }
  const note: Note = { way: begun.way, deskId: desk.id, thumbprint };
  const until = deps.clock.now() + SERVICE_LIMITS.oidcMs;
  await deps.store.write((tx) => tx.putShortLived(begunKey(begun.way.state), JSON.stringify(note), until));
  return { url: begun.url, state: begun.way.state };
}

/** Takes the provider's answer at the service's own address and keeps the person for the desk that began. */
export async function answerOidc(deps: IdentityDeps, state: string, query: string): Promise<void> {
  const oidc = provider(deps);
  const nowMs = deps.clock.now();
  const text = await deps.store.write((tx) => tx.takeShortLived(begunKey(state), nowMs));
  if (text === undefined) return;
  const note = JSON.parse(text) as Note;
  const person = await oidc.finish(note.way, query).catch(() => null);
  const answered: Answered = { ...note, person };
  await deps.store.write((tx) =>
    tx.putShortLived(answeredKey(state), JSON.stringify(answered), nowMs + SERVICE_LIMITS.oidcMs),
  );
}

/** A user name from the provider's, which may be anything; one that is taken is never taken over. */
async function freeUserName(tx: WriteTx, person: OidcPerson): Promise<string> {
  const mark = createHash('sha256').update(`${person.issuer}\n${person.subject}`).digest('hex').slice(0, 8);
  const wanted = person.userName.split('@')[0]?.toLowerCase() ?? '';
  const valid = userCreateSchema.shape.user.safeParse(wanted).success;
  if (valid && (await tx.userByName(wanted)) === undefined) return wanted;
  return `${valid ? wanted.slice(0, 30) : 'konts'}-${mark}`;
}

/** The user of the person, made or brought to what the provider says; `undefined` when no group of hers has rights. */
async function userOf(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  oidc: Oidc,
  person: OidcPerson,
): Promise<UserRow | undefined> {
  const rights = oidc.rightsOf(person.groups);
  if (rights === undefined) return undefined;
  const sites = await tx.docsOfKind('site');
  const codes = rights.siteCodes;
  const siteIds = sites
    .filter(({ fields: { code } }) => codes === null || (typeof code === 'string' && codes.includes(code)))
    .map(({ id }) => id);
  const known = await tx.userIdByIdentity(person.issuer, person.subject);
  const before = known === undefined ? undefined : await tx.user(known);
  const name = person.name.trim().slice(0, 120);
  if (before === undefined) {
    const user: UserRow = {
      id: newId(),
      user: await freeUserName(tx, person),
      name: name === '' ? 'Bez vārda' : name,
      role: rights.role,
      siteIds,
      // No password has this hash: only the provider lets the user in.
      passwordHash: '',
      disabled: false,
      createdAt: toInstant(who.nowMs),
      lastSignInAt: null,
    };
    await putNewUser(deps, tx, who, user);
    await tx.putIdentity(person.issuer, person.subject, user.id);
    return user;
  }
  const after = { ...before, name: name === '' ? before.name : name, role: rights.role, siteIds };
  await putChangedUser(deps, tx, who, before, after);
  return after;
}

/**
 * Signs in who came back from the provider to the desk that sent her. Throws OIDC_FAILED, OIDC_NO_ROLE, FORBIDDEN for a
 * disabled user or a revoked desk. Every outcome is in the audit log.
 */
export async function finishOidc(
  deps: IdentityDeps,
  request: z.infer<typeof oidcFinishSchema>,
  thumbprint: string,
  caller: Caller,
): Promise<Tokens> {
  const oidc = provider(deps);
  const { state, device, answer } = request;
  if (answer !== undefined) await answerOidc(deps, state, answer);
  const who = whoOf(deps, undefined, device.id, '', caller);
  const text = await deps.store.write((tx) => tx.takeShortLived(answeredKey(state), who.nowMs));
  const answered = text === undefined ? null : (JSON.parse(text) as Answered);
  const { person } = answered ?? { person: null };
  const same = answered?.deskId === device.id && answered.thumbprint === thumbprint;
  const result = await deps.store.write(async (tx) => {
    const refuse = async (
      code: 'OIDC_FAILED' | 'OIDC_NO_ROLE' | 'FORBIDDEN',
      reason: string,
      user?: UserRow,
    ) => {
      const author = user === undefined ? who : whoOf(deps, user, device.id, '', caller);
      await deps.audit.recordAudit(tx, author, technical('signInFailed', reason));
      return { code, reason };
    };
    if (person === null || !same) return refuse('OIDC_FAILED', 'oidc');
    const standing = await deskState(tx, deps, device.id, thumbprint);
    if (standing !== 'known' && standing !== 'open') return refuse('FORBIDDEN', 'device-revoked');
    const user = await userOf(deps, tx, who, oidc, person);
    if (user === undefined) return refuse('OIDC_NO_ROLE', 'oidc-no-role');
    const author = whoOf(deps, user, device.id, '', caller);
    if (user.disabled) return refuse('FORBIDDEN', 'user-disabled', user);
    return beginSession(deps, tx, author, user, device, thumbprint, 'oidc');
  });
  if ('code' in result) throw new SivisError(result.code, { reason: result.reason });
  deps.accessChanged();
  return tokensFor(deps, result.user, result.session, result.refreshToken, thumbprint, result.from);
}
