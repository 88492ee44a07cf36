import { generateKeyPairSync } from 'node:crypto';
import { Writable } from 'node:stream';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { NO_EVENT, type ChainLink } from '@sivis/shared/tlog/deviceChain.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { createAuditLog } from '../src/audit/auditLog.ts';
import { deskEventHash } from '../src/audit/deskEvents.ts';
import { parseEnvelope, type AuditEnvelope } from '../src/audit/entry.ts';
import { logInMemory } from '../src/audit/logFiles.ts';
import { createPublisher } from '../src/audit/publisher.ts';
import { localSigner } from '../src/audit/signer/client.ts';
import { createSigner, type SignerMemory } from '../src/audit/signer/signer.ts';
import type { Service, ServiceDeps } from '../src/http/deps.ts';
import { createLogger } from '../src/http/log.ts';
import { buildServer, type ServerOptions } from '../src/http/server.ts';
import { ephemeralKeys } from '../src/identity/keys.ts';
import { hashPassword } from '../src/identity/passwords.ts';
import { makeDoc, testId } from '../src/store/contractWorld.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/open.ts';
import { deskOfToken, keyOf, proven } from './deskKey.ts';

export const PASSWORD = 'zilais-lietus-un-vējš-7';
export const SITE = testId(1, 1);
export const OTHER_SITE = testId(1, 2);
export const NOW = Date.parse('2026-11-21T08:00:00.000Z');

/** One hash for all test users: a hash takes a fifth of a second. */
const HASH = await hashPassword(PASSWORD);

export interface TestService {
  readonly app: Service;
  readonly store: SqliteStore;
  readonly deps: ServiceDeps;
  readonly clock: { nowMs: number };
  /** Everything that was logged, as text. */
  log(): string;
  accessChanges(): number;
  user(name: string, role: Role, siteIds?: readonly string[]): Promise<string>;
  /** Enrols a desk without a code. */
  enrol(device: number): Promise<void>;
  signIn(name: string, device?: number): Promise<Tokens>;
  /** A POST with JSON (GET without a body) as the signed-in user. */
  call(
    tokens: Tokens | null,
    path: string,
    body?: unknown,
    more?: Partial<InjectOptions>,
  ): Promise<LightMyRequestResponse>;
  put(id: string, kind: Kind, fields: Fields, siteId?: string, createdBy?: string): Promise<void>;
  entries(action?: string): Promise<AuditEnvelope[]>;
  close(): Promise<void>;
}

export const deviceId = (index: number): string => testId(20, index);

/** A service on a store in memory, without a network. */
export async function openService(
  more: Partial<ServerOptions> = {},
  moreDeps: Partial<ServiceDeps> = {},
  /** Without sites: as a fresh centre is. */
  { fresh = false } = {},
): Promise<TestService> {
  const store = await openSqliteStore({ file: ':memory:' });
  const keys = ephemeralKeys();
  const clock = { nowMs: NOW };
  const lines: string[] = [];
  let changes = 0;
  const log = createLogger(
    'trace',
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  const { privateKey } = generateKeyPairSync('ed25519');
  let signed: ReturnType<SignerMemory['load']>;
  const signer = createSigner(privateKey, 'sivis.test/audit/unit', [], {
    load: () => signed,
    save: (state) => {
      signed = state;
    },
  });
  const publisher = createPublisher({
    store,
    files: logInMemory(),
    signer: localSigner(signer),
    clock: { now: () => clock.nowMs },
  });
  const deps: ServiceDeps = {
    store,
    transparency: { publisher, retention: { months: 18, basis: 'tests' } },
    clock: { now: () => clock.nowMs },
    keys,
    audit: createAuditLog(keys.subject),
    version: '0.0.0',
    dataDir: '',
    addressAttempts: 10,
    openEnrolment: true,
    publicUrl: '',
    accessChanged: () => {
      changes += 1;
    },
    stopping: () => false,
    ...moreDeps,
  };
  const app = await buildServer({ deps, log, ...more });
  await app.ready();
  const put: TestService['put'] = async (id, kind, fields, siteId = SITE, createdBy = '') => {
    await store.write((tx) => tx.putDoc(makeDoc(id, kind, siteId, fields, createdBy)));
  };
  if (!fresh) {
    await put(SITE, 'site', { name: 'Dubulti' });
    await put(OTHER_SITE, 'site', { name: 'Slokas' }, OTHER_SITE);
  }
  let users = 0;
  const call: TestService['call'] = (tokens, path, body, extra) => {
    const method = extra?.method ?? (body === undefined ? 'GET' : 'POST');
    const device = (body as { device?: { id?: unknown } } | null | undefined)?.device?.id;
    const desk = tokens === null ? device : deskOfToken(tokens.accessToken);
    return proven(
      keyOf(typeof desk === 'string' ? desk : deviceId(1)),
      {
        method,
        url: `http://${extra?.headers?.['host']?.toString() ?? 'localhost'}${path}`,
        token: tokens?.accessToken,
      },
      (headers) =>
        app.inject({
          url: path,
          ...(body === undefined ? {} : { payload: body as object }),
          ...extra,
          method,
          headers: { 'x-sivis-app': '1.2.3', ...headers, ...extra?.headers },
        }),
      (reply) => ({
        status: reply.statusCode,
        nonce: reply.headers['dpop-nonce'] as string | undefined,
        body: reply.headers['content-type']?.toString().startsWith('application/json') ? reply.json() : null,
      }),
    );
  };
  return {
    app,
    store,
    deps,
    clock,
    log: () => lines.join(''),
    accessChanges: () => changes,
    async user(name, role, siteIds = [SITE]) {
      users += 1;
      const id = testId(2, users);
      await store.write((tx) =>
        tx.putUser({
          id,
          user: name,
          name: `Vārds ${name}`,
          role,
          siteIds,
          passwordHash: HASH,
          disabled: false,
          createdAt: toInstant(NOW),
          lastSignInAt: null,
        }),
      );
      return id;
    },
    async enrol(device) {
      const id = deviceId(device);
      await store.write((tx) =>
        tx.putDevice({
          id,
          name: `Galds ${device}`,
          createdAt: toInstant(NOW),
          lastSeenAt: null,
          lastUserId: null,
          appVersion: '',
          revoked: false,
          keyThumbprint: keyOf(id).thumbprint,
        }),
      );
    },
    async signIn(name, device = 1) {
      const reply = await call(null, PATHS.login, {
        user: name,
        password: PASSWORD,
        device: { id: deviceId(device), name: `Galds ${device}` },
      });
      if (reply.statusCode !== 200) throw new Error(`sign-in failed: ${reply.body}`);
      return reply.json<Tokens>();
    },
    call,
    put,
    async entries(action) {
      const rows = await store.read((tx) => tx.auditRange(0, 10_000));
      const all = rows.map((row) => parseEnvelope(row.envelope));
      return action === undefined ? all : all.filter((entry) => entry.action === action);
    },
    async close() {
      await app.close();
      await store.close();
    },
  };
}

/** Gives events of a desk their places in its sequence, one after the other. */
export function deskSequence(id: string = testId(60, 1)) {
  let link: ChainLink = { id, n: 1, prev: NO_EVENT };
  return <T extends object>(event: T): T & { chain: ChainLink } => {
    const placed = { ...event, chain: link };
    link = { id, n: link.n + 1, prev: deskEventHash(placed as unknown as DeskEvent) };
    return placed;
  };
}
