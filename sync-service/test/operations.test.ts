import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Json } from '@sivis/shared/docs/json.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { ERRORS } from '@sivis/shared/protocol/errors.ts';
import { LIVE_SUBPROTOCOL } from '@sivis/shared/protocol/messages/live.ts';
import { PATHS, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { STORE_FILE } from '../src/cli/dataFolder.ts';
import { import4HotelCommand } from '../src/exchange/cli.ts';
import { CLOSE } from '../src/live/live.ts';
import { makeFixture } from './legacy/makeFixture.ts';
import {
  PASSWORD,
  pushTo,
  runCommand,
  seedFolder,
  send,
  signInAt,
  startProcess,
  startService,
  type Row,
  type ServiceProcess,
  type Session,
} from './liveService.ts';
import { keepWriting, people, peopleAt, SECRETS } from './deskWriters.ts';

/** The service in the hands of those who run it: killed, full, stopped, copied, taken up again. */

/** Nothing that a person could be known by, and nothing that opens a door, is in the log. */
function expectCleanLog(log: string, sessions: readonly Session[]): void {
  expect(log.length).toBeGreaterThan(0);
  const tokens = sessions.flatMap(({ tokens: t }) => [t.accessToken, t.refreshToken]);
  for (const secret of [...Object.values(SECRETS), PASSWORD, 'nepareiza', 'argon2', ...tokens])
    expect(log).not.toContain(secret);
}

describe('the service as a process', { timeout: 120_000 }, () => {
  const undo: (() => void | Promise<void>)[] = [];
  const folder = (): string => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-ops-'));
    undo.push(() => rmSync(dir, { recursive: true, force: true }));
    return path.join(dir, 'data');
  };
  const start = async (dataDir: string): Promise<ServiceProcess> => {
    const service = await startProcess(dataDir);
    undo.push(async () => {
      service.child.kill('SIGKILL');
      await service.ended;
    });
    return service;
  };
  const stop = async (service: ServiceProcess): Promise<number> => {
    service.child.kill('SIGTERM');
    return service.ended;
  };
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  it('keeps every acknowledged push through kill -9, and takes what was not answered once', async () => {
    const data = folder();
    const siteId = await seedFolder(data, { anna: 'reception' });
    let service = await start(data);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const kept = new Set<string>();
    for (const afterMs of [120, 260, 380]) {
      const writing = keepWriting(service.url, session, siteId);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await expect.poll(() => writing.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(0);
      service.child.kill('SIGKILL');
      await service.ended;
      await writing.end();
      expect(writing.acknowledged.length).toBeGreaterThan(0);
      for (const { id } of writing.acknowledged) kept.add(id);

      service = await start(data);
      const there = await peopleAt(service.url, session);
      expect([...kept].filter((id) => !there.has(id))).toEqual([]);
      if (writing.unanswered.length > 0) {
        const again = await pushTo(service.url, session, 'people', writing.unanswered);
        expect(new Set(again.map(({ outcome, master }) => `${outcome} ${master.rev}`))).toEqual(
          new Set(['accepted 1']),
        );
      }
      for (const { id } of writing.unanswered) kept.add(id);
      expect((await peopleAt(service.url, session)).size).toBe(kept.size);
    }
    expect((await runCommand(['doctor', '--data', data])).code).toBe(0);
    expectCleanLog(service.log(), [session]);
    expect(await stop(service)).toBe(0);
  });

  it('has a data folder for itself: a second one ends with 75 and a line, the first goes on writing', async () => {
    const data = folder();
    const siteId = await seedFolder(data, { anna: 'reception' });
    const service = await start(data);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const writing = keepWriting(service.url, session, siteId);
    const seconds = await Promise.all(
      [1, 2].map(() => runCommand(['serve', '--no-demo', '--port', '0', '--data', data])),
    );
    for (const second of seconds) {
      expect(second.code).toBe(75);
      expect(JSON.parse(second.out)).toEqual({ event: 'locked', url: service.url });
    }
    await writing.end();
    expect(writing.unanswered).toEqual([]);
    expect((await peopleAt(service.url, session)).size).toBe(writing.acknowledged.length);
  });

  it('stops gracefully: not ready, live sockets told, what is under way answered, the lock given back', async () => {
    const data = folder();
    const siteId = await seedFolder(data, { anna: 'reception' });
    const service = await start(data);
    const open = async (session: Session): Promise<WebSocket> => {
      const { body } = await send(service.url, PATHS.ticket, { session, body: {} });
      const socket = new WebSocket(`${service.url.replace('http', 'ws')}${PATHS.live}`, [
        LIVE_SUBPROTOCOL,
        `ticket.${String(body['ticket'])}`,
      ]);
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return socket;
    };
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const socket = await open(session);
    // A desk that does not listen holds the stop up for a moment; in it the service must not look ready.
    const deaf = await open(await signInAt(service.url, 'anna', PASSWORD, newId()));
    deaf.pause();
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const rows = people(session, siteId, 500);
    const underWay = pushTo(service.url, session, 'people', rows);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const ended = stop(service);
    expect(await closed).toBe(CLOSE.restart);
    const ready = await send(service.url, '/readyz');
    expect([ready.status, ready.body]).toEqual([503, { ready: false, reasons: ['stopping'] }]);
    expect((await underWay).every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(await ended).toBe(0);
    deaf.terminate();
    expect(['lock', 'admin.sock'].filter((name) => existsSync(path.join(data, name)))).toEqual([]);
    const next = await start(data);
    expect((await peopleAt(next.url, session)).size).toBe(rows.length);
  });

  it('is copied while it writes; the copy opens with a new epoch and gets back what it lacks', async () => {
    const data = folder();
    const siteId = await seedFolder(data, { anna: 'reception' });
    const service = await start(data);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const before = people(session, siteId, 300);
    await pushTo(service.url, session, 'people', before);
    const { body: page } = await send(service.url, pullPath('people'), {
      session,
      body: { checkpoint: null, limit: 1000 },
    });
    const writing = keepWriting(service.url, session, siteId);
    const copy = path.join(path.dirname(data), 'copy');
    const made = await runCommand(['backup', 'create', '--to', copy, '--data', data, '--json']);
    const later = writing.acknowledged.length;
    await writing.end();
    const last = people(session, siteId, 3);
    await pushTo(service.url, session, 'people', last);
    expect([made.code, later > 0]).toEqual([0, true]);
    expect(await stop(service)).toBe(0);

    expect((await runCommand(['backup', 'verify', copy])).code).toBe(0);
    const target = path.join(path.dirname(data), 'restored');
    const restored = await runCommand(['restore', copy, '--to', target, '--json']);
    expect(restored.code).toBe(0);
    const second = await start(target);
    expect((await signInAt(second.url, 'anna', PASSWORD, newId())).tokens.epoch).toBe(
      (JSON.parse(restored.out) as { epoch: string }).epoch,
    );
    const known = await peopleAt(second.url, session);
    expect(before.filter(({ id }) => !known.has(id))).toEqual([]);
    expect(last.filter(({ id }) => known.has(id))).toEqual([]);
    const resumed = await send(second.url, pullPath('people'), {
      session,
      body: { checkpoint: page['checkpoint'], limit: 1000 },
    });
    expect([resumed.status, resumed.body['resync']]).toEqual([200, 'epoch']);
    // What was answered is pushed again: what the copy has is answered again, what it lacks is taken.
    const all = [...before, ...writing.acknowledged, ...last];
    for (let at = 0; at < all.length; at += 500) {
      const results = await pushTo(second.url, session, 'people', all.slice(at, at + 500));
      expect(new Set(results.map(({ outcome, master }) => `${outcome} ${master.rev}`))).toEqual(
        new Set(['accepted 1']),
      );
    }
    expect(await peopleAt(second.url, session)).toEqual(new Set(all.map(({ id }) => id)));
    expect((await runCommand(['doctor', '--data', target])).code).toBe(0);
  });

  it('finds a rewritten log, whether it serves or not', async () => {
    const data = folder();
    const siteId = await seedFolder(data, { anna: 'reception' });
    const service = await start(data);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    await pushTo(service.url, session, 'people', people(session, siteId, 3));
    expect((await runCommand(['doctor', '--data', data, '--json'])).code).toBe(0);
    expect(await stop(service)).toBe(0);
    const db = new DatabaseSync(path.join(data, STORE_FILE));
    const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
    db.exec(`UPDATE audit_entry SET envelope = replace(envelope, 'reception', 'auditor') WHERE seq = 5`);
    db.close();
    const stopped = await runCommand(['doctor', '--data', data, '--json']);
    expect([stopped.code, stopped.out]).toEqual([3, expect.stringContaining('bojāti: 5')]);
    const again = await start(data);
    expect((await runCommand(['doctor', '--data', data])).code).toBe(3);
    expect(await stop(again)).toBe(0);
  });

  it('does not start with a setting that it does not know, and names the nearest', async () => {
    const data = folder();
    mkdirSync(data, { recursive: true });
    writeFileSync(path.join(data, 'server.toml'), 'prot = 4310\n');
    const run = await runCommand(['serve', '--no-demo', '--data', data]);
    expect([run.code, run.out]).toEqual([2, '']);
    expect(run.err).toContain('“prot”');
    expect(run.err).toContain('“port”');
  });

  describe('on a full disk', () => {
    /** A folder on a disk of its own; only root can make one. */
    const smallDisk = (megabytes: number): string => {
      const dir = mkdtempSync(path.join(tmpdir(), 'sivis-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir]);
      undo.push(() => {
        execFileSync('umount', ['-l', dir]);
        rmSync(dir, { recursive: true, force: true });
      });
      return dir;
    };
    const canMount = ((): boolean => {
      if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
      const dir = mkdtempSync(path.join(tmpdir(), 'sivis-mount-'));
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' });
        execFileSync('umount', [dir]);
        return true;
      } catch {
        return false;
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    })();
    /** Fills a disk to the last page, but for so many bytes. */
    const fill = (dir: string, spare = 0): (() => void) => {
      const filler = path.join(dir, 'filler');
      const reserve = path.join(dir, 'reserve');
      if (spare > 0) writeFileSync(reserve, Buffer.alloc(spare, 1));
      for (const bytes of [1_048_576, 4_096]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(bytes, 1), { flag: 'a' });
        } catch (error) {
          expect((error as { code?: string }).code).toBe('ENOSPC');
        }
      }
      rmSync(reserve, { force: true });
      return () => rmSync(filler);
    };

    interface Full {
      readonly base: string;
      readonly siteId: string;
      readonly session: Session;
      /** Fills the disk; gives back the way to free it. */
      fill(): () => void;
      log(): string;
      stop(): Promise<unknown>;
    }
    const ways: [string, () => Promise<Full>][] = [
      [
        'by the limit of the store',
        async () => {
          const service = await startService();
          await service.user('anna', 'reception');
          const session = await service.signIn('anna');
          return {
            base: service.base,
            siteId: service.siteId,
            session,
            fill: () => {
              service.store.setMaxBytes(8_192);
              return () => service.store.setMaxBytes(1_000_000_000);
            },
            log: () => service.log(),
            stop: () => service.stop(),
          };
        },
      ],
    ];
    if (canMount) {
      ways.push([
        'by a disk of 24 MB',
        async () => {
          const dir = smallDisk(24);
          const data = path.join(dir, 'data');
          const siteId = await seedFolder(data, { anna: 'reception' });
          const service = await start(data);
          const session = await signInAt(service.url, 'anna', PASSWORD, newId());
          return {
            base: service.url,
            siteId,
            session,
            fill: () => fill(dir),
            log: () => service.log(),
            stop: async () => expect(await stop(service)).toBe(0),
          };
        },
      ]);
    }

    it.each(ways)('says so, stays up and works again afterwards: %s', async (_way, make) => {
      const full = await make();
      const { base, session, siteId } = full;
      const kept = people(session, siteId, 20);
      await pushTo(base, session, 'people', kept);
      const free = full.fill();
      let rows: Row[] = [];
      let reply;
      for (let round = 0; round < 40 && reply?.status !== 507; round += 1) {
        if (reply?.status === 200) kept.push(...rows);
        rows = people(session, siteId, 200);
        reply = await send(base, pushPath('people'), { session, body: { rows } });
      }
      expect([reply?.status, reply?.body['code']]).toEqual([507, 'STORE_FULL']);
      expect(reply?.body['message']).toBe(ERRORS.STORE_FULL.lv);
      // No entry of the log, no data: a reading is refused as well, and nothing of it is sent.
      const reading = await send(base, PATHS.searchPeople, {
        session,
        body: { text: SECRETS.family, limit: 50 },
      });
      expect([200, 507]).toContain(reading.status);
      if (reading.status === 507) expect(reading.text).not.toContain(SECRETS.family);
      expect((await send(base, '/healthz')).status).toBe(200);
      expect((await send(base, PATHS.me, { session })).status).toBe(200);
      const there = await peopleAt(base, session);
      expect(kept.filter(({ id }) => !there.has(id))).toEqual([]);
      expect(rows.filter(({ id }) => there.has(id))).toEqual([]);

      free();
      const again = await pushTo(base, session, 'people', rows);
      expect(again.every(({ outcome, master }) => outcome === 'accepted' && master.rev === 1)).toBe(true);
      expect((await peopleAt(base, session)).size).toBe(kept.length + rows.length);
      expect((await send(base, '/healthz')).status).toBe(200);
      expectCleanLog(full.log(), [session]);
      await full.stop();
    });

    const fixture = makeFixture(1);
    const writeExport = (dir: string): string => {
      mkdirSync(dir, { recursive: true });
      for (const [name, bytes] of Object.entries(fixture.files)) writeFileSync(path.join(dir, name), bytes);
      return dir;
    };

    it('breaks an import off with 75, and the next run completes it', async () => {
      const service = await startService();
      const dir = writeExport(path.join(service.dataDir, 'export'));
      const said: string[] = [];
      const context = {
        store: service.store,
        clock: service.deps.clock,
        audit: service.deps.audit,
        dataDir: service.dataDir,
        accessChanged: () => undefined,
        say: (line: string) => said.push(line),
      };
      const args: Record<string, Json> = { dir, asof: fixture.expected.asof };
      service.store.setMaxBytes(400_000);
      const broken = await import4HotelCommand(context, args);
      expect(broken).toMatchObject({ exit: 75, value: { error: { code: 'store_full' } } });
      expect(said.join('\n')).toContain('Diskā nav vietas');
      expect((await send(service.base, '/healthz')).status).toBe(200);
      service.store.setMaxBytes(1_000_000_000);
      const done = await import4HotelCommand(context, args);
      expect(done.exit).toBe(0);
      expect(done.value).toMatchObject(fixture.expected as unknown as Record<string, unknown>);
      expect(await service.store.integrityCheck()).toBe('ok');
      await service.stop();
    });

    if (canMount) {
      it('breaks an import off with 75 by the command line too', async () => {
        const disk = smallDisk(16);
        const data = path.join(disk, 'data');
        await seedFolder(data, {});
        const dir = writeExport(path.join(path.dirname(folder()), 'export'));
        const free = fill(disk);
        const args = ['import', '4hotel', dir, '--asof', fixture.expected.asof, '--data', data, '--json'];
        const atOnce = await runCommand(args);
        expect([atOnce.code, atOnce.out]).toEqual([75, expect.stringContaining('store_full')]);
        expect(atOnce.err).toContain('Diskā nav vietas');
        expect(existsSync(path.join(data, 'lock'))).toBe(false);
        free();
        const freeAgain = fill(disk, 300_000);
        const underWay = await runCommand(args);
        expect([underWay.code, underWay.out]).toEqual([75, expect.stringContaining('store_full')]);
        freeAgain();
        const done = await runCommand(args);
        expect(done.code).toBe(0);
        expect(JSON.parse(done.out)).toMatchObject(fixture.expected as unknown as Record<string, unknown>);
        expect((await runCommand(['doctor', '--data', data])).code).toBe(0);
      });
    }
  });

  it('says that it lives, is ready, which it is, and every route that it has', async () => {
    const service = await startService();
    expect((await send(service.base, '/healthz')).body).toEqual({ ok: true });
    expect((await send(service.base, '/readyz')).body).toEqual({ ready: true, reasons: [] });
    expect((await send(service.base, '/version')).body).toMatchObject({ protocol: 1, oldestProtocol: 1 });
    const described = (await send(service.base, '/openapi.json')).body['paths'] as Record<string, object>;
    const known = Object.entries(described).flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`),
    );
    // What Fastify serves, from its own tree: indentation and a name per step, the methods behind it.
    const steps: string[] = [];
    const served: string[] = [];
    for (const line of service.routes().split('\n')) {
      const match = /^([│ ]*)(?:├──|└──) (\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
      if (match === null) continue;
      steps.length = (match[1] ?? '').length / 4;
      steps.push(match[2] ?? '');
      for (const method of (match[3] ?? '').split(', ').filter((name) => name === 'GET' || name === 'POST'))
        served.push(`${method} ${steps.join('').replaceAll(/:(\w+)/g, '{$1}')}`);
    }
    expect(served.length).toBeGreaterThan(20);
    expect(served.filter((route) => route !== 'GET /openapi.json').sort()).toEqual(known.sort());
    await service.stop();
  });
});
