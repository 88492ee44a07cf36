import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { liveValue } from '../live.ts';
import { createApi } from './api.ts';
import { createDeskClock } from './deskClock.ts';
import { linkReportOf, NoAnswerError } from './failure.ts';
import { createSend, type HttpRequest, type Send } from './http.ts';
import { backoffMs, createLink, type LinkState } from './link.ts';
import { createLiveSocket, type SocketLike } from './liveSocket.ts';
import { testTimers } from './testTimers.ts';
import { createTokenSource } from './tokens.ts';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('link', () => {
  function setUp() {
    const time = testTimers();
    let answer: () => Promise<void> = () => Promise.resolve();
    let probes = 0;
    const skewed = liveValue(false);
    const link = createLink({
      probe: () => {
        probes += 1;
        return answer();
      },
      reportOf: linkReportOf,
      timers: time.timers,
      random: () => 1,
      skewed,
    });
    const seen: LinkState[] = [];
    link.state.subscribe((state) => seen.push(state));
    let usable = false;
    link.usable.subscribe((now) => {
      usable = now;
    });
    return {
      time,
      link,
      seen,
      skewed,
      usable: () => usable,
      probes: () => probes,
      answerWith: (next: () => Promise<void>) => {
        answer = next;
      },
    };
  }
  const unreachable = () => Promise.reject(new NoAnswerError('UNREACHABLE'));

  it('goes online by a probe, offline by a failed call, and back by itself', async () => {
    const { link, time, seen, answerWith, usable } = setUp();
    link.start();
    await settle();
    expect(seen).toEqual(['connecting', 'online']);
    expect(usable()).toBe(true);
    answerWith(unreachable);
    link.report('unreachable');
    expect(seen.at(-1)).toBe('offline');
    expect(usable()).toBe(false);
    await time.pass(10_000);
    answerWith(() => Promise.resolve());
    await time.pass(31_000);
    expect(seen.at(-1)).toBe('online');
  });

  it('probes with growing pauses up to half a minute, one at a time', async () => {
    const { link, time, answerWith, probes } = setUp();
    answerWith(unreachable);
    link.start();
    await settle();
    await time.pass(1_000 + 2_000 + 4_000 + 8_000 + 16_000);
    expect(probes()).toBe(6);
    await time.pass(300_000);
    expect(probes()).toBe(16);
    link.probeNow();
    await settle();
    expect(probes()).toBe(17);
  });

  it('tells a service that answers wrongly from none', async () => {
    const { link, seen, answerWith } = setUp();
    answerWith(() => Promise.reject(new SivisError('UNAVAILABLE')));
    link.start();
    await settle();
    expect(seen.at(-1)).toBe('serverDown');
    answerWith(() => Promise.reject(new NoAnswerError('TIMEOUT')));
    link.probeNow();
    await settle();
    expect(seen.at(-1)).toBe('serverDown');
  });

  it('asks for a sign-in and for an update, and says that the clock is wrong while it works on', async () => {
    const { link, seen, skewed, usable } = setUp();
    link.start();
    await settle();
    link.report('authRequired');
    expect(seen.at(-1)).toBe('authRequired');
    expect(usable()).toBe(false);
    link.signedIn();
    expect(seen.at(-1)).toBe('online');
    skewed.set(true);
    expect(seen.at(-1)).toBe('clockSkew');
    expect(usable()).toBe(true);
    link.report('versionBlocked');
    expect(seen.at(-1)).toBe('versionBlocked');
    expect(usable()).toBe(false);
  });

  it('takes a random half off the pause', () => {
    expect(backoffMs(0, 0)).toBe(500);
    expect(backoffMs(0, 1)).toBe(1_000);
    expect(backoffMs(30, 1)).toBe(30_000);
  });
});

describe('desk clock', () => {
  it('believes the answer with the shortest way, and notices a wrong clock', () => {
    const base = Date.parse('2026-11-21T10:00:00.000Z');
    let own = base;
    const clock = createDeskClock({ now: () => own });
    let skewed = false;
    clock.skewed.subscribe((now) => {
      skewed = now;
    });
    clock.observe('2026-11-21T10:10:00.000Z', own, own + 100);
    expect(clock.offsetMs).toBe(600_000 - 50);
    expect(skewed).toBe(true);
    clock.observe('2026-11-21T10:10:01.000Z', own, own + 4_000);
    expect(clock.offsetMs).toBe(600_000 - 50);
    own += 600_000;
    clock.observe('2026-11-21T10:10:00.050Z', own, own + 100);
    expect(clock.offsetMs).toBe(0);
    expect(skewed).toBe(false);
    expect(clock.now()).toBe(own);
  });
});

