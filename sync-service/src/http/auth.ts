import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  enrolRequestSchema,
  enrolResponseSchema,
  erasedRequestSchema,
  helloRequestSchema,
  helloResponseSchema,
} from '@sivis/shared/protocol/messages/desk.ts';
import { ticketResponseSchema } from '@sivis/shared/protocol/messages/live.ts';
import {
  loginRequestSchema,
  oidcBeginResponseSchema,
  oidcBeginSchema,
  oidcFinishSchema,
  passwordChangeSchema,
  refreshRequestSchema,
  sessionUserSchema,
  tokensSchema,
  totpBeginResponseSchema,
  totpBeginSchema,
  totpCodeSchema,
  totpStateSchema,
} from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { deskState, enrol } from '../identity/enrolment.ts';
import { orderPublicKey } from '../identity/deskOrders.ts';
import { eraseOrder, takeReceipt } from '../identity/erase.ts';
import {
  createFirstAdmin,
  firstAdminLookSchema,
  firstAdminSchema,
  firstAdminSites,
} from '../identity/firstAdmin.ts';
import type { Caller } from '../identity/parts.ts';
import { beginOidc, answerOidc, finishOidc } from '../identity/oidcSignIn.ts';
import {
  beginSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
  secondFactorState,
} from '../identity/secondFactor.ts';
import { refresh, sessionUser, signOut } from '../identity/session.ts';
import { changePassword, signIn } from '../identity/signIn.ts';
import { signToken } from '../identity/tokens.ts';
import { requireAuth, requireProof, type RoutePlugin } from './deps.ts';
import { appVersion } from './security.ts';

export const doneSchema = z.strictObject({ ok: z.boolean() });
const DONE = { ok: true };
/** Where the identity provider sends the browser back to. */
const OIDC_CALLBACK = '/api/auth/oidc/callback';
const nothing = z.strictObject({}).nullish();

const callerOf = (request: FastifyRequest): Caller => ({ ip: request.ip, app: appVersion(request.headers) });

