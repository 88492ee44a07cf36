import { describe, expect, it } from 'vitest';
import { testTimers } from '../net/testTimers.ts';
import { watchIdle, type ActTarget } from './idleLock.ts';
import { leaseAllows, readLease, type Lease } from './lease.ts';

function target() {
  const runs = new Map<string, Set<(event: { readonly isTrusted: boolean }) => void>>();
  const made: ActTarget = {
    addEventListener: (type, run) => {
      runs.set(type, (runs.get(type) ?? new Set()).add(run));
    },
    removeEventListener: (type, run) => {
      runs.get(type)?.delete(run);
    },
  };
  return {
    made,
    act: (type: string, isTrusted = true) => {
      for (const run of runs.get(type) ?? []) run({ isTrusted });
    },
  };
}

describe('watchIdle', () => {
  it('locks after the time without an act, and only a person’s act counts', async () => {
    const { made, act } = target();
    const time = testTimers();
    let locks = 0;
    watchIdle(made, time.timers, time.now, 300_000, () => (locks += 1));
    await time.pass(200_000);
    act('keydown');
    await time.pass(200_000);
    expect(locks).toBe(0);
    act('pointermove', false);
    await time.pass(100_000);
    expect(locks).toBe(1);
  });

  it('ends', async () => {
    const { made } = target();
    const time = testTimers();
    let locks = 0;
    const end = watchIdle(made, time.timers, time.now, 300_000, () => (locks += 1));
    end();
    await time.pass(600_000);
    expect(locks).toBe(0);
  });
});

describe('lease', () => {
  const lease: Lease = {
    user: {
      id: '0190a0a0-0000-7000-8000-000000000001',
      user: 'anna',
      name: 'Anna',
      role: 'reception',
      siteIds: [],
    },
    refreshToken: null,
    offlineUntil: '2026-11-24T10:00:00.000Z',
    serverTime: '2026-11-21T10:00:00.000Z',
    offsetMs: 60_000,
    epoch: 'e',
  };
  const at = (instant: string) => leaseAllows(lease, Date.parse(instant));

  it('holds until its end by the corrected clock, and not before the time it was given', () => {
    expect(at('2026-11-24T09:58:59.000Z')).toBe('open');
    expect(at('2026-11-24T09:59:01.000Z')).toBe('leaseExpired');
    expect(at('2026-11-21T09:54:01.000Z')).toBe('open');
    expect(at('2026-11-21T09:53:59.000Z')).toBe('clockSkew');
  });

  it('is shortened by the policy of the machine, and never made longer by it', () => {
    const day = 86_400_000;
    const within = (days: number, instant: string) => leaseAllows(lease, Date.parse(instant), days * day);
    expect(within(1, '2026-11-22T09:58:59.000Z')).toBe('open');
    expect(within(1, '2026-11-22T09:59:01.000Z')).toBe('leaseExpired');
    expect(within(14, '2026-11-24T09:59:01.000Z')).toBe('leaseExpired');
  });

  it('is read only whole', () => {
    expect(readLease(JSON.stringify(lease))).toEqual(lease);
    expect(readLease(JSON.stringify({ ...lease, user: null }))).toBeNull();
    expect(readLease('{')).toBeNull();
    expect(readLease(null)).toBeNull();
  });
});
