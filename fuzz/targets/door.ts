import { duplexPair } from 'node:stream';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIVE_SUBPROTOCOL } from '@sivis/shared/protocol/messages/live.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { createAuditLog } from '../../sync-service/src/audit/auditLog.ts';
import { createLogger } from '../../sync-service/src/http/log.ts';
import type { ServiceDeps } from '../../sync-service/src/http/deps.ts';
import { buildServer } from '../../sync-service/src/http/server.ts';
import { registerSyncRoutes } from '../../sync-service/src/http/sync.ts';
import { ephemeralKeys } from '../../sync-service/src/identity/keys.ts';
import { createProofs } from '../../sync-service/src/identity/proof.ts';
import { signToken } from '../../sync-service/src/identity/tokens.ts';
import { attachLive } from '../../sync-service/src/live/live.ts';
import { openSqliteStore } from '../../sync-service/src/store/sqlite/open.ts';
import { newDeskKey } from '../../sync-service/test/deskKey.ts';
import { bytesOf, textOf, wordOf, type Target } from '../lib/target.ts';
import { AT, ID } from './requests.ts';

const MOST = 65_536;
const HOST = '127.0.0.1:4310';
const NOW = Date.parse(AT);
/** Nobody waits longer for a service in the same process. */
const SILENT_MS = 3_000;
/** Half a request gets no answer. */
const QUIET_MS = 20;

/** A request whose parts are changed by themselves; `more` stands behind it as it is. */
interface Asked {
  readonly first?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly more?: unknown;
}

const asked = (first: string, headers: readonly string[] = [], body = '', more = ''): Asked => ({
  first,
  headers,
  body,
  more,
});

/** The bytes of a request with its length as it is; input that is no JSON is taken for the bytes themselves. */
function bytesIn(input: Uint8Array): string {
  let value: unknown;
  try {
    value = JSON.parse(textOf(input));
  } catch {
    return Buffer.from(input).toString('latin1');
  }
  const { first, headers, body, more } = (typeof value === 'object' && value !== null ? value : {}) as Asked;
  const text = Buffer.from(wordOf(body), 'utf8').toString('latin1');
  return [
    `${wordOf(first)} HTTP/1.1`,
    `Host: ${HOST}`,
    ...(Array.isArray(headers) ? headers.map(wordOf).filter((line) => line !== '') : []),
    ...(text === '' ? [] : ['Content-Type: application/json', `Content-Length: ${text.length}`]),
    '',
    `${text}${wordOf(more)}`,
  ].join('\r\n');
}

/** A message of a WebSocket as a client sends it: final, text, masked with zeros (RFC 6455 §5.2). */
const message = (text: string): string => `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`;

const PROVEN = ['Authorization: DPoP {TOKEN}', 'DPoP: {PROOF}', 'X-Sivis-App: 1.2.3'];
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/**
 * The whole door as somebody on the network meets it: bytes of a connection, through Node's parser, every guard, route and
 * schema, to the reply. `{TOKEN}`, `{PROOF}` and `{TICKET}` in the bytes become right ones, so that changes reach what
 * stands behind the guards.
 */
