import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIVE_SUBPROTOCOL, type Notice } from '@sivis/shared/protocol/messages/live.ts';
import { TEXT_CLOSE, TEXT_SUBPROTOCOL, type TextOpened } from '@sivis/shared/protocol/messages/texts.ts';
import { idsPath, PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { KEYS_FILE } from '../../src/identity/keys.ts';
import { CLOSE } from '../../src/live/live.ts';
import { SERVICE_LIMITS } from '../../src/limits.ts';
import {
  createRow,
  PASSWORD,
  pushTo,
  runCommand,
  seedFolder,
  send,
  signInAt,
  startProcess,
  type ServiceProcess,
  type Session,
} from '../liveService.ts';
import { createDatabase } from './cluster.ts';
import { HAS_POSTGRES, serverUrl } from './server.ts';

/** Two `sivis-server serve` on one database, and the desks between them. */

interface Listener {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  next(type: Notice['type']): Promise<Notice>;
}

async function listen(base: string, session: Session): Promise<Listener> {
  const reply = await send(base, PATHS.ticket, { session, body: {} });
  const socket = new WebSocket(`${base.replace('http', 'ws')}${PATHS.live}`, [
    LIVE_SUBPROTOCOL,
    `ticket.${String(reply.body['ticket'])}`,
  ]);
  const notices: Notice[] = [];
  let wake = (): void => undefined;
  socket.on('message', (data) => {
    notices.push(JSON.parse((data as Buffer).toString('utf8')) as Notice);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const next: Listener['next'] = async (type) => {
    for (;;) {
      const notice = notices.shift();
      if (notice?.type === type) return notice;
      if (notice === undefined) await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  await next('hello');
  return { socket, closed, next };
}

describe.skipIf(!HAS_POSTGRES)('two instances on one database', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sivis-two-'));
  const folders = ['a', 'b', 'c'].map((name) => path.join(root, name));
  const [folderA = '', folderB = '', folderC = ''] = folders;
  const processes: ServiceProcess[] = [];
  let siteId = '';
  let a: ServiceProcess;
  let b: ServiceProcess;

  const start = async (folder: string): Promise<ServiceProcess> => {
    const service = await startProcess(folder);
    processes.push(service);
    return service;
  };

  beforeAll(async () => {
    const url = serverUrl(await createDatabase(serverUrl));
    for (const folder of folders) {
      mkdirSync(folder, { mode: 0o700 });
      // A literal string of TOML: the address has a path in it.
      writeFileSync(
        path.join(folder, 'server.toml'),
        `database_url = '${url}'\nsign_ins_per_minute = 1000\n`,
      );
    }
    const users = {
      anna: 'reception',
      berta: 'reception',
      tina: 'reception',
      kate: 'dutyManager',
      dora: 'it',
    } as const;
    siteId = await seedFolder(folderA, users, undefined, url);
    copyFileSync(path.join(folderA, KEYS_FILE), path.join(folderB, KEYS_FILE));
    [a, b] = await Promise.all([start(folderA), start(folderB)]);
  }, 120_000);

  afterAll(async () => {
    for (const { child } of processes) child.kill('SIGKILL');
    await Promise.all(processes.map(({ ended }) => ended));
    rmSync(root, { recursive: true, force: true });
  });

  const signIn = (base: string, user: string): Promise<Session> => signInAt(base, user, PASSWORD, newId());

  it('a text is written at both, who is there is told at both, and a lost right closes the room at both', async () => {
    const [anna, berta, dora] = [
      await signIn(a.url, 'anna'),
      await signIn(b.url, 'berta'),
      await signIn(a.url, 'dora'),
    ];
    const body = { kind: 'shiftLog', siteId, day: rigaDate(Date.now()) };
    const write = async (base: string, session: Session): Promise<WebsocketProvider> => {
      const reply = await send(base, PATHS.textOpen, { session, body });
      const { room, ticket } = reply.body as unknown as TextOpened;
      return new WebsocketProvider(`${base.replace('http', 'ws')}${PATHS.texts}`, room, new Y.Doc(), {
        WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
        protocols: [TEXT_SUBPROTOCOL, `ticket.${ticket}`],
        disableBc: true,
      });
    };
    const [one, two] = [await write(a.url, anna), await write(b.url, berta)];
    const textOf = ({ doc }: WebsocketProvider): string => doc.getText('text').toJSON();
    const soon = { timeout: 20_000, interval: 20 };
    try {
      await vi.waitFor(() => expect([one.synced, two.synced]).toEqual([true, true]), soon);
      one.doc.getText('text').insert(0, 'No A. ');
      await vi.waitFor(() => expect(textOf(two)).toBe('No A. '), soon);
      two.doc.getText('text').insert(6, 'No B.');
      await vi.waitFor(() => expect(textOf(one)).toBe('No A. No B.'), soon);
      one.awareness.setLocalStateField('cursor', { anchor: 1 });
      await vi.waitFor(
        () => expect(JSON.stringify([...two.awareness.getStates().values()])).toContain('Darbinieks anna'),
        soon,
      );
      // The other instance notices by itself.
      const final: number[] = [];
      two.on('closed', ({ code }) => final.push(code));
      const { id } = berta.tokens.user;
      const change = { id, role: 'catering' };
      expect((await send(a.url, PATHS.userUpdate, { session: dora, body: change })).status).toBe(200);
      await vi.waitFor(() => expect(final).toEqual([TEXT_CLOSE.denied]), soon);
      await send(a.url, PATHS.userUpdate, { session: dora, body: { id, role: 'reception' } });
    } finally {
      one.destroy();
      two.destroy();
    }
  });

  it('a push at one is told at the other, and its desk reads it there', async () => {
    const [anna, berta] = [await signIn(a.url, 'anna'), await signIn(b.url, 'berta')];
    const live = await listen(b.url, berta);
    const row = createRow(anna, 'person', siteId, { familyName: 'Liepa', givenName: 'Ilze' });
    const [answer] = await pushTo(a.url, anna, 'people', [row]);
    expect(answer?.outcome).toBe('accepted');
    expect(JSON.stringify(await live.next('changed'))).toContain('"people"');
    // A replay at the other instance is the same operation.
    const [again] = await pushTo(b.url, anna, 'people', [row]);
    expect(again?.ops).toEqual(answer?.ops);
    const page = await send(b.url, pullPath('people'), {
      session: anna,
      body: { checkpoint: null, limit: 500 },
    });
    expect(page.text).toContain(row.id);
    // The checkpoint of one is known to the other.
    const further = await send(a.url, pullPath('people'), {
      session: anna,
      body: { checkpoint: page.body['checkpoint'], limit: 500 },
    });
    expect(further.status).toBe(200);
    expect(further.body['documents']).toEqual([]);
    live.socket.close();
  });

  it('a device has one socket at both together', async () => {
    const anna = await signIn(a.url, 'anna');
    const first = await listen(a.url, anna);
    const second = await listen(b.url, anna);
    expect(await first.closed).toBe(CLOSE.replaced);
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
    second.socket.close();
  });

  it('a ticket passes once, at whichever', async () => {
    const anna = await signIn(a.url, 'anna');
    const reply = await send(a.url, PATHS.ticket, { session: anna, body: {} });
    const open = (base: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${base.replace('http', 'ws')}${PATHS.live}`, [
          LIVE_SUBPROTOCOL,
          `ticket.${String(reply.body['ticket'])}`,
        ]);
        socket.once('open', () => {
          socket.close();
          resolve('open');
        });
        socket.once('error', (error) => resolve(error.message));
      });
    expect(await open(a.url)).toBe('open');
    expect(await open(b.url)).toContain('401');
  });

  it('a revoked device is out at the other within a second', async () => {
    const [anna, dora] = [await signIn(b.url, 'anna'), await signIn(a.url, 'dora')];
    const live = await listen(b.url, anna);
    const reply = await send(a.url, PATHS.deviceUpdate, {
      session: dora,
      body: { id: anna.deviceId, revoked: true },
    });
    expect(reply.status).toBe(200);
    expect((await send(b.url, PATHS.me, { session: anna })).status).toBe(401);
    expect(await live.closed).toBe(CLOSE.revoked);
  });

  it('a second factor’s code works once, whichever is asked; wrong ones lock the account at both', async () => {
    const tina = await signIn(a.url, 'tina');
    const credentials = { user: 'tina', password: PASSWORD, device: { id: tina.deviceId, name: 'Galds' } };
    const begun = await send(a.url, PATHS.totpBegin, { body: credentials });
    const totp = new TOTP({ secret: Secret.fromBase32(String(begun.body['secret'])) });
    const confirmed = await send(b.url, PATHS.totpConfirm, {
      session: tina,
      body: { code: totp.generate() },
    });
    expect(confirmed.status).toBe(200);
    const login = (base: string, code: string) =>
      send(base, PATHS.login, { body: { ...credentials, totp: code } });
    const [recovery = ''] = begun.body['recoveryCodes'] as string[];
    for (const code of [totp.generate({ timestamp: Date.now() + 30_000 }), recovery]) {
      const answers = await Promise.all([login(a.url, code), login(b.url, code)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    }
    // One of each pair was wrong and was forgiven by the right one or counts; five more are too many at both.
    for (let wrong = 0; wrong < 5; wrong += 1) await login(wrong % 2 === 0 ? a.url : b.url, recovery);
    const fresh = (begun.body['recoveryCodes'] as string[])[1] ?? '';
    expect([(await login(a.url, fresh)).status, (await login(b.url, fresh)).status]).toEqual([429, 429]);
  });

  it('counts the requests of a device over both', async () => {
    const anna = await signIn(a.url, 'anna');
    const begun = Date.now();
    const most = SERVICE_LIMITS.ratePerSecond + SERVICE_LIMITS.burst;
    const statuses: number[] = [];
    // Far more than one instance alone would let through, however slowly they go out.
    for (let at = 0; at < 12; at += 1) {
      const replies = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          send(index % 2 === 0 ? a.url : b.url, PATHS.me, { session: anna }),
        ),
      );
      statuses.push(...replies.map(({ status }) => status));
    }
    const seconds = Math.ceil((Date.now() - begun) / 1_000) + 1;
    const windows = Math.ceil(seconds / SERVICE_LIMITS.burstSeconds) + 1;
    const allowed = SERVICE_LIMITS.ratePerSecond * seconds + SERVICE_LIMITS.burst * windows;
    expect(new Set(statuses)).toEqual(statuses.length > most ? new Set([200, 429]) : new Set([200]));
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(allowed);
  });

  it('refuses a third with keys of its own, and a second on the same folder', async () => {
    const other = await runCommand(['serve', '--port', '0', '--no-demo', '--data', folderC]);
    expect(other.code).toBe(1);
    expect(other.err).toContain('keys.json');
    const same = await runCommand(['serve', '--port', '0', '--no-demo', '--data', folderA]);
    expect(same.code).toBe(75);
  });

  it('takes commands beside both: through the one that serves the folder, or by itself', async () => {
    copyFileSync(path.join(folderA, KEYS_FILE), path.join(folderC, KEYS_FILE));
    const anna = await signIn(a.url, 'kate');
    const live = await listen(a.url, anna);
    const disabled = await runCommand(['admin', 'user', 'disable', 'kate', '--data', folderC]);
    expect(disabled.code).toBe(0);
    expect(await live.closed).toBe(CLOSE.revoked);
    const listed = await runCommand(['admin', 'user', 'list', '--data', folderA, '--json']);
    expect(listed.out).toContain('"kate"');
    expect((await runCommand(['doctor', '--data', folderB])).code).toBe(0);
    const dumped = await runCommand(['config', 'dump', '--data', folderB]);
    expect(dumped.out).toContain('database_url = "***"');
  });

  it('one is killed while all write: nothing acknowledged is missing and the other goes on, its live stream too', async () => {
    // A desk at the second that reads only when it is told to; what anna writes it hears of from the first.
    const watcher = await signIn(b.url, 'anna');
    const live = await listen(b.url, watcher);
    const streamed = new Set<string>();
    const byAnna = new Set<string>();
    const follow = async (done: () => boolean): Promise<void> => {
      let checkpoint: unknown = null;
      while (!done()) {
        await live.next('changed');
        for (;;) {
          const body = { checkpoint, limit: 500 };
          const reply = await send(b.url, pullPath('people'), { session: watcher, body });
          if (reply.status === 429) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            continue;
          }
          expect(reply.status).toBe(200);
          ({ checkpoint } = reply.body);
          const documents = reply.body['documents'] as { id: string }[];
          for (const { id } of documents) streamed.add(id);
          if (documents.length === 0) break;
        }
      }
    };
    const desks = await Promise.all(
      ['anna', 'berta', 'anna', 'berta'].map(async (user, at) => ({
        user,
        session: await signIn(at % 2 === 0 ? a.url : b.url, user),
        home: at % 2 === 0 ? a.url : b.url,
      })),
    );
    const acknowledged: string[] = [];
    let unanswered = 0;
    const state = { going: true };
    const work = async ({ user, session, home }: (typeof desks)[number]): Promise<void> => {
      let base = home;
      let row = createRow(session, 'person', siteId, { familyName: 'Liepa', givenName: 'Anna' });
      while (state.going) {
        try {
          const [answer] = await pushTo(base, session, 'people', [row]);
          expect(answer?.outcome).toBe('accepted');
          acknowledged.push(row.id);
          if (user === 'anna') byAnna.add(row.id);
          row = createRow(session, 'person', siteId, { familyName: 'Liepa', givenName: 'Anna' });
        } catch (error) {
          // No answer: the same operation again, at the other one. Too many: the same again.
          if (!String(error).includes('429')) {
            unanswered += 1;
            base = b.url;
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const following = follow(() => !state.going && [...byAnna].every((id) => streamed.has(id)));
    const working = desks.map(work);
    const until = async (count: number): Promise<void> => {
      while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(40);
    a.child.kill('SIGKILL');
    await a.ended;
    await until(acknowledged.length + 40);
    state.going = false;
    await Promise.all(working);
    await pushTo(b.url, watcher, 'people', [
      createRow(watcher, 'person', siteId, { familyName: 'Liepa', givenName: 'Pēdējā' }),
    ]);
    await following;
    live.socket.close();
    expect(unanswered).toBeGreaterThan(0);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);

    const reader = await signIn(b.url, 'berta');
    const there = new Set<string>();
    for (let after = ''; ;) {
      const page = await send(b.url, idsPath('people'), { session: reader, body: { after, limit: 1_000 } });
      const ids = page.body['ids'] as string[];
      for (const id of ids) there.add(id);
      if (page.body['more'] !== true) break;
      after = ids.at(-1) ?? '';
    }
    const mine = acknowledged.filter((id) => there.has(id));
    // Who made a person without a stay keeps her: each of the two sees his own, together all.
    const other = await signIn(b.url, 'anna');
    const rest = await send(b.url, idsPath('people'), { session: other, body: { after: '', limit: 1_000 } });
    const all = new Set([...mine, ...(rest.body['ids'] as string[])]);
    expect(acknowledged.filter((id) => !all.has(id))).toEqual([]);

    // It comes back to the same folder and database.
    const again = await start(folderA);
    const anna = await signIn(again.url, 'anna');
    expect((await send(again.url, PATHS.me, { session: anna })).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });
});
