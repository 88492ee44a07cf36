import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  enrolRequestSchema,
  enrolResponseSchema,
  helloRequestSchema,
  helloResponseSchema,
  loginRequestSchema,
  passwordChangeSchema,
  refreshRequestSchema,
  sessionUserSchema,
  ticketResponseSchema,
  tokensSchema,
} from '@sivis/shared/protocol/messages.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { deskState, enrol } from '../identity/enrolment.ts';
import {
  createFirstAdmin,
  firstAdminLookSchema,
  firstAdminSchema,
  firstAdminSites,
} from '../identity/firstAdmin.ts';
import type { Caller } from '../identity/parts.ts';
import { changePassword, refresh, sessionUser, signIn, signOut } from '../identity/signIn.ts';
import { signToken } from '../identity/tokens.ts';
import { requireAuth, requireProof, type RoutePlugin } from './deps.ts';
import { appVersion } from './security.ts';

export const doneSchema = z.strictObject({ ok: z.boolean() });
const DONE = { ok: true };
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
      const desk = await deps.store.read((tx) => deskState(tx, deps, id, requireProof(request)));
      return { desk, serverTime: toInstant(deps.clock.now()) };
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