export async function doorTargets(): Promise<Target[]> {
  const inner = await openSqliteStore({ file: ':memory:' });
  // A limit of requests would hide every other answer.
  const store = { ...inner, shared: { ...inner.shared, count: async () => 1 } };
  const keys = ephemeralKeys();
  const clock = { now: () => NOW };
  const deps: ServiceDeps = {
    store,
    clock,
    keys,
    audit: createAuditLog(keys.subject),
    version: '0.0.0',
    dataDir: '',
    addressAttempts: Number.MAX_SAFE_INTEGER,
    openEnrolment: true,
    publicUrl: '',
    accessChanged: () => undefined,
    stopping: () => false,
  };
  const log = createLogger('silent');
  const app = await buildServer({ deps, log, plugins: [registerSyncRoutes] });
  await app.ready();
  // Whoever has said everything still hears the answer; the end of the bytes is the end of the connection.
  Object.assign(app.server, { httpAllowHalfOpen: true });
  attachLive(app.server, { store, clock, keys, audit: deps.audit, log });

  const key = newDeskKey();
  const who = { userId: ID, sessionId: newId(), deviceId: newId(), thumbprint: key.thumbprint };
  await store.write(async (tx) => {
    await tx.putUser({
      id: ID,
      user: 'iveta',
      name: 'Iveta',
      role: 'it',
      siteIds: [ID],
      passwordHash: '',
      disabled: false,
      createdAt: AT,
      lastSignInAt: null,
    });
    await tx.putDevice({
      id: who.deviceId,
      name: 'Reģistratūra 1',
      createdAt: AT,
      lastSeenAt: null,
      lastUserId: null,
      appVersion: '',
      revoked: false,
      keyThumbprint: key.thumbprint,
    });
    await tx.putSession({
      id: who.sessionId,
      userId: ID,
      deviceId: who.deviceId,
      refreshHash: 'x',
      previousHash: null,
      rotatedAt: AT,
      createdAt: AT,
      expiresAt: toInstant(NOW + 3_600_000),
      revokedAt: null,
    });
  });
  const { token } = await signToken(keys.token, 'access', who, NOW);
  key.learn(createProofs(keys.token, store.shared).nonce(NOW), NOW);

  async function filled(input: Uint8Array): Promise<Buffer> {
    let text = bytesIn(input);
    if (text.includes('{PROOF}')) {
      const [, method = 'POST', target = '/'] = /^(\S+) (\S+)/.exec(text) ?? [];
      key.learn(undefined, NOW);
      const bound = text.includes('{TOKEN}') ? token : undefined;
      text = text.replaceAll('{PROOF}', key.proof(method, `http://${HOST}${target}`, bound));
    }
    if (text.includes('{TICKET}')) {
      const ticket = await signToken(keys.token, 'live', who, NOW);
      text = text.replaceAll('{TICKET}', ticket.token);
    }
    return Buffer.from(text.replaceAll('{TOKEN}', token), 'latin1');
  }

  /**
   * Everything that comes back until the service closes the connection. One that stays open is ended from outside after
   * the first words of the service, or when it says nothing.
   */
  function talk(bytes: Buffer, staysOpen = false): Promise<string> {
    const [outside, inside] = duplexPair();
    Object.assign(inside, { remoteAddress: '192.0.2.7' });
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const late = setTimeout(() => {
        outside.destroy();
        inside.destroy();
        reject(new TypeError('the connection was left open'));
      }, SILENT_MS);
      const quiet = staysOpen ? setTimeout(() => outside.end(), QUIET_MS) : undefined;
      /** After so many turns of the loop: what was sent with the request is dealt with by then. */
      const soon = (turns: number): void =>
        void setImmediate(() => {
          if (turns > 0) soon(turns - 1);
          else outside.end();
        });
      const done = (): void => {
        clearTimeout(late);
        clearTimeout(quiet);
        resolve(Buffer.concat(chunks).toString('latin1'));
      };
      outside.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (staysOpen) soon(5);
      });
      outside.once('end', done);
      outside.once('close', done);
      outside.once('error', done);
      inside.once('close', () => outside.destroy());
      app.server.emit('connection', inside);
      if (staysOpen) outside.write(bytes);
      else outside.end(bytes);
    });
  }

  const statusesOf = (reply: string): number[] =>
    [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

  const device = { id: who.deviceId, name: 'A' };
  const http: Target = {
    name: 'HTTP connection',
    door: 'the network, anybody',
    seeds: [
      asked('GET /healthz'),
      asked('GET /readyz'),
      asked('GET /version', ['X-Forwarded-For: 10.0.0.1', 'Forwarded: for=10.0.0.1', 'Cookie: a=b']),
      asked(`GET ${PATHS.me}`, PROVEN),
      asked(`GET ${PATHS.users}`, PROVEN),
      asked(`GET ${PATHS.devices}`, PROVEN),
      asked(`GET ${PATHS.totpState}`, PROVEN),
      asked(`OPTIONS ${PATHS.me}`, ['Origin: app://sivis', 'Access-Control-Request-Method: GET']),
      asked(`GET ${PATHS.me}`, [...PROVEN, `Origin: http://${HOST}`]),
      asked('GET /api/auth/oidc/callback?state=c3RhdGU&code=abc&iss=https%3A%2F%2Fid.example'),
      asked(`POST ${PATHS.hello}`, ['DPoP: {PROOF}'], JSON.stringify({ device: { id: who.deviceId } })),
      asked(
        `POST ${PATHS.enrol}`,
        ['DPoP: {PROOF}'],
        JSON.stringify({ code: 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ23', device }),
      ),
      asked(`POST ${PATHS.refresh}`, ['DPoP: {PROOF}'], JSON.stringify({ refreshToken: 'cmVmcmVzaA' })),
      asked(
        `POST ${PATHS.oidcFinish}`,
        ['DPoP: {PROOF}'],
        JSON.stringify({ state: 'c3RhdGU', device, answer: 'code=a' }),
      ),
      asked(`POST ${pullPath('reference')}`, PROVEN, JSON.stringify({ checkpoint: null, limit: 10 })),
      asked(`POST ${PATHS.ticket}`, PROVEN, '{}'),
      asked(`POST ${PATHS.deviceCode}`, PROVEN, JSON.stringify({ name: 'Reģistratūra 2' })),
      asked('POST /healthz', ['Transfer-Encoding: chunked'], '', '2\r\n{}\r\n0\r\n\r\n'),
      `GET /healthz HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    ].map(bytesOf),
    json: true,
    limit: MOST,
    async run(input) {
      const reply = await talk(await filled(input));
      const statuses = statusesOf(reply);
      const failed = statuses.find((status) => status >= 500 && status !== 503);
      if (failed !== undefined) throw new TypeError(`answered with ${failed}`);
      const [first] = statuses;
      if (first === undefined) return 'no answer';
      return first < 300 ? 'taken' : `HTTP ${first} ${/"code":"(\w+)"/.exec(reply)?.[1] ?? ''}`;
    },
  };

  const offered = `Sec-WebSocket-Protocol: ${LIVE_SUBPROTOCOL}, ticket.{TICKET}`;
  const live: Target = {
    name: 'WebSocket connection',
    door: 'the network, anybody',
    seeds: [
      asked(`GET ${PATHS.live}`, [...UPGRADE, offered]),
      asked(`GET ${PATHS.live}`, [...UPGRADE, offered], '', message('{"type":"renew","ticket":"a.b.c"}')),
      asked(`GET ${PATHS.live}`, [...UPGRADE, offered], '', message('{}') + message('[]')),
      asked(`GET ${PATHS.live}`, [...UPGRADE, offered, 'Origin: app://sivis'], '', '\x89\x80\0\0\0\0'),
      asked(`GET ${PATHS.live}`, [...UPGRADE, offered], '', '\x88\x82\0\0\0\0\x03\xe8'),
      asked(`GET ${PATHS.live}`, [...UPGRADE, `Sec-WebSocket-Protocol: ${LIVE_SUBPROTOCOL}`]),
    ].map(bytesOf),
    json: true,
    limit: MOST,
    async run(input) {
      const reply = await talk(await filled(input), true);
      const [first] = statusesOf(reply);
      if (first === undefined) return 'no answer';
      if (first !== 101) return `HTTP ${first}`;
      // The close frame that the service sent, if it did: 0x88, length, code.
      const close = /\x88[\x02-\x7d]([^]{2})/.exec(reply)?.[1];
      return close === undefined ? 'taken' : `taken, closed ${Buffer.from(close, 'latin1').readUInt16BE()}`;
    },
  };
  return [http, live];
}
