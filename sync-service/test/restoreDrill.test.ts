import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIVE_SUBPROTOCOL } from '@sivis/shared/protocol/messages/live.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { SERVICE_LIMITS } from '../src/limits.ts';
import { CLOSE } from '../src/live/live.ts';
import { keepWriting, peopleOfAll } from './deskWriters.ts';
import {
  PASSWORD,
  seedFolder,
  send,
  signInAt,
  startProcess,
  type ServiceProcess,
  type Session,
} from './liveService.ts';
import { DRILL_USERS, restoreDrill } from './restoreDrill.ts';

describe('under load', { timeout: 180_000 }, () => {
  let root = '';
  const processes: ServiceProcess[] = [];
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'sivis-drill-'));
  });
  afterEach(async () => {
    for (const { child, ended } of processes.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(root, { recursive: true, force: true });
  });

  it('a copy is made, the service killed, the copy restored, and the desks send what it lacks', async () => {
    const home = path.join(root, 'home');
    const siteId = await seedFolder(home, DRILL_USERS);
    writeFileSync(path.join(home, 'server.toml'), 'sign_ins_per_minute = 1000\n', { mode: 0o600 });
    await restoreDrill({
      home,
      siteId,
      into: { database_url: '', database_owner_url: '' },
      settle: () => undefined,
      started: (service) => processes.push(service),
    });
  });

  it('it stops in time: live sockets are told, what it acknowledged is there, what broke off is nowhere twice', async () => {
    const home = path.join(root, 'home');
    const siteId = await seedFolder(home, DRILL_USERS);
    const service = await startProcess(home);
    processes.push(service);
    const sessions = await Promise.all(
      Object.keys(DRILL_USERS).map((user) => signInAt(service.url, user, PASSWORD, newId())),
    );
    const listen = async (session: Session): Promise<{ closed: Promise<number> }> => {
      const { body } = await send(service.url, PATHS.ticket, { session, body: {} });
      const socket = new WebSocket(`${service.url.replace('http', 'ws')}${PATHS.live}`, [
        LIVE_SUBPROTOCOL,
        `ticket.${String(body['ticket'])}`,
      ]);
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return { closed: new Promise((resolve) => socket.once('close', resolve)) };
    };
    const sockets = await Promise.all(sessions.map(listen));
    const writing = sessions.map((session) => keepWriting(service.url, session, siteId));
    await expect.poll(() => writing.every(({ acknowledged }) => acknowledged.length > 8)).toBe(true);
    const begin = Date.now();
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(Date.now() - begin).toBeLessThan(SERVICE_LIMITS.stopMs);
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual(sessions.map(() => CLOSE.restart));
    await Promise.all(writing.map(({ end }) => end()));
    expect(['lock', 'admin.sock'].filter((name) => existsSync(path.join(home, name)))).toEqual([]);

    const next = await startProcess(home);
    processes.push(next);
    const held = await peopleOfAll(next.url, sessions);
    const acknowledged = writing.flatMap((one) => one.acknowledged);
    expect(acknowledged.filter(({ id }) => !held.has(id))).toEqual([]);
    const known = new Set(
      writing.flatMap((one) => [...one.acknowledged, ...one.unanswered]).map(({ id }) => id),
    );
    expect([...held].filter((id) => !known.has(id))).toEqual([]);
  });
});
