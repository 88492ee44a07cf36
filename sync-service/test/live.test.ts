import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Notice } from '@sivis/shared/protocol/messages/live.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { LIVE_SUBPROTOCOL } from '@sivis/shared/protocol/messages/live.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { attachLive, CLOSE, type Live } from '../src/live/live.ts';
import { testId } from '../src/store/contractWorld.ts';
import { openService, SITE, type TestService } from './serviceKit.ts';

interface Socket {
  readonly ws: WebSocket;
  readonly notices: Notice[];
  readonly closed: Promise<number>;
  next(type: Notice['type']): Promise<Notice>;
}

describe('the live socket', () => {
  let service: TestService;
  let live: Live;
  let address: string;

  beforeEach(async () => {
    service = await openService();
    await service.user('anna', 'reception');
    await service.user('kate', 'catering');
    await service.user('iveta', 'it');
    await service.app.listen({ port: 0, host: '127.0.0.1' });
    address = `ws://127.0.0.1:${(service.app.server.address() as AddressInfo).port}${PATHS.live}`;
    live = attachLive(service.app.server, { ...service.deps, log: service.app.log });
  });
  afterEach(async () => {
    await live.close();
    await service.close();
  });

  const ticketOf = async (tokens: Tokens): Promise<string> =>
    (await service.call(tokens, PATHS.ticket, {})).json<{ ticket: string }>().ticket;

  const connect = (ticket: string, headers: Record<string, string> = {}): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(address, [LIVE_SUBPROTOCOL, `ticket.${ticket}`], { headers });
      const notices: Notice[] = [];
      const waiting: (() => void)[] = [];
      ws.on('message', (data) => {
        notices.push(JSON.parse((data as Buffer).toString('utf8')) as Notice);
        for (const wake of waiting.splice(0)) wake();
      });
      const closed = new Promise<number>((done) => {
        ws.on('close', (code) => done(code));
      });
      ws.once('error', reject);
      const next = async (type: Notice['type']): Promise<Notice> => {
        for (;;) {
          const at = notices.findIndex((notice) => notice.type === type);
          const found = notices[at];
          if (found !== undefined) {
            notices.splice(0, at + 1);
            return found;
          }
          await new Promise<void>((wake) => waiting.push(wake));
        }
      };
      ws.once('open', () => resolve({ ws, notices, closed, next }));
    });
  const refused = async (ticket: string, headers: Record<string, string> = {}): Promise<string> =>
    connect(ticket, headers).then(
      () => 'open',
      (error: unknown) => (error as Error).message,
    );

  const putTask = (at: number) =>
    service.put(testId(7, at), 'task', { state: 'open', ownerRole: 'reception' });

  it('greets, tells of a commit at once, and once of several that follow it', async () => {
    const socket = await connect(await ticketOf(await service.signIn('anna')));
    expect(socket.ws.protocol).toBe(LIVE_SUBPROTOCOL);
    expect(await socket.next('hello')).toMatchObject({ type: 'hello' });
    await Promise.all([
      putTask(1),
      putTask(2),
      service.put(testId(3, 1), 'person', { familyName: 'A', givenName: 'B' }),
    ]);
    expect(await socket.next('changed')).toEqual({ type: 'changed', collections: ['work'] });
    const notice = await socket.next('changed');
    expect(notice.type === 'changed' && [...notice.collections].sort()).toEqual(['people', 'work']);
  });

  it('tells nobody of collections of which he may see nothing', async () => {
    const socket = await connect(await ticketOf(await service.signIn('kate')));
    await service.put(testId(3, 1), 'person', { familyName: 'A', givenName: 'B' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await putTask(1);
    expect(await socket.next('changed')).toEqual({ type: 'changed', collections: ['work'] });
  });

  it('takes a ticket once, from the own page, within a minute', async () => {
    const tokens = await service.signIn('anna');
    const ticket = await ticketOf(tokens);
    expect(await refused(ticket, { origin: 'http://evil.example' })).toContain('403');
    await connect(ticket);
    expect(await refused(ticket)).toContain('401');
    expect(await refused(tokens.accessToken)).toContain('401');
    const late = await ticketOf(tokens);
    service.clock.nowMs += 61_000;
    expect(await refused(late)).toContain('401');
  });

  it('is renewed in band, by a ticket of the same desk only', async () => {
    const tokens = await service.signIn('anna');
    const socket = await connect(await ticketOf(tokens));
    socket.ws.send(JSON.stringify({ type: 'renew', ticket: await ticketOf(tokens) }));
    expect(await socket.next('renewed')).toHaveProperty('expiresAt');
    const other = await service.signIn('kate', 2);
    socket.ws.send(JSON.stringify({ type: 'renew', ticket: await ticketOf(other) }));
    expect(await socket.closed).toBe(CLOSE.revoked);
  });

  it('closes the older of two sockets of one device, and what speaks nonsense', async () => {
    const tokens = await service.signIn('anna');
    const first = await connect(await ticketOf(tokens));
    const second = await connect(await ticketOf(tokens));
    expect(await first.closed).toBe(CLOSE.replaced);
    expect(live.size()).toBe(1);
    second.ws.send('nav JSON');
    expect(await second.closed).toBe(CLOSE.malformed);
  });

  it('says that rights changed, and closes within a second when the session ends', async () => {
    const tokens = await service.signIn('anna');
    const socket = await connect(await ticketOf(tokens));
    const it = await service.signIn('iveta', 2);
    await service.call(it, PATHS.userUpdate, { id: tokens.user.id, role: 'specialist', siteIds: [SITE] });
    expect(await socket.next('rights')).toEqual({ type: 'rights' });
    const before = performance.now();
    await service.call(it, PATHS.userUpdate, { id: tokens.user.id, disabled: true });
    expect(await socket.closed).toBe(CLOSE.revoked);
    expect(performance.now() - before).toBeLessThan(1_500);
  });

  it('tells desks of a restart and takes no more', async () => {
    const tokens = await service.signIn('anna');
    const socket = await connect(await ticketOf(tokens));
    const ticket = await ticketOf(tokens);
    await live.close();
    expect(await socket.closed).toBe(CLOSE.restart);
    expect(await refused(ticket)).not.toBe('open');
  });

  it('never uses a close code that y-websocket takes for final', () => {
    for (const code of Object.values(CLOSE)) expect(code >= 4400 && code <= 4499).toBe(false);
  });
});
