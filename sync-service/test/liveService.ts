import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { diffFields, type Op } from '@sivis/shared/docs/op.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import type { PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import { PATHS, pushPath } from '@sivis/shared/protocol/paths.ts';
import { systemClock, toInstant } from '@sivis/shared/time/clock.ts';
import { createAuditLog } from '../src/audit/auditLog.ts';
import { parseEnvelope, parsePayload, type AuditEnvelope, type AuditPayload } from '../src/audit/entry.ts';
import { logInMemory } from '../src/audit/logFiles.ts';
import { createPublisher } from '../src/audit/publisher.ts';
import { localSigner } from '../src/audit/signer/client.ts';
import { openSigner } from '../src/audit/signer/signer.ts';
import { openDataFolder, STORE_FILE } from '../src/cli/dataFolder.ts';
import type { ServiceDeps } from '../src/http/deps.ts';
import { createLogger } from '../src/http/log.ts';
import { buildServer } from '../src/http/server.ts';
import { registerSyncRoutes } from '../src/http/sync.ts';
import { loadKeys } from '../src/identity/keys.ts';
import { hashPassword } from '../src/identity/passwords.ts';
import { attachLive, type Live } from '../src/live/live.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/open.ts';
import type { Store } from '../src/store/store.ts';
import { keyOf, proven } from './deskKey.ts';

/** The service as it really runs: HTTP on a free port of this computer, a SQLite file in a folder of its own. */

export const PASSWORD = 'zilais-lietus-un-vējš-7';

/** One hash for all test users: a hash takes a fifth of a second. */
const HASH = await hashPassword(PASSWORD);

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The body as JSON, `{}` when it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A signed-in user at a desk. */
export interface Session {
  readonly tokens: Tokens;
  readonly deviceId: string;
}

export interface AuditLine {
  readonly seq: number;
  readonly envelope: AuditEnvelope;
  readonly payload: AuditPayload | null;
}

