import net from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newId } from '@sivis/shared/ids/ids.ts';
import { ERRORS, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { LIVE_SUBPROTOCOL } from '@sivis/shared/protocol/messages/live.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import type { PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import { idsPath, PATHS, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { checkAudit } from '../src/audit/export.ts';
import { SERVICE_LIMITS } from '../src/limits.ts';
import { CLOSE } from '../src/live/live.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../src/sync/checkpoint.ts';
import { rightsVersion } from '../src/sync/pull.ts';
import { createRow, opOf, PASSWORD, pushTo, send, signInAt, startService } from './liveService.ts';
import { deskSequence } from './serviceKit.ts';
import type { LiveService, Reply, Row, Session } from './liveService.ts';

/** What may be wrong with what arrives, what is answered, and that everything else goes on. */

interface Desk {
  readonly service: LiveService;
  readonly session: Session;
}

interface Case {
  readonly name: string;
  readonly status: number;
  readonly code?: ErrorCode;
  provoke(desk: Desk): Promise<Reply>;
  /** What else holds of the answer. */
  also?(reply: Reply, desk: Desk): void | Promise<void>;
}

const FIRST = { checkpoint: null, limit: 5 };
const pull =
  (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  (desk: Desk) =>
    send(desk.service.base, pullPath('people'), { session: desk.session, raw, headers });
const pushRaw = (raw: string) => (desk: Desk) =>
  send(desk.service.base, pushPath('people'), { session: desk.session, raw });
const push = (rows: (desk: Desk) => readonly unknown[]) => (desk: Desk) =>
  send(desk.service.base, pushPath('people'), { session: desk.session, body: { rows: rows(desk) } });
const rowsOf = (reply: Reply): PushRowResult[] => reply.body['rows'] as PushRowResult[];

const person = ({ service, session }: Desk, familyName = 'Laba'): Row =>
  createRow(session, 'person', service.siteId, { familyName, givenName: 'Persona' });
/** The row with its only operation changed. */
const altered = (row: Row, change: object): object => ({ ...row, ops: [{ ...row.ops[0], ...change }] });
/** A refused row between two good ones: its neighbours are taken. */
const between = (bad: (desk: Desk) => unknown) => push((desk) => [person(desk), bad(desk), person(desk)]);
const onlyMiddleRefused =
  (rule: string, code: string) =>
  (reply: Reply): void => {
    const rows = rowsOf(reply);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(rows[1]?.ops[0]?.rejection).toMatchObject({ rule, code });
    expect(rows[1]?.ops[0]?.rejection?.message).not.toBe('');
  };
const withToken =
  (make: (desk: Desk) => string | Promise<string>) =>
  async (desk: Desk): Promise<Reply> => {
    const tokens: Tokens = { ...desk.session.tokens, accessToken: await make(desk) };
    const session = { ...desk.session, tokens };
    return send(desk.service.base, pullPath('people'), { session, body: FIRST });
  };
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const BODIES: Case[] = [
  { name: 'no JSON', status: 400, code: 'MALFORMED', provoke: pull('{not json') },
  { name: 'nothing at all', status: 400, code: 'MALFORMED', provoke: pull('') },
  { name: 'JSON that is no object', status: 400, code: 'MALFORMED', provoke: pull('null') },
  {
    name: 'bytes that are no text',
    status: 400,
    code: 'MALFORMED',
    provoke: pull(new Uint8Array([123, 255, 254])),
  },
  {
    name: 'a field too many',
    status: 400,
    code: 'MALFORMED',
    provoke: pull('{"checkpoint":null,"limit":5,"all":1}'),
  },
  {
    name: 'another content type',
    status: 415,
    code: 'UNSUPPORTED_MEDIA',
    provoke: pull('checkpoint=&limit=5', { 'content-type': 'application/x-www-form-urlencoded' }),
  },
  {
    name: 'text that says it is text',
    status: 415,
    code: 'UNSUPPORTED_MEDIA',
    provoke: pull(JSON.stringify(FIRST), { 'content-type': 'text/plain' }),
  },
  {
    name: 'a body over the limit',
    status: 413,
    code: 'TOO_LARGE',
    provoke: pull(JSON.stringify({ ...FIRST, checkpoint: 'x'.repeat(LIMITS.bodyBytes) })),
  },
  {
    name: 'a push over the limit',
    status: 413,
    code: 'TOO_LARGE',
    provoke: pushRaw(`{"rows":["${'x'.repeat(LIMITS.pushBytes)}"]}`),
  },
  {
    name: 'more rows than a push may have',
    status: 400,
    code: 'MALFORMED',
    provoke: push(() => Array.from({ length: LIMITS.pushRows + 1 }, () => null)),
  },
  {
    name: 'JSON that is too deep',
    status: 400,
    code: 'TOO_DEEP',
    provoke: pushRaw(`{"rows":[${nested(40)}]}`),
  },
  { name: 'a bomb of brackets', status: 400, code: 'MALFORMED', provoke: pull('['.repeat(500_000)) },
  {
    name: 'a prototype key',
    status: 400,
    code: 'MALFORMED',
    provoke: pull('{"checkpoint":null,"limit":5,"__proto__":{"admin":true}}'),
  },
  {
    name: 'a prototype key far inside',
    status: 400,
    code: 'MALFORMED',
    provoke: pushRaw('{"rows":[{"ops":[{"changes":{"__proto__":{"before":null,"after":1}}}]}]}'),
  },
  {
    name: 'a constructor with a prototype',
    status: 400,
    code: 'MALFORMED',
    provoke: pushRaw('{"rows":[{"constructor":{"prototype":{"x":1}}}]}'),
  },
  {
    name: 'a key twice: the last one counts, as JSON is read everywhere',
    status: 200,
    provoke: pull('{"checkpoint":"forged","limit":5,"checkpoint":null}'),
  },
  {
    name: 'a number without end',
    status: 400,
    code: 'MALFORMED',
    provoke: pull('{"checkpoint":null,"limit":1e999}'),
  },
  {
    name: 'a number beyond all limits',
    status: 400,
    code: 'MALFORMED',
    provoke: pull('{"checkpoint":null,"limit":99999999999999999999}'),
  },
  {
    name: 'a fraction where a whole number stands',
    status: 400,
    code: 'MALFORMED',
    provoke: pull('{"checkpoint":null,"limit":0.5}'),
  },
];

const PATHS_AND_VERSIONS: Case[] = [
  ...(['pull', 'push', 'ids'] as const).map((call): Case => ({
    name: `an unknown collection (${call})`,
    status: 404,
    code: 'NOT_FOUND',
    provoke: ({ service, session }) =>
      send(service.base, `/api/sync/1/secrets/${call}`, {
        session,
        body: call === 'pull' ? FIRST : call === 'push' ? { rows: [null] } : { after: '', limit: 5 },
      }),
  })),
  {
    name: 'a collection by the name of a prototype',
    status: 404,
    code: 'NOT_FOUND',
    provoke: ({ service, session }) =>
      send(service.base, '/api/sync/1/__proto__/pull', { session, body: FIRST }),
  },
  {
    name: 'a client that is too old',
    status: 426,
    code: 'CLIENT_TOO_OLD',
    provoke: ({ service, session }) => send(service.base, pullPath('people', 0), { session, body: FIRST }),
  },
  {
    name: 'a client that is too new',
    status: 400,
    code: 'UNKNOWN_VERSION',
    provoke: ({ service, session }) => send(service.base, pullPath('people', 99), { session, body: FIRST }),
  },
  {
    name: 'a version that is no number',
    status: 400,
    code: 'UNKNOWN_VERSION',
    provoke: ({ service, session }) =>
      send(service.base, '/api/sync/1e0/people/pull', { session, body: FIRST }),
  },
  {
    name: 'reading by GET',
    status: 404,
    code: 'NOT_FOUND',
    provoke: ({ service, session }) => send(service.base, pullPath('people'), { session }),
  },
  {
    name: 'a path that climbs',
    status: 404,
    code: 'NOT_FOUND',
    provoke: ({ service, session }) => send(service.base, '/api/%2e%2e/%2e%2e/etc/passwd', { session }),
  },
];

const ROWS: Case[] = [
  {
    name: 'rows of every wrong form, between good ones',
    status: 200,
    provoke: push((desk) => [
      person(desk),
      null,
      7,
      'row',
      [],
      {},
      { id: 'x', kind: {}, siteId: [], ops: 'none' },
      { id: '..', kind: 'person', siteId: desk.service.siteId, ops: [] },
      { ...person(desk), id: '../../etc' },
      { ...person(desk), kind: '__proto__' },
      { ...person(desk), kind: 'constructor' },
      { ...person(desk), extra: true },
      altered(person(desk), { opId: 'x' }),
      altered(person(desk), { at: 'yesterday' }),
      altered(person(desk), { at: '2026-02-30T00:00:00.000Z' }),
      altered(person(desk), { changes: { Family: { before: null, after: 'x' } } }),
      altered(person(desk), { changes: { toString: { before: null, after: 'x' } } }),
      altered(person(desk), { group: { id: newId(), size: 1e6 } }),
      altered(person(desk), { kind: 'x'.repeat(100) }),
      person(desk),
    ]),
    also: (reply) => {
      const outcomes = rowsOf(reply).map(({ outcome }) => outcome);
      expect([outcomes[0], outcomes.at(-1)]).toEqual(['accepted', 'accepted']);
      expect(new Set(outcomes.slice(1, -1))).toEqual(new Set(['rejected']));
    },
  },
  {
    name: 'a poisoned document',
    status: 200,
    provoke: between((desk) =>
      altered(person(desk), {
        changes: {
          familyName: { before: null, after: { $where: 'sleep(1)' } },
          givenName: { before: null, after: "'); DROP TABLE doc; --" },
        },
      }),
    ),
    also: onlyMiddleRefused('schema', 'schema'),
  },
  {
    name: 'half of a character',
    status: 200,
    provoke: (desk) => {
      const rows = [person(desk), person(desk, 'HALF'), person(desk)];
      const raw = JSON.stringify({ rows }).replace('HALF', '\\ud800');
      return send(desk.service.base, pushPath('people'), { session: desk.session, raw });
    },
    also: onlyMiddleRefused('op', 'malformed'),
  },
  {
    name: 'half of a character in a name inside a value',
    status: 200,
    provoke: (desk) => {
      const changes = { familyName: { before: null, after: { HALF: 1 } } };
      const rows = [person(desk), altered(person(desk), { changes }), person(desk)];
      const raw = JSON.stringify({ rows }).replace('HALF', '\\udc00');
      return send(desk.service.base, pushPath('people'), { session: desk.session, raw });
    },
    also: onlyMiddleRefused('op', 'malformed'),
  },
  {
    name: 'half of a character as the kind of a document',
    status: 200,
    provoke: (desk) => {
      const rows = [person(desk), { ...person(desk), kind: 'HALF' }, person(desk)];
      const raw = JSON.stringify({ rows }).replace('HALF', '\\ud800');
      return send(desk.service.base, pushPath('people'), { session: desk.session, raw });
    },
    also: onlyMiddleRefused('op', 'malformed'),
  },
  {
    name: 'half of a character in what a desk reports',
    status: 200,
    provoke: (desk) => {
      const event = { at: desk.session.tokens.serverTime, action: 'search', offline: false };
      const events = [
        { ...event, eventId: newId(), filter: 'Liepa' },
        { ...event, eventId: newId(), filter: 'HALF' },
        { ...event, eventId: newId() },
      ].map(deskSequence(newId()));
      const raw = JSON.stringify({ events }).replace('HALF', '\\ud800');
      return send(desk.service.base, PATHS.auditEvents, { session: desk.session, raw });
    },
    also: (reply) => {
      expect([
        (reply.body['accepted'] as unknown[]).length,
        (reply.body['refused'] as unknown[]).length,
      ]).toEqual([2, 1]);
    },
  },
  {
    name: 'half of a character in a search',
    status: 400,
    code: 'MALFORMED',
    provoke: ({ service, session }) =>
      send(service.base, PATHS.searchPeople, { session, raw: '{"text":"Liepa \\ud800","limit":5}' }),
  },
  {
    name: 'a number without end inside a document',
    status: 200,
    provoke: (desk) => {
      const rows = [person(desk), person(desk, 'HUGE'), person(desk)];
      const raw = JSON.stringify({ rows }).replace('"HUGE"', '1e999');
      return send(desk.service.base, pushPath('people'), { session: desk.session, raw });
    },
    also: onlyMiddleRefused('op', 'malformed'),
  },
  {
    name: 'a text of a megabyte inside a document',
    status: 200,
    provoke: between((desk) => person(desk, 'x'.repeat(1_000_000))),
    also: onlyMiddleRefused('schema', 'schema'),
  },
  {
    name: 'a character that is nothing (U+0000)',
    status: 200,
    provoke: push((desk) => [person(desk), person(desk, 'Nulle\u0000Zīme'), person(desk)]),
    also: async (reply, desk) => {
      const rows = rowsOf(reply);
      expect([rows[0]?.outcome, rows[2]?.outcome]).toEqual(['accepted', 'accepted']);
      if (rows[1]?.outcome !== 'accepted') return;
      const stored = await desk.service.store.read((tx) => tx.doc(rows[1]?.id ?? ''));
      expect(stored?.fields['familyName']).toBe('Nulle\u0000Zīme');
    },
  },
  {
    name: 'a forged author',
    status: 200,
    provoke: between((desk) => altered(person(desk), { actor: newId() })),
    also: onlyMiddleRefused('op', 'forgedAuthor'),
  },
  {
    name: 'a forged device',
    status: 200,
    provoke: between((desk) => altered(person(desk), { device: newId() })),
    also: onlyMiddleRefused('op', 'forgedAuthor'),
  },
  {
    name: 'a document of another site',
    status: 200,
    provoke: between((desk) => ({ ...person(desk), siteId: newId() })),
    also: onlyMiddleRefused('rights', 'outOfScope'),
  },
  {
    name: 'a field that the service keeps for itself',
    status: 200,
    provoke: between((desk) =>
      altered(person(desk), { changes: { provisional: { before: null, after: true } } }),
    ),
    also: onlyMiddleRefused('rights', 'fieldNotAllowed'),
  },
  {
    name: 'an override without the right to it',
    status: 200,
    provoke: between((desk) => altered(person(desk), { override: ['I5'], reason: 'Tā vajag' })),
    also: onlyMiddleRefused('rights', 'overrideRight'),
  },
  {
    name: 'the number of an operation for another document',
    status: 200,
    provoke: async (desk) => {
      const first = person(desk);
      await pushTo(desk.service.base, desk.session, 'people', [first]);
      return push(() => [person(desk), altered(person(desk), { opId: first.ops[0]?.opId }), person(desk)])(
        desk,
      );
    },
    also: onlyMiddleRefused('op', 'opIdReused'),
  },
  {
    name: 'a clock that runs ahead',
    status: 200,
    provoke: push((desk) => [
      altered(person(desk), { at: '2126-01-01T00:00:00.000Z' }),
      altered(person(desk), { at: '1970-01-01T00:00:00.000Z' }),
    ]),
    also: (reply) => {
      expect(rowsOf(reply).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
      expect(rowsOf(reply).map(({ ops }) => ops[0]?.warnings ?? [])).toEqual([['clock-skew'], []]);
    },
  },
];

const CHECKPOINTS: Case[] = [
  {
    name: 'an invented checkpoint',
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: pull('{"checkpoint":"a.b","limit":5}'),
  },
  {
    name: 'an empty checkpoint',
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: pull('{"checkpoint":"","limit":5}'),
  },
  {
    name: 'a checkpoint with another signature',
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: (desk) => {
      const of = { userId: desk.session.tokens.user.id, deviceId: desk.session.deviceId };
      const checkpoint = encodeCheckpoint({ epoch: 'x', seq: 0, rights: 'x' }, of, Buffer.alloc(32, 7));
      return pull(JSON.stringify({ checkpoint, limit: 5 }))(desk);
    },
  },
  {
    name: 'a checkpoint of another service',
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: async (desk) => {
      const other = await startService();
      await other.user('cita', 'reception');
      const session = await other.signIn('cita');
      const { body } = await send(other.base, pullPath('people'), { session, body: FIRST });
      await other.stop();
      return pull(JSON.stringify({ checkpoint: body['checkpoint'], limit: 5 }))(desk);
    },
  },
  {
    name: "another desk's checkpoint",
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: async (desk) => {
      const { service, session } = desk;
      await service.user('blakus', 'reception');
      const other = await service.signIn('blakus');
      const { body } = await send(service.base, pullPath('people'), { session: other, body: FIRST });
      expect(session.deviceId).not.toBe(other.deviceId);
      return pull(JSON.stringify({ checkpoint: body['checkpoint'], limit: 5 }))(desk);
    },
  },
  {
    name: 'a checkpoint with its position changed',
    status: 400,
    code: 'BAD_CHECKPOINT',
    provoke: async (desk) => {
      const { body } = await pull(JSON.stringify(FIRST))(desk);
      const [text = '', signature = ''] = String(body['checkpoint']).split('.');
      const parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
      const moved = Buffer.from(JSON.stringify([parts[0], 999, parts[2]])).toString('base64url');
      return pull(JSON.stringify({ checkpoint: `${moved}.${signature}`, limit: 5 }))(desk);
    },
  },
  {
    name: 'a checkpoint from before a restore: everything is sent again',
    status: 200,
    provoke: ({ service, session }) => {
      const { user } = session.tokens;
      const subject = { userId: user.id, role: user.role, siteIds: user.siteIds };
      const rights = rightsVersion({ subject, deviceId: session.deviceId }, 0);
      const checkpoint = encodeCheckpoint(
        { epoch: newId(), seq: 1e9, rights },
        { userId: user.id, deviceId: session.deviceId },
        service.deps.keys.checkpoint,
      );
      return pull(JSON.stringify({ checkpoint, limit: 5 }))({ service, session });
    },
    also: (reply) => {
      expect(reply.body['resync']).toBe('epoch');
      expect((reply.body['documents'] as unknown[]).length).toBeGreaterThan(0);
    },
  },
  {
    name: 'a checkpoint from before a change of rights: everything is sent again',
    status: 200,
    provoke: async (desk) => {
      const of = { userId: desk.session.tokens.user.id, deviceId: desk.session.deviceId };
      const key = desk.service.deps.keys.checkpoint;
      const { body } = await pull(JSON.stringify(FIRST))(desk);
      const known = decodeCheckpoint(String(body['checkpoint']), of, key);
      const checkpoint = encodeCheckpoint({ ...known, rights: 'before' }, of, key);
      return pull(JSON.stringify({ checkpoint, limit: 5 }))(desk);
    },
    also: (reply) => expect(reply.body['resync']).toBe('rights'),
  },
];

const jwt = (
  key: Buffer,
  desk: Desk,
  change: (token: SignJWT) => SignJWT = (token) => token,
): Promise<string> =>
  change(
    new SignJWT({ sid: newId(), did: desk.session.deviceId })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('sivis')
      .setAudience('access')
      .setSubject(desk.session.tokens.user.id)
      .setJti(newId())
      .setExpirationTime('5m'),
  ).sign(key);

const TOKENS: Case[] = [
  ...(
    [
      ['no token', () => ''],
      ['a token that is none', () => 'a.b.c'],
      [
        'a token without a signature',
        ({ session }) => `${session.tokens.accessToken.split('.').slice(0, 2).join('.')}.`,
      ],
      [
        'a token of algorithm none',
        ({ session }) =>
          `${Buffer.from('{"alg":"none"}').toString('base64url')}.${session.tokens.accessToken.split('.')[1]}.x`,
      ],
      ['a token signed by another key', (desk) => jwt(Buffer.alloc(32, 9), desk)],
      ['a true token of a session that is not', (desk) => jwt(desk.service.deps.keys.token, desk)],
      [
        'a token for somebody else',
        async (desk) => {
          const parts = desk.session.tokens.accessToken.split('.');
          const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')) as object;
          const body = Buffer.from(JSON.stringify({ ...claims, sub: newId() })).toString('base64url');
          return `${parts[0]}.${body}.${parts[2]}`;
        },
      ],
      [
        'a live ticket in place of a token',
        async ({ service, session }) =>
          String((await send(service.base, PATHS.ticket, { session, body: {} })).body['ticket']),
      ],
      ['a refresh token in place of a token', ({ session }) => session.tokens.refreshToken],
    ] as [string, (desk: Desk) => string | Promise<string>][]
  ).map(([name, make]): Case => ({ name, status: 401, code: 'UNAUTHENTICATED', provoke: withToken(make) })),
  {
    name: 'a token that ended',
    status: 401,
    code: 'UNAUTHENTICATED',
    provoke: async (desk) => {
      desk.service.clock.offsetMs = SERVICE_LIMITS.accessMs + 1_000;
      const reply = await pull(JSON.stringify(FIRST))(desk);
      desk.service.clock.offsetMs = 0;
      return reply;
    },
  },
  {
    name: 'a refresh token used again: the session ends',
    status: 401,
    code: 'UNAUTHENTICATED',
    provoke: async ({ service }) => {
      const session = await service.signIn('otra');
      const refreshToken = session.tokens.refreshToken;
      const renew = () => send(service.base, PATHS.refresh, { body: { refreshToken } });
      const next = (await renew()).body as unknown as Tokens;
      service.clock.offsetMs = 120_000;
      const again = await renew();
      expect(again.status).toBe(401);
      const after = await send(service.base, PATHS.me, { session: { ...session, tokens: next } });
      service.clock.offsetMs = 0;
      return after;
    },
  },
  {
    name: 'a refresh token that is none',
    status: 401,
    code: 'UNAUTHENTICATED',
    provoke: ({ service }) => send(service.base, PATHS.refresh, { body: { refreshToken: 'x'.repeat(43) } }),
  },
];

const login = (service: LiveService, user: string, password: string): Promise<Reply> =>
  send(service.base, PATHS.login, { body: { user, password, device: { id: newId(), name: 'Galds' } } });
/** How long to wait is said, and no longer than the window that was used up. */
const retryWithin =
  (windowMs: number) =>
  (reply: Reply): void => {
    const seconds = Number(reply.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(windowMs / 1000);
  };

const GUESSING: Case[] = [
  {
    name: 'a wrong password',
    status: 401,
    code: 'WRONG_CREDENTIALS',
    provoke: ({ service }) => login(service, 'anna', 'nepareiza parole pavisam'),
  },
  {
    name: 'wrong passwords of one account, then the right one',
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    provoke: async ({ service }) => {
      for (let at = 0; at < SERVICE_LIMITS.accountFailures; at += 1)
        expect((await login(service, 'uzbrukta', `nepareiza parole ${at}`)).status).toBe(401);
      return login(service, 'uzbrukta', PASSWORD);
    },
    also: retryWithin(SERVICE_LIMITS.accountWindowMs),
  },
  {
    name: 'many accounts from one address',
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    provoke: async () => {
      const own = await startService({ addressAttempts: SERVICE_LIMITS.addressAttempts });
      await own.user('anna', 'reception');
      for (let at = 0; at < SERVICE_LIMITS.addressAttempts; at += 1)
        await login(own, `lietotajs${at}`, 'nepareiza parole');
      const reply = await login(own, 'anna', PASSWORD);
      await own.stop();
      return reply;
    },
    also: retryWithin(SERVICE_LIMITS.addressWindowMs),
  },
  {
    name: 'wrong old passwords of somebody who is signed in',
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    provoke: async ({ service }) => {
      const session = await service.signIn('uzbrukta2');
      const change = (oldPassword: string) =>
        send(service.base, PATHS.password, {
          session,
          body: { oldPassword, newPassword: 'pavisam cita doma 9' },
        });
      for (let at = 0; at < SERVICE_LIMITS.accountFailures; at += 1)
        expect((await change(`nepareiza parole ${at}`)).status).toBe(401);
      return change(PASSWORD);
    },
    also: retryWithin(SERVICE_LIMITS.accountWindowMs),
  },
  {
    name: 'more requests than a desk may send',
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    provoke: async ({ service }) => {
      const session = await service.signIn('otra');
      for (let round = 0; round < 10; round += 1) {
        const all = await Promise.all(
          Array.from({ length: 50 }, () => send(service.base, PATHS.me, { session })),
        );
        const refused = all.find(({ status }) => status === 429);
        if (refused !== undefined) return refused;
      }
      throw new Error('no limit');
    },
    also: retryWithin(SERVICE_LIMITS.burstSeconds * 1000),
  },
  ...['http://evil.example', 'null', 'https://127.0.0.1.evil.example', 'http://127.0.0.1:1'].map(
    (origin): Case => ({
      name: `a page of another origin (${origin})`,
      status: 403,
      code: 'FORBIDDEN',
      provoke: pull(JSON.stringify(FIRST), { origin }),
      also: (reply) => expect(reply.headers.get('access-control-allow-origin')).toBeNull(),
    }),
  ),
  {
    name: 'a page of another origin that asks before',
    status: 403,
    code: 'FORBIDDEN',
    provoke: ({ service }) =>
      send(service.base, pullPath('people'), {
        method: 'OPTIONS',
        headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
      }),
  },
  {
    name: 'ids by a page that is too long',
    status: 400,
    code: 'MALFORMED',
    provoke: ({ service, session }) =>
      send(service.base, idsPath('people'), { session, body: { after: '', limit: 20_001 } }),
  },
];

describe('what is wrong with a request', { timeout: 60_000 }, () => {
  let service: LiveService;
  let session: Session;

  beforeAll(async () => {
    service = await startService();
    await service.user('anna', 'reception');
    await service.user('otra', 'reception');
    await service.user('uzbrukta', 'reception');
    await service.user('uzbrukta2', 'reception');
    await service.user('speciaalists', 'specialist');
    session = await service.signIn('anna');
    const desk = { service, session };
    await pushTo(service.base, session, 'people', [person(desk), person(desk)]);
  }, 60_000);
  afterAll(async () => {
    expect((await checkAudit(service.store)).broken).toEqual([]);
    expect(await service.store.integrityCheck()).toBe('ok');
    await service.stop();
  });

  /** Sign-in, reading and writing of everybody else. */
  const expectAlive = async (): Promise<void> => {
    const desk = { service, session };
    const row = person(desk);
    expect((await pushTo(service.base, session, 'people', [row]))[0]?.outcome).toBe('accepted');
    const page = await send(service.base, pullPath('people'), {
      session,
      body: { checkpoint: null, limit: 1000 },
    });
    expect((page.body['documents'] as { id: string }[]).some(({ id }) => id === row.id)).toBe(true);
    expect((await send(service.base, '/readyz')).status).toBe(200);
  };

  it.each([...BODIES, ...PATHS_AND_VERSIONS, ...ROWS, ...CHECKPOINTS, ...TOKENS, ...GUESSING])(
    '$name → $status $code, and everything else goes on',
    async ({ status, code, provoke, also }) => {
      const reply = await provoke({ service, session });
      expect([reply.status, reply.body['code']]).toEqual([status, code]);
      if (code !== undefined) {
        expect(reply.status).toBe(ERRORS[code].status);
        expect(reply.body['message']).toBe(ERRORS[code].lv);
        expect(reply.body['requestId']).toMatch(/^[0-9a-f-]{36}$/);
      }
      await also?.(reply, { service, session });
      await expectAlive();
    },
  );

  it('is answered once: a push that comes again has its answer, and the log one entry', async () => {
    const desk = { service, session };
    const row = person(desk);
    const before = await service.auditSize();
    const [first] = await pushTo(service.base, session, 'people', [row]);
    const [second] = await pushTo(service.base, session, 'people', [row]);
    const refused = { ...person(desk), siteId: newId() };
    const [third] = await pushTo(service.base, session, 'people', [refused]);
    const [fourth] = await pushTo(service.base, session, 'people', [refused]);
    expect([second?.ops, second?.outcome, fourth?.ops]).toEqual([first?.ops, 'accepted', third?.ops]);
    expect(second?.master.rev).toBe(1);
    const entries = (await service.auditAfter(before)).filter(
      ({ envelope }) => envelope.action !== 'replicate',
    );
    expect(entries.map(({ envelope }) => envelope.action)).toEqual(['create', 'reject']);
    await expectAlive();
  });

  it('is no use inside one push: the same operation twice is done once', async () => {
    const desk = { service, session };
    const row = person(desk);
    const results = await pushTo(service.base, session, 'people', [row, row]);
    expect(results[0]?.outcome).toBe('accepted');
    const stored = await service.store.read((tx) => tx.doc(row.id));
    expect(stored?.rev).toBe(1);
    const edit = opOf(session, 'edit', { country: { before: null, after: 'Latvija' } });
    const twice = { id: row.id, kind: 'person', siteId: service.siteId, ops: [edit, edit] };
    await pushTo(service.base, session, 'people', [twice]);
    expect((await service.store.read((tx) => tx.doc(row.id)))?.rev).toBe(2);
    await expectAlive();
  });

  describe('on the wire itself', () => {
    const speak = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = net.connect(Number(new URL(service.base).port), '127.0.0.1');
        let heard = '';
        socket.on('data', (chunk) => (heard += chunk.toString('utf8')));
        // A service that hangs up in the middle of what it does not want to hear is right.
        socket.on('error', () => undefined);
        socket.once('close', () => resolve(heard));
        socket.write(text);
      });

    it('what is no HTTP is ended, and everything else goes on', async () => {
      expect(await speak('\u0016\u0003\u0001 not http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
      expect(await speak('POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n')).toMatch(
        / 400 /,
      );
      const long = await speak(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`);
      expect(long === '' || long.includes(' 431 ')).toBe(true);
      await expectAlive();
    });
  });

  describe('with a live socket', () => {
    const ticket = async (of: Session): Promise<string> =>
      String((await send(service.base, PATHS.ticket, { session: of, body: {} })).body['ticket']);
    const open = (protocols: string[], headers: Record<string, string> = {}): Promise<WebSocket> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${service.base.replace('http', 'ws')}${PATHS.live}`, protocols, {
          headers,
        });
        socket.once('open', () => resolve(socket));
        socket.once('error', reject);
      });
    const refusal = (protocols: string[], headers: Record<string, string> = {}): Promise<string> =>
      open(protocols, headers).then(
        () => 'open',
        (error: unknown) => (error as Error).message,
      );

    it('tickets are asked for, taken once, and only for a minute', async () => {
      expect(await refusal([LIVE_SUBPROTOCOL])).toContain('401');
      expect(await refusal([LIVE_SUBPROTOCOL, 'ticket.'])).toContain('401');
      expect(await refusal([LIVE_SUBPROTOCOL, `ticket.${session.tokens.accessToken}`])).toContain('401');
      const once = await ticket(session);
      expect(await refusal([`ticket.${once}`])).toContain('401');
      expect(
        await refusal([LIVE_SUBPROTOCOL, `ticket.${once}`], { origin: 'http://evil.example' }),
      ).toContain('403');
      const first = await open([LIVE_SUBPROTOCOL, `ticket.${once}`]);
      expect(await refusal([LIVE_SUBPROTOCOL, `ticket.${once}`])).toContain('401');
      const late = await ticket(session);
      service.clock.offsetMs = LIMITS.ticketMs + 2_000;
      expect(await refusal([LIVE_SUBPROTOCOL, `ticket.${late}`])).toContain('401');
      service.clock.offsetMs = 0;
      first.terminate();
      await expectAlive();
    });

    it('the second socket of a desk takes the place of the first', async () => {
      const first = await open([LIVE_SUBPROTOCOL, `ticket.${await ticket(session)}`]);
      const closed = new Promise<number>((resolve) => first.once('close', resolve));
      const second = await open([LIVE_SUBPROTOCOL, `ticket.${await ticket(session)}`]);
      expect(await closed).toBe(CLOSE.replaced);
      second.send('x'.repeat(LIMITS.liveMessageBytes + 1));
      await new Promise((resolve) => second.once('close', resolve));
      await expectAlive();
    });
  });

  it('stands nowhere in the log, nor does what was asked', async () => {
    const log = service.log();
    expect(log).toContain('"route":"/api/sync/:version/:collection/push"');
    for (const secret of [
      PASSWORD,
      'nepareiza',
      'Laba',
      'Persona',
      'DROP TABLE',
      session.tokens.refreshToken,
    ])
      expect(log).not.toContain(secret);
    expect(log).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
    await expect(signInAt(service.base, 'anna', PASSWORD, newId())).resolves.toBeDefined();
  });
});
