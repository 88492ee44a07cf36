import Fastify, { type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  deviceCodeRequestSchema,
  deviceEraseSchema,
  deviceUpdateSchema,
  userCreateSchema,
  userUpdateSchema,
} from '@sivis/shared/protocol/messages/administration.ts';
import {
  auditOpenSchema,
  auditPeopleRequestSchema,
  auditQuerySchema,
} from '@sivis/shared/protocol/messages/audit.ts';
import {
  enrolRequestSchema,
  erasedRequestSchema,
  helloRequestSchema,
} from '@sivis/shared/protocol/messages/desk.ts';
import { liveClientMessageSchema } from '@sivis/shared/protocol/messages/live.ts';
import {
  logConsistencySchema,
  logInclusionSchema,
  logSliceRequestSchema,
  logWitnessSchema,
} from '@sivis/shared/protocol/messages/log.ts';
import {
  quarantineDecideSchema,
  quarantineListSchema,
  quarantineMineSchema,
} from '@sivis/shared/protocol/messages/quarantine.ts';
import { cardRequestSchema, searchRequestSchema } from '@sivis/shared/protocol/messages/search.ts';
import {
  loginRequestSchema,
  oidcBeginSchema,
  oidcFinishSchema,
  passwordChangeSchema,
  refreshRequestSchema,
  totpBeginSchema,
  totpCodeSchema,
} from '@sivis/shared/protocol/messages/signIn.ts';
import { idsRequestSchema } from '@sivis/shared/protocol/messages/sync.ts';
import { createBodyReader } from '../../sync-service/src/http/body.ts';
import { firstAdminLookSchema, firstAdminSchema } from '../../sync-service/src/identity/firstAdmin.ts';
import { bytesOf, textOf, type Target } from '../lib/target.ts';

export const ID = '01932f5e-7a10-7c3a-9b1e-2d4f60718293';
export const AT = '2026-11-21T08:00:00.000Z';
export const ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** Bodies of requests by their route, with one that is taken. */
const BODIES: readonly (readonly [name: string, schema: z.ZodType, seed: object])[] = [
  ['hello', helloRequestSchema, { device: { id: ID } }],
  ['enrol', enrolRequestSchema, { code: 'ABCD-EFGH', device: { id: ID, name: 'Reģistratūra 1' } }],
  ['login', loginRequestSchema, { user: 'anna', password: 'garā parole 1', device: { id: ID, name: 'A' } }],
  ['refresh', refreshRequestSchema, { refreshToken: 'cmVmcmVzaA' }],
  ['password', passwordChangeSchema, { oldPassword: 'vecā parole', newPassword: 'jaunā parole 12' }],
  ['ids', idsRequestSchema, { after: ID, limit: 1_000 }],
  ['search', searchRequestSchema, { text: 'Bērziņa', limit: 20 }],
  ['card', cardRequestSchema, { personId: ID }],
  [
    'audit query',
    auditQuerySchema,
    { personId: ID, actions: ['view', 'edit'], from: AT, to: AT, before: 100, limit: 50, replication: false },
  ],
  ['audit open', auditOpenSchema, { seq: 17, reason: 'Pēc klienta lūguma' }],
  ['audit people', auditPeopleRequestSchema, { text: 'Liepa' }],
  ['log witness', logWitnessSchema, { seen: { origin: 'sivis.lv/audit/a', size: 12, root: ROOT } }],
  ['log consistency', logConsistencySchema, { from: 3, to: 12 }],
  ['log inclusion', logInclusionSchema, { seq: 12 }],
  [
    'log slice',
    logSliceRequestSchema,
    { first: 1, last: 9, from: AT, to: AT, purpose: 'export', withPayload: true, reason: 'Pārbaude' },
  ],
  [
    'user create',
    userCreateSchema,
    { user: 'anna', name: 'Anna', role: 'reception', siteIds: [ID], password: 'x' },
  ],
  ['user update', userUpdateSchema, { id: ID, name: 'Anna', role: 'it', siteIds: [ID], disabled: true }],
  ['device code', deviceCodeRequestSchema, { name: 'Reģistratūra 1', id: ID }],
  ['device update', deviceUpdateSchema, { id: ID, name: 'Reģistratūra 2', revoked: true }],
  ['device erase', deviceEraseSchema, { id: ID, mode: 'stolen' }],
  ['erased', erasedRequestSchema, { device: { id: ID }, orderId: ID, keysMs: 1, dataMs: 2, unsent: null }],
  [
    'totp begin',
    totpBeginSchema,
    { user: 'anna', password: 'garā parole 1', device: { id: ID, name: 'A' }, totp: '123456' },
  ],
  ['totp code', totpCodeSchema, { code: '123 456' }],
  ['oidc begin', oidcBeginSchema, { device: { id: ID, name: 'A' }, redirect: 'http://127.0.0.1:49152/oidc' }],
  [
    'oidc finish',
    oidcFinishSchema,
    { state: 'c3RhdGU', device: { id: ID, name: 'A' }, answer: 'code=a&state=b' },
  ],
  ['first admin sites', firstAdminLookSchema, { token: 'dG9rZW4' }],
  [
    'first admin',
    firstAdminSchema,
    {
      token: 'dG9rZW4',
      user: 'iveta',
      name: 'Iveta',
      password: 'garā parole 1',
      device: { id: ID, name: 'A' },
      site: { name: 'Dubulti', code: 'DUB' },
    },
  ],
  ['quarantine list', quarantineListSchema, { open: true }],
  ['quarantine decide', quarantineDecideSchema, { id: ID, accept: true, reason: 'Pareizi' }],
  ['quarantine mine', quarantineMineSchema, { opIds: [ID] }],
];

/** Reads a body exactly as the service's door does. */
export function bodyReader(): (input: Uint8Array) => unknown {
  const read = createBodyReader(Fastify());
  const request = {} as FastifyRequest;
  return (input) => {
    let failed: SivisError | null = null;
    let value: unknown;
    read(request, textOf(input), (error, body) => {
      failed = error;
      value = body;
    });
    if (failed !== null) throw failed as SivisError;
    return value;
  };
}

/** The value by its schema, or MALFORMED with the field. */
export function bySchema<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SivisError('MALFORMED');
  return parsed.data;
}

export function requestTargets(): Target[] {
  const read = bodyReader();
  const bodies = BODIES.map(([name, schema, seed]): Target => ({
    name: `request ${name}`,
    door: 'HTTP, a workstation or anybody',
    seeds: [bytesOf(seed)],
    json: true,
    limit: LIMITS.bodyBytes,
    run(input) {
      bySchema(schema, read(input));
      return 'taken';
    },
  }));
  const live: Target = {
    name: 'live message',
    door: 'WebSocket, a workstation',
    seeds: [bytesOf({ type: 'renew', ticket: 'a.b.c' })],
    json: true,
    limit: LIMITS.liveMessageBytes,
    run(input) {
      // As live.ts does, where whatever is thrown closes the socket with 1008.
      let message: unknown;
      try {
        message = JSON.parse(textOf(input));
      } catch (error) {
        if (error instanceof SyntaxError) return 'malformed';
        throw error;
      }
      return liveClientMessageSchema.safeParse(message).success ? 'taken' : 'malformed';
    },
  };
  return [...bodies, live];
}
