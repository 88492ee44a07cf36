import { describe, expect, it } from 'vitest';
import { leaseAllows, leaseEnded, leaseSeen, readLease, type Lease } from './lease.ts';

const ID = '0190a0a0-0000-7000-8000-000000000001';
const lease: Lease = {
  user: { id: ID, user: 'anna', name: 'Anna', role: 'reception', siteIds: [] },
  refreshToken: null,
  offline: {
    userId: ID,
    deviceId: ID,
    issuedAt: '2026-11-21T10:00:00.000Z',
    until: '2026-11-24T10:00:00.000Z',
    signature: 'AAAA',
  },
  offsetMs: 60_000,
  epoch: 'e',
};
const at = (instant: string, most?: number) => leaseAllows(lease, Date.parse(instant), most).state;

describe('lease', () => {
  it('holds until its end, and not before the time at which the service gave it', () => {
    expect(at('2026-11-24T09:59:59.000Z')).toBe('open');
    expect(at('2026-11-24T10:00:01.000Z')).toBe('leaseExpired');
    expect(at('2026-11-21T09:55:01.000Z')).toBe('open');
    expect(at('2026-11-21T09:54:59.000Z')).toBe('clockSkew');
    expect(leaseAllows(leaseEnded(lease), Date.parse('2026-11-21T10:00:00.000Z')).state).toBe('leaseExpired');
  });

  it('shows only in its last eight hours', () => {
    const ending = (instant: string) => {
      const answer = leaseAllows(lease, Date.parse(instant));
      return answer.state === 'open' && answer.ending;
    };
    expect(ending('2026-11-24T01:59:59.000Z')).toBe(false);
    expect(ending('2026-11-24T02:00:01.000Z')).toBe(true);
  });

  it('is shortened by the policy of the machine, and never made longer by it', () => {
    const day = 86_400_000;
    expect(at('2026-11-22T09:59:59.000Z', day)).toBe('open');
    expect(at('2026-11-22T10:00:01.000Z', day)).toBe('leaseExpired');
    expect(at('2026-11-24T10:00:01.000Z', 14 * day)).toBe('leaseExpired');
  });

  it('remembers the latest time that the desk has seen', () => {
    const clock = (instant: string) => ({ now: () => Date.parse(instant), offsetMs: 5 });
    const seen = leaseSeen(lease, clock('2026-11-23T10:00:00.000Z'));
    expect(leaseSeen(seen, clock('2026-11-22T10:00:00.000Z'))).toEqual(seen);
    expect(leaseAllows(seen, Date.parse('2026-11-23T09:54:00.000Z')).state).toBe('clockSkew');
  });

  it('is read only whole', () => {
    expect(readLease(JSON.stringify(lease))).toEqual(lease);
    expect(readLease(JSON.stringify({ ...lease, user: null }))).toBeNull();
    expect(readLease(JSON.stringify({ ...lease, offline: {} }))).toBeNull();
    expect(readLease('{')).toBeNull();
    expect(readLease(null)).toBeNull();
  });
});
