import { ERRORS, SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { offlineLeaseBytes } from '@sivis/shared/fleet/offlineLease.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CipherError } from '../keys/cipher.ts';
import { argon2Bytes } from '../keys/argon2.ts';
import { toBase64 } from '../keys/bytes.ts';
import { KDF_PARAMS } from '../keys/kdf.ts';
import { createKeyring, type OpenKey } from '../keys/keyring.ts';
import { memorySlots } from '../keys/slotStore.ts';
import { StoreBrokenError } from '../db/storeBroken.ts';
import { liveValue, readLive } from '../live.ts';
import { createDeskClock } from '../net/deskClock.ts';
import { linkReportOf, NoAnswerError } from '../net/failure.ts';
import type { HttpRequest } from '../net/http.ts';
import { createLink } from '../net/link.ts';
import { testTimers } from '../net/testTimers.ts';
import { systemTimers } from '../net/timers.ts';
import { openDevice } from './device.ts';
import type { SessionState } from './manager.ts';
import { createSession } from './session.ts';
import type { OpenWork } from './work.ts';

const PASSWORD = 'zaļa egle pie jūras';
const NEW_PASSWORD = 'balta kļava kalna galā';
const T0 = Date.parse('2026-11-21T10:00:00.000Z');
const HOUR = 3_600_000;

let service: CryptoKeyPair;
let serviceKey: string;
beforeAll(async () => {
  service = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  serviceKey = toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', service.publicKey)));
});

/** A lease of 72 hours as the service signs it. */
async function leaseFrom(userId: string, deviceId: string, nowMs: number): Promise<Tokens['lease']> {
  const lease = {
    userId,
    deviceId,
    issuedAt: new Date(nowMs).toISOString(),
    until: new Date(nowMs + 72 * HOUR).toISOString(),
  };
  const bytes = Uint8Array.from(offlineLeaseBytes(lease));
  const signature = await crypto.subtle.sign('Ed25519', service.privateKey, bytes);
  return { ...lease, signature: toBase64(new Uint8Array(signature)) };
}

function desk() {
  let now = T0;
  let password = PASSWORD;
  let trouble: ErrorCode | 'cut' | null = null;
  const time = testTimers();
  const keys: OpenKey[] = [];
  let hang = false;
  let broken = 0;
  const stores: number[] = [];
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
  const tokens = async (): Promise<Tokens> => ({
    accessToken: 'access',
    accessExpiresAt: new Date(now + 600_000).toISOString(),
    refreshToken: 'refresh',
    user,
    epoch: 'e1',
    deviceName: 'Darbstacija 1',
    recoveryKey: '',
    unlockShare: 'c2hhcmU=',
    lease: change(await leaseFrom(user.id, deviceHere.id, now)),
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
  const deviceHere = openDevice({
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => texts.set(key, value),
    removeItem: (key) => texts.delete(key),
  });
  let change = (lease: Tokens['lease']): Tokens['lease'] => lease;
  let policyMs: number | undefined;
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
        const at = now;
        return tokens().then((body) => ({ body, sentAt: at, receivedAt: at }));
      },
      link,
      clock,
      ownClock: own,
      serviceKey: () => serviceKey,
      mostOfflineMs: policyMs,
      device: deviceHere,
      timers: time.timers,
      wait: (ms) => {
        waits.push(ms);
        now += ms;
        return Promise.resolve();
      },
      openWork: ({ key, store }) => {
        if (store <= broken) return Promise.reject(new StoreBrokenError('x'));
        stores.push(store);
        events.push(`open ${key.place.slice(-2)}`);
        keys.push(key);
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
            return hang ? new Promise(() => undefined) : Promise.resolve();
          },
        } as unknown as OpenWork);
      },
    });
  return {
    make,
    /** What somebody makes of the lease on its way to the disk. */
    forge: (how: typeof change) => {
      change = how;
    },
    policy: (ms: number) => {
      policyMs = ms;
    },
    link,
    keys,
    stores,
    breakStore: (upTo: number) => {
      broken = upTo;
    },
    time,
    /** From now on nothing that is closed comes to its end. */
    hangUp: () => {
      hang = true;
    },
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

  it('opens offline only by a lease that the service gave to this user at this desk', async () => {
    const { make, trouble, forge } = desk();
    const forged: ((lease: Tokens['lease']) => Tokens['lease'])[] = [
      (lease) => ({ ...lease, until: '2030-01-01T00:00:00.000Z' }),
      (lease) => ({ ...lease, issuedAt: '2026-11-20T00:00:00.000Z' }),
      (lease) => ({ ...lease, deviceId: newId() }),
      (lease) => ({ ...lease, userId: newId() }),
      (lease) => ({ ...lease, signature: '' }),
    ];
    for (const how of forged) {
      trouble(null);
      forge(how);
      expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
      trouble('cut');
      expect(await make().signIn('anna', PASSWORD)).toEqual(no('leaseForeign'));
    }
    trouble(null);
    forge((lease) => lease);
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    trouble('cut');
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
  });

  it('shows only in the last eight hours of the lease, then locks until the service gives another', async () => {
    const { make, trouble, pass } = desk();
    await make().signIn('anna', PASSWORD);
    trouble('cut');
    const session = make();
    await session.signIn('anna', PASSWORD);
    pass(63.9 * HOUR);
    session.look();
    expect(readLive(session.lease)).toEqual({ untilMs: T0 + 72 * HOUR, ending: false });
    pass(0.2 * HOUR);
    session.look();
    expect(readLive(session.lease)).toEqual({ untilMs: T0 + 72 * HOUR, ending: true });
    pass(8 * HOUR);
    session.look();
    expect(readLive(session.lease)).toBeNull();
    expect(readLive(session.state)).toMatchObject({ state: 'locked', why: 'leaseExpired' });
    expect(await session.unlock(PASSWORD)).toEqual(no('leaseExpired'));
    trouble(null);
    expect(await session.unlock(PASSWORD)).toEqual({ ok: true });
    expect(readLive(session.lease)).toEqual({ untilMs: T0 + 144.1 * HOUR, ending: false });
  });

  it('locks an open desk whose clock is set back, until the service says what time it is', async () => {
    const { make, trouble, pass } = desk();
    await make().signIn('anna', PASSWORD);
    trouble('cut');
    const session = make();
    await session.signIn('anna', PASSWORD);
    pass(-4 * 60_000);
    session.look();
    expect(stateOf(session)).toBe('open');
    pass(-2 * 60_000);
    session.look();
    expect(readLive(session.state)).toMatchObject({ state: 'locked', why: 'clockSkew' });
    expect(await session.unlock(PASSWORD)).toEqual(no('clockSkew'));
    trouble(null);
    expect(await session.unlock(PASSWORD)).toEqual({ ok: true });
  });

  it('takes the lower of the lease and the policy of the machine', async () => {
    const { make, trouble, pass, policy } = desk();
    policy(24 * HOUR);
    await make().signIn('anna', PASSWORD);
    trouble('cut');
    pass(23 * HOUR);
    const session = make();
    expect(await session.signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(readLive(session.lease)).toEqual({ untilMs: T0 + 24 * HOUR, ending: true });
    pass(1.1 * HOUR);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('leaseExpired'));
    policy(336 * HOUR);
    pass(48 * HOUR);
    expect(await make().signIn('anna', PASSWORD)).toEqual(no('leaseExpired'));
  });

  it('renews an ending lease by itself as soon as the service is there', async () => {
    const { make, pass, link, requests } = desk();
    link.start();
    const session = make();
    await session.signIn('anna', PASSWORD);
    pass(65 * HOUR);
    session.look();
    await expect.poll(() => readLive(session.lease)?.ending).toBe(false);
    expect(requests.map(({ path }) => path)).toContain(PATHS.refresh);
    link.stop();
  });

  it.each(['lock', 'signOut'] as const)(
    'forgets the keys within two seconds of a %s that does not end',
    async (how) => {
      const { make, keys, time, hangUp } = desk();
      const session = make();
      await session.signIn('anna', PASSWORD);
      const cipher = keys[0]?.cipher;
      if (cipher === undefined) throw new Error('nothing was opened');
      const blob = await cipher.seal('people', 'id', 'Anna');
      const opened = () =>
        cipher.open('people', 'id', blob).catch((error: unknown) => (error as CipherError).code);
      hangUp();
      void session[how]();
      expect(readLive(session.work)).toBeNull();
      await time.pass(1_400);
      expect(await opened()).toBe('Anna');
      await time.pass(600);
      expect(await opened()).toBe('LOCKED');
      await expect(cipher.seal('people', 'id', 'Zane')).rejects.toMatchObject({ code: 'LOCKED' });
    },
  );

  it('forgets the keys as soon as all is closed, and what the page still holds opens nothing', async () => {
    const { make, keys, slots } = desk();
    const session = make();
    await session.signIn('anna', PASSWORD);
    session.lock();
    await session.settled();
    const [key] = keys;
    if (key === undefined) throw new Error('nothing was opened');
    const again = createKeyring(memorySlots(slots), argon2Bytes);
    await expect(again.readSealed(key, 'session')).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(again.writeSealed(key, 'session', '{}')).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('begins another database beside one that does not open, when the person says so, and stays with it', async () => {
    const { make, breakStore, stores, keys, trouble, events } = desk();
    const session = make();
    expect(await session.signIn('anna', PASSWORD)).toEqual({ ok: true });
    session.lock();
    breakStore(1);
    trouble('cut');
    expect(await session.unlock(PASSWORD)).toEqual(no('storeBroken'));
    expect(stateOf(session)).toBe('locked');
    expect(await session.freshStore(null, NEW_PASSWORD)).toEqual(no('wrong'));
    expect(await session.unlock(PASSWORD)).toEqual(no('storeBroken'));
    expect(await session.freshStore(null, PASSWORD)).toEqual({ ok: true });
    expect(await session.unlock(PASSWORD)).toEqual({ ok: true });
    expect(await make().signIn('anna', PASSWORD)).toEqual({ ok: true });
    expect(stores).toEqual([1, 2, 2]);
    expect(new Set(keys.map(({ place }) => place)).size).toBe(1);
    expect(events.filter((event) => event === 'unlockFailed')).toHaveLength(1);
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
