import { ERRORS, SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { describe, expect, it } from 'vitest';
import { argon2Bytes } from '../keys/argon2.ts';
import { KDF_PARAMS } from '../keys/kdf.ts';
import { createKeyring } from '../keys/keyring.ts';
import { memorySlots } from '../keys/slotStore.ts';
import { liveValue } from '../live.ts';
import { createDeskClock } from '../net/deskClock.ts';
import { linkReportOf, NoAnswerError } from '../net/failure.ts';
import type { HttpRequest } from '../net/http.ts';
import { createLink } from '../net/link.ts';
import { systemTimers } from '../net/timers.ts';
import { openDevice } from './device.ts';
import type { SessionState } from './manager.ts';
import { createSession } from './session.ts';
import type { OpenWork } from './work.ts';

const PASSWORD = 'zaļa egle pie jūras';
const NEW_PASSWORD = 'balta kļava kalna galā';
const T0 = Date.parse('2026-11-21T10:00:00.000Z');
const HOUR = 3_600_000;

function desk() {
  let now = T0;
  let password = PASSWORD;
  let trouble: ErrorCode | 'cut' | null = null;
  const requests: HttpRequest[] = [];
  const events: string[] = [];
  const waits: number[] = [];
  const slots = new Map<string, unknown>();
  const user = {
    id: newId(),
    user: 'anna',
    name: 'Anna Bērziņa',
    role: 'reception' as const,
    siteIds: [newId()],
  };
  const tokens = (): Tokens => ({
    accessToken: 'access',
    accessExpiresAt: new Date(now + 600_000).toISOString(),
    refreshToken: 'refresh',
    user,
    epoch: 'e1',
    deviceName: 'Darbstacija 1',
    recoveryKey: '',
    unlockShare: 'c2hhcmU=',
    offlineUntil: new Date(now + 72 * HOUR).toISOString(),
    serverTime: new Date(now).toISOString(),
  });
  const own = { now: () => now };
  const clock = createDeskClock(own);
  const link = createLink({
    probe: () => Promise.resolve(),
    reportOf: linkReportOf,
    timers: systemTimers,
    random: () => 0,
    skewed: liveValue(false),
  });
  const texts = new Map<string, string>();
  const make = () =>
    createSession({
      keyring: createKeyring(memorySlots(slots), argon2Bytes, {
        ...KDF_PARAMS,
        memoryKiB: 19_456,
        iterations: 1,
      }),
      send: (request) => {
        requests.push(request);
        if (trouble === 'cut') return Promise.reject(new NoAnswerError('UNREACHABLE'));
        if (trouble !== null) return Promise.reject(new SivisError(trouble));
        const given = (request.body as { password?: string }).password;
        if (request.path === PATHS.login && given !== password)
          return Promise.reject(new SivisError('WRONG_CREDENTIALS'));
        return Promise.resolve({ body: tokens(), sentAt: now, receivedAt: now });
      },
      link,
      clock,
      ownClock: own,
      device: openDevice({
        getItem: (key) => texts.get(key) ?? null,
        setItem: (key, value) => texts.set(key, value),
        removeItem: (key) => texts.delete(key),
      }),
      wait: (ms) => {
        waits.push(ms);
        now += ms;
        return Promise.resolve();
      },
      openWork: ({ key }) => {
        events.push(`open ${key.place.slice(-2)}`);
        return Promise.resolve({
          work: {
            events: {
              record: ({ action }: { action: string }) => {
                events.push(action);
                return Promise.resolve();
              },
            },
          },
          close: () => {
            events.push('close');
            return Promise.resolve();
          },
        } as unknown as OpenWork);
      },
    });
  return {
    make,
    slots,
    requests,
    events,
    waits,
    trouble: (next: ErrorCode | 'cut' | null) => {
      trouble = next;
    },
    changePassword: (next: string) => {
      password = next;
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function stateOf(session: ReturnType<ReturnType<typeof desk>['make']>): SessionState['state'] {
  let state: SessionState['state'] = 'signedOut';
  session.state.subscribe((now) => {
    state = now.state;
  })();
  return state;
}

const no = (reason: string) => ({ ok: false, reason });

describe('session', () => {
  it('signs in online, locks, unlocks without the service and signs out', async () => {
    const { make, events, requests, trouble } = desk();
    const session = make();
    expect(await session.signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(stateOf(session)).toBe('open');
    session.lock();
    expect(stateOf(session)).toBe('locked');
    trouble('cut');
    expect(await session.unlock(PASSWORD)).toEqual({ ok: true });
    expect(stateOf(session)).toBe('open');
    await session.signOut();
    expect(stateOf(session)).toBe('signedOut');
    expect(events).toEqual(['open -1', 'unlock', 'lock', 'close', 'open -1', 'unlock', 'signOut', 'close']);
    expect(requests.map((request) => request.path)).toContain(PATHS.login);
    expect(JSON.stringify(requests.filter((request) => request.path !== PATHS.login))).not.toContain(
      PASSWORD,
    );
  });

  it('signs in offline on a desk that knows the person, within the lease', async () => {
    const { make, trouble, pass } = desk();
    expect((await make().signIn('anna', PASSWORD)).ok).toBe(true);
    trouble('cut');
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(await make().signIn('anna', NEW_PASSWORD)).toEqual(no('wrong'));
    expect(await make().signIn('zane', PASSWORD)).toEqual(no('firstTimeOffline'));
    pass(71 * HOUR);
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    pass(2 * HOUR);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('leaseExpired'));
    trouble(null);
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
  });

  it('does not open offline with a clock that was set back', async () => {
    const { make, trouble, pass } = desk();
    await make().signIn('anna', PASSWORD);
    trouble('cut');
    pass(-6 * 60_000);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('clockSkew'));
  });

  it('does not lengthen the lease for a clock that was set back within it', async () => {
    const { make, trouble, pass } = desk();
    const session = make();
    await session.signIn('anna', PASSWORD);
    trouble('cut');
    pass(60 * HOUR);
    session.lock();
    await session.settled();
    pass(-50 * HOUR);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('clockSkew'));
    trouble(null);
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    trouble('cut');
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
  });

  it('asks for the earlier password when it was changed elsewhere, and keeps the data', async () => {
    const { make, slots, changePassword, trouble } = desk();
    await make().signIn('anna', PASSWORD);
    const names = [...slots.keys()].filter((name) => name.startsWith('slot-'));
    changePassword(NEW_PASSWORD);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('wrong'));
    expect(await make().signIn('anna', NEW_PASSWORD)).toEqual(no('previousPasswordNeeded'));
    expect(await make().signIn('anna', NEW_PASSWORD, { previousPassword: 'kaut kas pavisam cits' })).toEqual(
      no('previousPasswordNeeded'),
    );
    expect(await make().signIn('anna', NEW_PASSWORD, { previousPassword: PASSWORD })).toEqual({ ok: true });
    expect([...slots.keys()].filter((name) => name.startsWith('slot-'))).toEqual(names);
    trouble('cut');
    expect(await make().signIn('anna', NEW_PASSWORD)).toEqual({ ok: true });
  });

  it('leaves an unreadable key as it is and can start anew beside it', async () => {
    const { make, slots, events } = desk();
    await make().signIn('anna', PASSWORD);
    const slot = [...slots.keys()].find((name) => name.startsWith('slot-')) ?? '';
    slots.set(slot, { broken: true });
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('keyUnreadable'));
    expect(await make().startAnew('anna', PASSWORD)).toEqual({ ok: true });
    expect(slots.get(slot)).toEqual({ broken: true });
    expect(events).toContain('open -2');
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(events.at(-2)).toBe('open -2');
  });

  it.each([
    ['TOO_MANY_REQUESTS', 'tooMany'],
    ['FORBIDDEN', 'disabled'],
    ['CLIENT_TOO_OLD', 'versionBlocked'],
    ['UNAVAILABLE', 'serverDown'],
    ['WRONG_CREDENTIALS', 'wrong'],
  ] as const)('says %s as %s on a desk that does not know the person', async (code, reason) => {
    expect(ERRORS[code]).toBeDefined();
    const { make, trouble } = desk();
    trouble(code);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no(reason));
  });

  it('opens by its own key while the service is down or wants an update', async () => {
    const { make, trouble } = desk();
    await make().signIn('anna', PASSWORD);
    for (const code of ['UNAVAILABLE', 'CLIENT_TOO_OLD'] as const) {
      trouble(code);
      expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    }
  });

  it('needs the service after ten wrong passwords, and has a new key after twenty', async () => {
    const { make, trouble, events } = desk();
    expect((await make().signIn('anna', PASSWORD)).ok).toBe(true);
    trouble('cut');
    const wrong = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count += 1) await make().signIn('anna', NEW_PASSWORD);
    };
    await wrong(10);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('serviceNeeded'));
    // What is refused for that tells nothing about the password, and is not counted.
    await wrong(15);
    trouble(null);
    expect((await make().signIn('anna', PASSWORD)).ok).toBe(true);
    trouble('cut');
    expect((await make().signIn('anna', PASSWORD)).ok).toBe(true);
    trouble(null);
    await wrong(20);
    trouble('cut');
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('keyDestroyed'));
    trouble(null);
    expect((await make().signIn('anna', PASSWORD)).ok).toBe(true);
    expect(events.filter((event) => event.startsWith('open')).at(-1)).toBe('open -2');
  });

  it('makes wrong passwords wait longer each time, over reloads, and tells of them', async () => {
    const { make, trouble, waits, events } = desk();
    await make().signIn('anna', PASSWORD);
    trouble('cut');
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await make().signIn('anna', 'nepareiza parole')).toEqual(no('wrong'));
    }
    expect(waits).toEqual([1_000, 2_000, 5_000]);
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(events.filter((event) => event === 'unlockFailed')).toHaveLength(4);
    waits.length = 0;
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(waits).toEqual([]);
  });
});