/** Sign-in, sign-out, password, own account, live ticket. */
export const registerAuth: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.hello,
    {
      config: { public: true, proof: true },
      schema: { body: helloRequestSchema, response: { 200: helloResponseSchema } },
    },
    async (request) => {
      const { id } = request.body.device;
      const proof = requireProof(request);
      const told = await deps.store.read(async (tx) => ({
        desk: await deskState(tx, deps, id, proof),
        erase: await eraseOrder(tx, deps, id, proof),
      }));
      const oidc = deps.oidc?.label ?? null;
      return { ...told, oidc, orderKey: orderPublicKey(deps.keys), serverTime: toInstant(deps.clock.now()) };
    },
  );
  app.post(
    PATHS.enrol,
    {
      config: { public: true, proof: true },
      schema: { body: enrolRequestSchema, response: { 200: enrolResponseSchema } },
    },
    (request) => enrol(deps, request.body, requireProof(request), callerOf(request)),
  );
  app.post(
    PATHS.erased,
    {
      config: { public: true, proof: true },
      schema: { body: erasedRequestSchema, response: { 200: doneSchema } },
    },
    async (request) => {
      await takeReceipt(deps, request.body, requireProof(request), callerOf(request));
      return DONE;
    },
  );
  app.post(
    PATHS.login,
    {
      config: { public: true, proof: true },
      schema: { body: loginRequestSchema, response: { 200: tokensSchema } },
    },
    (request) => signIn(deps, request.body, requireProof(request), callerOf(request)),
  );
  app.post(
    PATHS.refresh,
    {
      config: { public: true, proof: true },
      schema: { body: refreshRequestSchema, response: { 200: tokensSchema } },
    },
    (request) => refresh(deps, request.body.refreshToken, requireProof(request), callerOf(request)),
  );
  app.post(
    PATHS.firstAdminSites,
    {
      config: { public: true },
      schema: {
        body: firstAdminLookSchema,
        response: { 200: z.strictObject({ sites: z.array(z.string()) }) },
      },
    },
    async (request) => ({ sites: await firstAdminSites(deps, request.body.token) }),
  );
  app.post(
    PATHS.totpBegin,
    {
      config: { public: true, proof: true },
      schema: { body: totpBeginSchema, response: { 200: totpBeginResponseSchema } },
    },
    (request) => beginSecondFactor(deps, request.body, requireProof(request), callerOf(request)),
  );
  app.post(
    PATHS.totpConfirm,
    { schema: { body: totpCodeSchema, response: { 200: doneSchema } } },
    async (request) => {
      await confirmSecondFactor(deps, requireAuth(request), request.body.code);
      return DONE;
    },
  );
  app.post(
    PATHS.totpRemove,
    { schema: { body: totpCodeSchema, response: { 200: doneSchema } } },
    async (request) => {
      await removeSecondFactor(deps, requireAuth(request), request.body.code);
      return DONE;
    },
  );
  app.get(PATHS.totpState, { schema: { response: { 200: totpStateSchema } } }, (request) =>
    secondFactorState(deps, requireAuth(request)),
  );
  app.post(
    PATHS.oidcBegin,
    {
      config: { public: true, proof: true },
      schema: { body: oidcBeginSchema, response: { 200: oidcBeginResponseSchema } },
    },
    (request) => {
      const own = new URL(deps.publicUrl === '' ? `${request.protocol}://${request.host}` : deps.publicUrl)
        .origin;
      const redirect = request.body.redirect ?? `${own}${OIDC_CALLBACK}`;
      return beginOidc(deps, request.body.device, redirect, requireProof(request), callerOf(request));
    },
  );
  app.post(
    PATHS.oidcFinish,
    {
      config: { public: true, proof: true },
      schema: { body: oidcFinishSchema, response: { 200: tokensSchema } },
    },
    (request) => finishOidc(deps, request.body, requireProof(request), callerOf(request)),
  );
  // The browser comes back here from the provider; the workstation finishes by the state in its own address.
  app.get(
    OIDC_CALLBACK,
    {
      config: { public: true },
      schema: { querystring: z.looseObject({ state: z.string().max(200) }) },
    },
    async (request, reply) => {
      const { state } = request.query;
      await answerOidc(deps, state, request.url.split('?')[1] ?? '');
      return reply.redirect(`/#/oidc/${encodeURIComponent(state)}`);
    },
  );
  app.post(
    PATHS.firstAdmin,
    {
      config: { public: true, proof: true },
      schema: { body: firstAdminSchema, response: { 200: doneSchema } },
    },
    async (request) => {
      await createFirstAdmin(deps, request.body, requireProof(request), callerOf(request));
      return DONE;
    },
  );
  app.post(PATHS.logout, { schema: { body: nothing, response: { 200: doneSchema } } }, async (request) => {
    await signOut(deps, requireAuth(request), false);
    return DONE;
  });
  app.post(
    PATHS.logoutEverywhere,
    { schema: { body: nothing, response: { 200: doneSchema } } },
    async (request) => {
      await signOut(deps, requireAuth(request), true);
      return DONE;
    },
  );
  app.post(
    PATHS.password,
    { schema: { body: passwordChangeSchema, response: { 200: doneSchema } } },
    async (request) => {
      await changePassword(deps, requireAuth(request), request.body.oldPassword, request.body.newPassword);
      return DONE;
    },
  );
  app.get(PATHS.me, { schema: { response: { 200: sessionUserSchema } } }, async (request) =>
    sessionUser(requireAuth(request).user),
  );
  app.post(
    PATHS.ticket,
    { schema: { body: nothing, response: { 200: ticketResponseSchema } } },
    async (request) => {
      const { user, sessionId, deviceId, thumbprint } = requireAuth(request);
      const ticket = await signToken(
        deps.keys.token,
        'live',
        { userId: user.id, sessionId, deviceId, thumbprint },
        deps.clock.now(),
      );
      return { ticket: ticket.token, expiresAt: toInstant(ticket.expiresAtMs) };
    },
  );
};
