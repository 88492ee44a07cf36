import { z } from 'zod';
import { can, type Subject } from '@sivis/shared/access/can.ts';
import type { Verb } from '@sivis/shared/access/rights.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  deviceCodeRequestSchema,
  deviceCodeResponseSchema,
  deviceEraseSchema,
  deviceUpdateSchema,
  deviceViewSchema,
  type DeviceView,
  userCreateSchema,
  userUpdateSchema,
  userViewSchema,
} from '@sivis/shared/protocol/messages/administration.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { issueDeviceCode } from '../identity/enrolment.ts';
import { orderErase } from '../identity/erase.ts';
import { eraseView } from '../identity/eraseNote.ts';
import { createUser, deviceView, updateDevice, updateUser, userView } from '../identity/users.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';

const usersSchema = z.strictObject({ users: z.array(userViewSchema) });
const devicesSchema = z.strictObject({ devices: z.array(deviceViewSchema) });

function demand(subject: Subject, verb: Verb, kind: 'user' | 'device', fields: readonly string[] = []): void {
  if (!can(subject, verb, { kind, siteIds: [] }, fields).allowed) throw new SivisError('FORBIDDEN');
}

/** Users and devices, for IT (and to look at, for the auditor). Staff data: the reading is logged as technical. */
export const registerFleet: RoutePlugin = (app, deps) => {
  const listed = (kind: 'user' | 'device', count: number) => ({
    action: 'list',
    kind,
    objectId: '',
    personIds: [],
    personal: false,
    result: 'ok',
    detail: { count },
  });

  app.get(PATHS.users, { schema: { response: { 200: usersSchema } } }, async (request) => {
    const context = requireAuth(request);
    demand(context.subject, 'view', 'user');
    const { users, totp } = await deps.store.read(async (tx) => ({
      users: await tx.users(),
      totp: new Set(await tx.totpUsers()),
    }));
    await deps.audit.auditRead(deps.store, context, listed('user', users.length));
    return { users: users.map((user) => userView(user, totp.has(user.id))) };
  });
  app.post(
    PATHS.userCreate,
    { schema: { body: userCreateSchema, response: { 200: userViewSchema } } },
    async (request) => {
      const context = requireAuth(request);
      demand(context.subject, 'create', 'user', Object.keys(request.body));
      return createUser(deps, context, request.body);
    },
  );
  app.post(
    PATHS.userUpdate,
    { schema: { body: userUpdateSchema, response: { 200: userViewSchema } } },
    async (request) => {
      const context = requireAuth(request);
      demand(context.subject, 'update', 'user', Object.keys(request.body));
      return updateUser(deps, context, request.body);
    },
  );
  app.get(PATHS.devices, { schema: { response: { 200: devicesSchema } } }, async (request) => {
    const context = requireAuth(request);
    demand(context.subject, 'view', 'device');
    const views = await deps.store.read(async (tx) => {
      const names = new Map((await tx.users()).map((user) => [user.id, user.name]));
      const all: DeviceView[] = [];
      for (const device of await tx.devices())
        all.push(deviceView(device, names, await eraseView(tx, device.id)));
      return all;
    });
    await deps.audit.auditRead(deps.store, context, listed('device', views.length));
    return { devices: views };
  });
  app.post(
    PATHS.deviceCode,
    { schema: { body: deviceCodeRequestSchema, response: { 200: deviceCodeResponseSchema } } },
    async (request) => {
      const context = requireAuth(request);
      demand(context.subject, 'create', 'device', Object.keys(request.body));
      return issueDeviceCode(deps, context, request.body);
    },
  );
  app.post(
    PATHS.deviceErase,
    { schema: { body: deviceEraseSchema, response: { 200: deviceViewSchema } } },
    async (request) => {
      const context = requireAuth(request);
      demand(context.subject, 'update', 'device', ['revoked']);
      return orderErase(deps, context, request.body);
    },
  );
  app.post(
    PATHS.deviceUpdate,
    { schema: { body: deviceUpdateSchema, response: { 200: deviceViewSchema } } },
    async (request) => {
      const context = requireAuth(request);
      demand(context.subject, 'update', 'device', Object.keys(request.body));
      return updateDevice(deps, context, request.body);
    },
  );
};
