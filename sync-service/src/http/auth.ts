import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  loginRequestSchema,
  passwordChangeSchema,
  refreshRequestSchema,
  sessionUserSchema,
  ticketResponseSchema,
  tokensSchema,
} from '@sivis/shared/protocol/messages.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { createFirstAdmin, firstAdminSchema } from '../identity/firstAdmin.ts';
import { changePassword, refresh, sessionUser, signIn, signOut, type Caller } from '../identity/signIn.ts';
import { signToken } from '../identity/tokens.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';
import { appVersion } from './security.ts';

export const doneSchema = z.strictObject({ ok: z.boolean() });
const DONE = { ok: true };
const nothing = z.strictObject({}).nullish();

const callerOf = (request: FastifyRequest): Caller => ({ ip: request.ip, app: appVersion(request.headers) });

/** Sign-in, sign-out, password, own account, live ticket. */
export const registerAuth: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.login,
    { config: { public: true }, schema: { body: loginRequestSchema, response: { 200: tokensSchema } } },
    (request) => signIn(deps, request.body, callerOf(request)),
  );
  app.post(
    PATHS.refresh,
    { config: { public: true }, schema: { body: refreshRequestSchema, response: { 200: tokensSchema } } },
    (request) => refresh(deps, request.body.refreshToken, callerOf(request)),
  );
  app.post(
    PATHS.firstAdmin,
    { config: { public: true }, schema: { body: firstAdminSchema, response: { 200: doneSchema } } },
    async (request) => {
      await createFirstAdmin(deps, request.body, callerOf(request));
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
      const { user, sessionId, deviceId } = requireAuth(request);
      const ticket = await signToken(
        deps.keys.token,
        'live',
        { userId: user.id, sessionId, deviceId },
        deps.clock.now(),
      );
      return { ticket: ticket.token, expiresAt: toInstant(ticket.expiresAtMs) };
    },
  );
};