/** Sends one request with the proof of its desk; never throws for a status. `raw` is sent as it is. */
export async function send(
  base: string,
  route: string,
  options: {
    readonly session?: Session | null;
    readonly body?: unknown;
    readonly raw?: string | Uint8Array<ArrayBuffer>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly method?: string;
  } = {},
): Promise<Reply> {
  const { session, body, raw } = options;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const method = options.method ?? (payload === undefined ? 'GET' : 'POST');
  const once = async (proof: Readonly<Record<string, string>>): Promise<Reply> => {
    const reply = await fetch(`${base}${route}`, {
      method,
      headers: {
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...proof,
        ...options.headers,
      },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await reply.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = {};
    }
    return {
      status: reply.status,
      text,
      headers: reply.headers,
      body: (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Reply['body'],
    };
  };
  const device = (body as { device?: { id?: unknown } } | null | undefined)?.device?.id;
  const desk = session?.deviceId ?? (typeof device === 'string' ? device : '');
  return proven(
    keyOf(desk),
    { method, url: `${base}${route}`, token: session?.tokens.accessToken },
    once,
    (reply) => ({ status: reply.status, nonce: reply.headers.get('dpop-nonce'), body: reply.body }),
  );
}

/** Data folders of the processes that run, by their address. */
const folders = new Map<string, string>();

/** Signs in at the door; a desk that the service does not know yet is enrolled first. Throws when it is refused. */
export async function signInAt(
  base: string,
  user: string,
  password: string,
  deviceId: string,
): Promise<Session> {
  const device = { id: deviceId, name: 'Galds' };
  const login = (): Promise<Reply> => send(base, PATHS.login, { body: { user, password, device } });
  let reply = await login();
  const dataDir = folders.get(base);
  if (reply.body['code'] === 'DEVICE_UNKNOWN' && dataDir !== undefined) {
    const { out } = await runCommand(['device', 'enrol', '--data', dataDir, '--json']);
    await send(base, PATHS.enrol, { body: { code: (JSON.parse(out) as { code: string }).code, device } });
    reply = await login();
  }
  if (reply.status !== 200) throw new Error(`sign-in refused: ${reply.status} ${reply.text}`);
  return { tokens: reply.body as unknown as Tokens, deviceId };
}

export interface Row {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly Op[];
}

/** An operation by the session's user at its desk. */
export function opOf(session: Session, kind: string, changes: Op['changes'], extra: Partial<Op> = {}): Op {
  return {
    opId: newId(),
    kind,
    at: session.tokens.serverTime,
    actor: session.tokens.user.id,
    device: session.deviceId,
    changes,
    ...extra,
  };
}

export function createRow(
  session: Session,
  kind: Kind,
  siteId: string,
  fields: Fields,
  extra: Partial<Op> = {},
): Row {
  return { id: newId(), kind, siteId, ops: [opOf(session, 'create', diffFields({}, fields), extra)] };
}

export function editRow(
  session: Session,
  doc: { readonly id: string; readonly kind: Kind; readonly siteId: string },
  before: Fields,
  after: Fields,
): Row {
  const { id, kind, siteId } = doc;
  return { id, kind, siteId, ops: [opOf(session, 'edit', diffFields(before, after))] };
}

export async function pushTo(
  base: string,
  session: Session,
  collection: Parameters<typeof pushPath>[0],
  rows: readonly unknown[],
): Promise<PushRowResult[]> {
  const reply = await send(base, pushPath(collection), { session, body: { rows } });
  if (reply.status !== 200) throw new Error(`push refused: ${reply.status} ${reply.text}`);
  return reply.body['rows'] as PushRowResult[];
}

export interface LiveService {
  readonly base: string;
  readonly dataDir: string;
  readonly store: SqliteStore;
  readonly deps: ServiceDeps;
  readonly live: Live;
  /** The service's own clock; real time unless a test sets an offset. */
  readonly clock: { offsetMs: number };
  readonly siteId: string;
  /** The routes of the server as Fastify prints them. */
  routes(): string;
  /** Everything that was logged, as text. */
  log(): string;
  user(name: string, role: Role, siteIds?: readonly string[]): Promise<string>;
  signIn(name: string, deviceId?: string): Promise<Session>;
  put(kind: Kind, fields: Fields, options?: PutOptions): Promise<string>;
  /** Entries of the audit log after the given number. */
  auditAfter(seq: number): Promise<AuditLine[]>;
  auditSize(): Promise<number>;
  stop(): Promise<void>;
}

export interface PutOptions {
  readonly id?: string;
  readonly siteId?: string;
  readonly createdBy?: string;
}

export interface LiveOptions {
  readonly addressAttempts?: number;
  /** Whether unknown desks are enrolled by their first sign-in; true unless given. */
  readonly openEnrolment?: boolean;
  /** Where the data folder is made; the system's folder for temporary files unless given. */
  readonly under?: string;
}

/** Starts the service in this process. It has one site and no user. */
export async function startService(options: LiveOptions = {}): Promise<LiveService> {
  const dataDir = mkdtempSync(path.join(options.under ?? tmpdir(), 'sivis-live-'));
  const store = await openSqliteStore({ file: path.join(dataDir, STORE_FILE) });
  const keys = loadKeys(dataDir);
  const clock = { offsetMs: 0 };
  const lines: string[] = [];
  const log = createLogger(
    'trace',
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  let stopping = false;
  const late: { live?: Live } = {};
  const signer = localSigner(openSigner(path.join(dataDir, 'signer'), 'sivis.test/audit/live', []));
  const publisher = createPublisher({ store, files: logInMemory(), signer, clock: systemClock });
  const deps: ServiceDeps = {
    store,
    clock: { now: () => Date.now() + clock.offsetMs },
    keys,
    audit: createAuditLog(keys.subject),
    version: '0.0.0',
    dataDir: '',
    addressAttempts: options.addressAttempts ?? 10_000,
    openEnrolment: options.openEnrolment ?? true,
    publicUrl: '',
    accessChanged: () => late.live?.accessChanged(),
    stopping: () => stopping,
    transparency: { publisher, retention: { months: 18, basis: 'tests' } },
  };
  const app = await buildServer({ deps, log, plugins: [registerSyncRoutes] });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const live = attachLive(app.server, { store, clock: deps.clock, keys, audit: deps.audit, log });
  late.live = live;
  const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const siteId = newId();
  const put: LiveService['put'] = async (kind, fields, at = {}) => {
    const id = at.id ?? newId();
    const doc = { id, kind, siteId: at.siteId ?? siteId, rev: 1, fields, stamps: {} };
    await store.write((tx) => tx.putDoc({ ...doc, createdBy: at.createdBy ?? '' }));
    return id;
  };
  await put('site', { name: 'Testa nams', code: 'TST', order: 1 }, { id: siteId });
  const auditAfter: LiveService['auditAfter'] = async (seq) => {
    const rows = await store.read((tx) => tx.auditRange(seq, 100_000));
    return rows.map((row) => ({
      seq: row.seq,
      envelope: parseEnvelope(row.envelope),
      payload: parsePayload(row.payload),
    }));
  };
  return {
    base,
    dataDir,
    store,
    deps,
    live,
    clock,
    siteId,
    routes: () => app.printRoutes({ commonPrefix: false }),
    put,
    auditAfter,
    log: () => lines.join(''),
    auditSize: () => store.read((tx) => tx.auditSize()),
    async user(name, role, siteIds = [siteId]) {
      const id = newId();
      const at = toInstant(Date.now());
      const row = { id, user: name, name: `Darbinieks ${name}`, role, siteIds, passwordHash: HASH };
      await store.write((tx) => tx.putUser({ ...row, disabled: false, createdAt: at, lastSignInAt: null }));
      return id;
    },
    signIn: (name, deviceId = newId()) => signInAt(base, name, PASSWORD, deviceId),
    async stop() {
      stopping = true;
      await live.close();
      await app.close();
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Fills a data folder for a process: one site, and users who sign in with `PASSWORD`. Returns the site's id. */
export async function seedFolder(
  dataDir: string,
  users: Readonly<Record<string, Role>>,
  more: (store: Store, siteId: string) => Promise<void> = async () => undefined,
  databaseUrl = '',
): Promise<string> {
  const { store } = await openDataFolder(dataDir, databaseUrl);
  const siteId = newId();
  const fields = { name: 'Testa nams', code: 'TST', order: 1 };
  await store.write(async (tx) => {
    await tx.putDoc({ id: siteId, kind: 'site', siteId, rev: 1, fields, stamps: {}, createdBy: '' });
    for (const [user, role] of Object.entries(users)) {
      await tx.putUser({
        id: newId(),
        user,
        name: `Darbinieks ${user}`,
        role,
        siteIds: [siteId],
        passwordHash: HASH,
        disabled: false,
        createdAt: toInstant(Date.now()),
        lastSignInAt: null,
      });
    }
  });
  await more(store, siteId);
  await store.close();
  return siteId;
}

const MAIN = path.join(import.meta.dirname, '../src/cli/main.ts');

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The service as a process of its own, by its command line. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminLink: string | null;
  /** Everything that it wrote to standard error, which is its log. */
  log(): string;
  /** Exit code; -1 after a signal. */
  readonly ended: Promise<number>;
}

function launch(args: readonly string[]): ChildProcess {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SIVIS_|DATABASE_URL$)/.test(name)),
  );
  // Who must have a second factor sets it up at the first sign-in; secondFactor.test.ts does.
  env['SIVIS_TOTP'] = 'off';
  return spawn(process.execPath, [MAIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], input = ''): Promise<Run> {
  return new Promise((resolve) => {
    const child = launch(args);
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.stdin?.end(input);
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

/** Starts `serve` on the data folder and waits until it is ready. Rejects when it ends before. */
export function startProcess(dataDir: string, more: readonly string[] = []): Promise<ServiceProcess> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const child = launch(['serve', '--port', '0', '--no-demo', '--data', dataDir, ...more]);
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      const ready = JSON.parse(line) as { event: string; url: string; adminLink: string | null };
      if (ready.event === 'ready') folders.set(ready.url, dataDir);
      if (ready.event === 'ready')
        resolve({ child, url: ready.url, adminLink: ready.adminLink, log: () => err, ended });
    });
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${err}`)));
  });
}