describe('http', () => {
  const answer = (status: number, body: unknown) => () =>
    Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
  const sendWith = (reply: () => Promise<Response>) => createSend('http://x', reply, () => 0);

  it('reads errors by their code, and by their status where there is none', async () => {
    const body = { code: 'TOO_MANY_REQUESTS', message: 'm', detail: {}, requestId: 'r' };
    await expect(sendWith(answer(429, body))({ path: '/a' })).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    });
    await expect(sendWith(answer(502, '<html>'))({ path: '/a' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await expect(sendWith(answer(426, ''))({ path: '/a' })).rejects.toMatchObject({ code: 'CLIENT_TOO_OLD' });
  });

  it('says that no answer came', async () => {
    const failing = sendWith(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(failing({ path: '/a' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const late = createSend(
      '',
      ((_: string, init: RequestInit) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => {
            reject(new DOMException('', 'TimeoutError'));
          });
        })) as typeof fetch,
      () => 0,
    );
    await expect(late({ path: '/a', timeoutMs: 5 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('tokens', () => {
  const tokensUntil = (accessExpiresAt: string, accessToken: string): Tokens => ({
    accessToken,
    accessExpiresAt,
    refreshToken: `refresh-${accessToken}`,
    user: { id: newId(), user: 'anna', name: 'Anna', role: 'reception', siteIds: [newId()] },
    epoch: 'e',
    deviceName: 'Darbstacija 1',
    recoveryKey: '',
    unlockShare: '',
    lease: {
      userId: newId(),
      deviceId: newId(),
      issuedAt: '2026-11-21T10:00:00.000Z',
      until: '2026-11-24T10:00:00.000Z',
      signature: '',
    },
    serverTime: '2026-11-21T10:00:00.000Z',
  });

  it('renews before the end, once however many ask, and keeps the new ones first', async () => {
    const now = Date.parse('2026-11-21T10:00:00.000Z');
    const sent: HttpRequest[] = [];
    const kept: string[] = [];
    const send: Send = (request) => {
      sent.push(request);
      return Promise.resolve({
        body: tokensUntil('2026-11-21T10:10:00.000Z', 'second'),
        sentAt: now,
        receivedAt: now,
      });
    };
    const source = createTokenSource(
      {
        send,
        clock: createDeskClock({ now: () => now }),
        refreshToken: () => 'first-refresh',
        keep: (tokens) => {
          kept.push(tokens.refreshToken);
          return Promise.resolve();
        },
      },
      tokensUntil('2026-11-21T10:00:30.000Z', 'first'),
    );
    expect(await Promise.all([source.access(), source.access(), source.access()])).toEqual([
      'second',
      'second',
      'second',
    ]);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual({ refreshToken: 'first-refresh' });
    expect(kept).toEqual(['refresh-second']);
    expect(await source.access()).toBe('second');
    expect(sent).toHaveLength(1);
  });

  it('tries once more with a new token before it asks for a sign-in', async () => {
    const reports: string[] = [];
    const used: (string | undefined)[] = [];
    const api = createApi({
      send: (request) => {
        used.push(request.token);
        if (request.token === 'old') return Promise.reject(new SivisError('UNAUTHENTICATED'));
        return Promise.resolve({ body: { ok: true }, sentAt: 0, receivedAt: 0 });
      },
      tokens: { access: (renew) => Promise.resolve(renew === true ? 'new' : 'old') },
      clock: createDeskClock({ now: () => 0 }),
      report: (report) => {
        reports.push(report);
      },
    });
    expect(await api.call('/a', {}, z.object({ ok: z.boolean() }))).toEqual({ ok: true });
    expect(used).toEqual(['old', 'new']);
    expect(reports).toEqual(['ok']);
    await expect(api.call('/a', {}, z.object({ other: z.string() }))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });
});

describe('live socket', () => {
  it('renews its ticket, and replaces a socket that does not confirm', async () => {
    const time = testTimers();
    const sockets: (SocketLike & { sent: string[]; closed: boolean; protocols: readonly string[] })[] = [];
    const heard: string[] = [];
    let tickets = 0;
    const socket = createLiveSocket({
      api: {
        call: () =>
          Promise.resolve({ ticket: `t${(tickets += 1)}`, expiresAt: '2026-11-21T10:01:00.000Z' }) as never,
      },
      timers: time.timers,
      random: () => 1,
      open: (_, protocols) => {
        const made = {
          protocols,
          sent: [] as string[],
          closed: false,
          onmessage: null,
          onclose: null,
          onerror: null,
          send(data: string) {
            made.sent.push(data);
          },
          close() {
            made.closed = true;
          },
        };
        sockets.push(made);
        return made;
      },
      changed: (collections) => heard.push(collections.join()),
      rights: () => heard.push('rights'),
      opened: (epoch) => heard.push(`open ${epoch}`),
    });
    const say = (index: number, message: object): void => {
      sockets[index]?.onmessage?.({ data: JSON.stringify(message) });
    };
    socket.start();
    await settle();
    expect(sockets[0]?.protocols).toEqual(['sivis.live.1', 'ticket.t1']);
    say(0, { type: 'hello', epoch: 'e1', serverTime: '2026-11-21T10:00:00.000Z' });
    say(0, { type: 'changed', collections: ['lodging'] });
    say(0, { type: 'nonsense' });
    await time.pass(25_000);
    expect(sockets[0]?.sent).toEqual(['{"type":"renew","ticket":"t2"}']);
    say(0, { type: 'renewed', expiresAt: '2026-11-21T10:01:00.000Z' });
    await time.pass(25_000);
    expect(sockets[0]?.sent).toHaveLength(2);
    // No confirmation: the line is half-open.
    await time.pass(10_000 + 1_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
    say(1, { type: 'rights' });
    expect(heard).toEqual(['open e1', 'lodging', 'rights']);
    socket.stop();
    expect(sockets[1]?.closed).toBe(true);
    expect(time.waiting()).toEqual([]);
  });
});
