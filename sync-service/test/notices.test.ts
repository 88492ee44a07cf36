import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIVE_SUBPROTOCOL, noticeSchema, type Notice } from '@sivis/shared/protocol/messages/live.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { CLOSE } from '../src/live/live.ts';
import { createRow, pushTo, send, startService, type LiveService, type Session } from './liveService.ts';

/** Notices between desks: a push at one is known at the others, an end of rights at once. */

interface Listener {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  /** When it was closed, by `performance.now()`; 0 while it is open. */
  closedAt(): number;
  /** All that was heard, as text. */
  heard(): string;
  /** The next notice of the type; those before it are forgotten. */
  next(type: Notice['type']): Promise<Notice>;
  /** The next notice that names the collection; those before it are forgotten. */
  nextChange(collection: Collection): Promise<Notice>;
}

describe('two desks', { timeout: 30_000 }, () => {
  let service: LiveService;
  let anna: Session;
  let berta: Session;
  let dora: Session;

  beforeEach(async () => {
    service = await startService();
    await service.user('anna', 'reception');
    await service.user('berta', 'reception');
    await service.user('dora', 'it');
    [anna, berta, dora] = [
      await service.signIn('anna'),
      await service.signIn('berta'),
      await service.signIn('dora'),
    ];
  });
  afterEach(() => service.stop());

  const ticketFor = async (session: Session): Promise<string> => {
    const reply = await send(service.base, PATHS.ticket, { session, body: {} });
    expect(reply.status).toBe(200);
    return String(reply.body['ticket']);
  };
  const listen = async (session: Session): Promise<Listener> => {
    const ticket = await ticketFor(session);
    const socket = new WebSocket(`${service.base.replace('http', 'ws')}${PATHS.live}`, [
      LIVE_SUBPROTOCOL,
      `ticket.${ticket}`,
    ]);
    const notices: Notice[] = [];
    const waiting: (() => void)[] = [];
    let text = '';
    socket.on('message', (data) => {
      const message = (data as Buffer).toString('utf8');
      text += message;
      notices.push(noticeSchema.parse(JSON.parse(message)));
      for (const wake of waiting.splice(0)) wake();
    });
    let at = 0;
    const closed = new Promise<number>((resolve) => {
      socket.once('close', (code) => {
        at = performance.now();
        resolve(code);
      });
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const nextOf = async (fits: (notice: Notice) => boolean): Promise<Notice> => {
      for (;;) {
        const index = notices.findIndex(fits);
        const found = notices[index];
        if (found !== undefined) {
          notices.splice(0, index + 1);
          return found;
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    };
    const listener: Listener = {
      socket,
      closed,
      closedAt: () => at,
      heard: () => text,
      next: (type) => nextOf((notice) => notice.type === type),
      nextChange: (collection) =>
        nextOf((notice) => notice.type === 'changed' && notice.collections.includes(collection)),
    };
    await listener.next('hello');
    return listener;
  };
  const pushPerson = async (session: Session): Promise<string> => {
    const row = createRow(session, 'person', service.siteId, { familyName: 'Slepenā', givenName: 'Zigrīda' });
    expect((await pushTo(service.base, session, 'people', [row]))[0]?.outcome).toBe('accepted');
    return row.id;
  };

  it('both hear of a commit, and nothing of what is in it; what they hear can be pulled at once', async () => {
    const [one, two] = [await listen(anna), await listen(berta)];
    const id = await pushPerson(anna);
    for (const listener of [one, two])
      expect(await listener.next('changed')).toEqual({ type: 'changed', collections: ['people'] });
    const page = await send(service.base, pullPath('people'), {
      session: anna,
      body: { checkpoint: null, limit: 10 },
    });
    expect(page.text).toContain(id);
    for (const listener of [one, two]) {
      for (const secret of [id, 'Slepen', anna.tokens.user.id, anna.deviceId])
        expect(listener.heard()).not.toContain(secret);
    }
  });

  it('of a refused push nobody hears', async () => {
    const two = await listen(berta);
    const row = createRow(anna, 'person', newId(), { familyName: 'Cita', givenName: 'Centra' });
    expect((await pushTo(service.base, anna, 'people', [row]))[0]?.outcome).toBe('rejected');
    const task = createRow(anna, 'task', service.siteId, {
      taskKind: 'manual',
      state: 'open',
      ownerRole: 'reception',
    });
    await pushTo(service.base, anna, 'work', [task]);
    expect(await two.next('changed')).toEqual({ type: 'changed', collections: ['work'] });
  });

  it.each([
    [
      'the user is disabled',
      () => ({ route: PATHS.userUpdate, body: { id: anna.tokens.user.id, disabled: true } }),
    ],
    [
      'the device is revoked',
      () => ({ route: PATHS.deviceUpdate, body: { id: anna.deviceId, revoked: true } }),
    ],
    [
      'somebody sets a new password',
      () => ({ route: PATHS.userUpdate, body: { id: anna.tokens.user.id, password: 'pavisam cita doma 9' } }),
    ],
  ] as const)(
    'when %s, the socket closes within a second, the next request is refused, the other goes on',
    async (_what, end) => {
      const [one, two] = [await listen(anna), await listen(berta)];
      const { route, body } = end();
      expect((await send(service.base, route, { session: dora, body })).status).toBe(200);
      const since = performance.now();
      const refused = [
        await send(service.base, PATHS.me, { session: anna }),
        await send(service.base, pullPath('people'), {
          session: anna,
          body: { checkpoint: null, limit: 10 },
        }),
        await send(service.base, PATHS.refresh, { body: { refreshToken: anna.tokens.refreshToken } }),
        await send(service.base, PATHS.ticket, { session: anna, body: {} }),
      ];
      expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
      expect(await one.closed).toBe(CLOSE.revoked);
      expect(one.closedAt() - since).toBeLessThan(1_000);
      await pushPerson(berta);
      expect(await two.nextChange('people')).toMatchObject({ collections: ['people'] });
    },
  );

  it('a change of rights is said, and the next pull begins anew with what is still allowed', async () => {
    const one = await listen(anna);
    const id = await pushPerson(anna);
    const first = await send(service.base, pullPath('people'), {
      session: anna,
      body: { checkpoint: null, limit: 10 },
    });
    expect(first.text).toContain(id);
    const change = { id: anna.tokens.user.id, role: 'catering' };
    expect((await send(service.base, PATHS.userUpdate, { session: dora, body: change })).status).toBe(200);
    expect(await one.next('rights')).toEqual({ type: 'rights' });
    const again = await send(service.base, pullPath('people'), {
      session: anna,
      body: { checkpoint: first.body['checkpoint'], limit: 10 },
    });
    expect([again.body['resync'], again.body['removals']]).toEqual(['rights', 1]);
    expect(again.body['documents']).toEqual([
      { id, kind: 'person', siteId: '', rev: 0, deleted: true, fields: {} },
    ]);
    // No longer told of people.
    const before = one.heard().length;
    await pushPerson(berta);
    const task = { taskKind: 'manual', state: 'open', ownerRole: 'catering' };
    await pushTo(service.base, berta, 'work', [createRow(berta, 'task', service.siteId, task)]);
    expect(await one.nextChange('work')).toEqual({ type: 'changed', collections: ['work'] });
    expect(one.heard().slice(before)).not.toContain('people');
  });

  it('a ticket is for one socket of its desk, which it renews', async () => {
    const one = await listen(anna);
    one.socket.send(JSON.stringify({ type: 'renew', ticket: await ticketFor(anna) }));
    expect(await one.next('renewed')).toHaveProperty('expiresAt');
    const used = await ticketFor(anna);
    one.socket.send(JSON.stringify({ type: 'renew', ticket: used }));
    await one.next('renewed');
    one.socket.send(JSON.stringify({ type: 'renew', ticket: used }));
    expect(await one.closed).toBe(CLOSE.revoked);
    const two = await listen(anna);
    two.socket.send(JSON.stringify({ type: 'renew', ticket: await ticketFor(berta) }));
    expect(await two.closed).toBe(CLOSE.revoked);
  });
});
