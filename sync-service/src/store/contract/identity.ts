import { describe, expect, it } from 'vitest';
import { SITES, USERS, testId } from '../contractWorld.ts';
import { DESK, type TestStores } from './testStores.ts';

/** Users, desks, sessions, and what waits for a supervisor. */
export function identityContract({ open }: TestStores): void {
  describe('identity', () => {
    it('keeps users, devices, sessions and attempts', async () => {
      const store = await open();
      const user = {
        id: USERS[0],
        user: 'anna',
        name: 'Anna',
        role: 'reception' as const,
        siteIds: [SITES[0]],
        passwordHash: 'x',
        disabled: false,
        createdAt: '2026-11-21T10:00:00.000Z',
        lastSignInAt: null,
      };
      const device = {
        id: DESK.deviceId,
        name: 'Galds',
        createdAt: user.createdAt,
        lastSeenAt: null,
        lastUserId: null,
        appVersion: '',
        revoked: false,
        keyThumbprint: 'k1',
      };
      const session = (at: number, deviceId = DESK.deviceId) => ({
        id: testId(40, at),
        userId: user.id,
        deviceId,
        refreshHash: `r${at}`,
        previousHash: at === 1 ? 'r0' : null,
        rotatedAt: user.createdAt,
        createdAt: user.createdAt,
        expiresAt: user.createdAt,
        revokedAt: null,
      });
      await store.write(async (tx) => {
        await tx.putUser(user);
        await tx.putDevice(device);
        for (const at of [1, 2, 3])
          await tx.putSession(session(at, at === 3 ? testId(20, 2) : DESK.deviceId));
        await tx.addAttempt('account:a', 1_000);
        await tx.addAttempt('account:a', 2_000);
      });
      await expect(store.write((tx) => tx.putUser({ ...user, id: USERS[1] }))).rejects.toThrow();
      await store.read(async (tx) => {
        expect(await tx.userByName('anna')).toEqual(user);
        expect(await tx.user(user.id)).toEqual(user);
        expect(await tx.device(device.id)).toEqual(device);
        expect((await tx.sessionByRefresh('r0'))?.id).toBe(testId(40, 1));
        expect((await tx.sessionByRefresh('r2'))?.id).toBe(testId(40, 2));
        expect(await tx.attemptsSince('account:a', 1_500)).toBe(1);
      });
      expect(await store.write((tx) => tx.revokeDeviceSessions(testId(20, 2), user.createdAt))).toBe(1);
      expect(await store.write((tx) => tx.revokeSessions(user.id, user.createdAt, testId(40, 1)))).toBe(1);
      expect((await store.read((tx) => tx.session(testId(40, 1))))?.revokedAt).toBeNull();
      await store.write((tx) => tx.clearAttempts('account:a'));
      expect(await store.read((tx) => tx.attemptsSince('account:a', 0))).toBe(0);
    });

    it('keeps second factors, foreign identities and former rights', async () => {
      const store = await open();
      const [anna, other] = [testId(2, 1), testId(2, 2)];
      await store.write(async (tx) => {
        await tx.putTotp(anna, 'a');
        await tx.putTotp(anna, 'b');
        await tx.putTotp(other, 'c');
        await tx.putTotp(other, null);
        await tx.putIdentity('https://idp', 'sub', anna);
        for (const day of ['01', '03', '02'])
          await tx.addFormerRight(anna, {
            until: `2026-11-${day}`,
            role: 'reception',
            siteIds: [SITES[0]],
          });
      });
      await expect(store.write((tx) => tx.putIdentity('https://idp', 'sub', other))).rejects.toThrow();
      await store.read(async (tx) => {
        expect([await tx.totp(anna), await tx.totp(other), await tx.totpUsers()]).toEqual([
          'b',
          undefined,
          [anna],
        ]);
        expect(await tx.userIdByIdentity('https://idp', 'sub')).toBe(anna);
        expect(await tx.userIdByIdentity('https://other', 'sub')).toBeUndefined();
        expect((await tx.formerRights(anna)).map(({ until }) => until)).toEqual([
          '2026-11-03',
          '2026-11-02',
          '2026-11-01',
        ]);
      });
    });

    it('keeps edits that wait, by site and state, and what was decided', async () => {
      const store = await open();
      const row = (at: number, siteId: string) => ({
        id: testId(50, at),
        at: `2026-11-21T10:00:0${at}.000Z`,
        siteId,
        authorId: testId(2, 1),
        deviceId: testId(20, 1),
        source: 'push' as const,
        state: 'open' as const,
        rows: '[]',
        decidedBy: null,
        decidedAt: null,
        reason: '',
      });
      const first = row(1, SITES[0]);
      await store.write(async (tx) => {
        await tx.putQuarantine(first, [{ opId: 'o1', docId: 'd1' }]);
        await tx.putQuarantine(row(2, SITES[0]), [{ opId: 'o2', docId: 'd2' }]);
        await tx.putQuarantine(row(3, SITES[1]), []);
      });
      const ids = (open: boolean, sites: readonly string[] | null) =>
        store.read(async (tx) => (await tx.quarantineList(open, sites, 10)).map(({ id }) => id));
      expect(await ids(true, [SITES[0]])).toEqual([testId(50, 2), testId(50, 1)]);
      expect(await ids(true, [])).toEqual([]);
      expect(await store.read((tx) => tx.isQuarantined('d1', first.authorId))).toBe(true);
      expect(await store.read((tx) => tx.isQuarantined('d1', testId(2, 2)))).toBe(false);
      const decided = {
        ...first,
        state: 'accepted' as const,
        decidedBy: 'x',
        decidedAt: first.at,
        reason: 'r',
      };
      await store.write((tx) => tx.putQuarantine(decided, []));
      expect(await store.read((tx) => tx.isQuarantined('d1', first.authorId))).toBe(false);
      expect(await store.read((tx) => tx.quarantineOfOp('o1'))).toEqual(decided);
      expect([await ids(false, null), (await ids(true, null)).length]).toEqual([[testId(50, 1)], 2]);
    });

    it('keeps what is short-lived until its time is over or it was taken', async () => {
      const store = await open();
      const claim = (untilMs: number, nowMs: number) => store.shared.once('n', untilMs, nowMs);
      const claims = await Promise.all([claim(2_000, 1_000), claim(2_000, 1_000), claim(2_000, 1_000)]);
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect([await claim(3_000, 1_999), await claim(3_000, 2_000)]).toEqual([false, true]);
      expect(store.shared.generation()).not.toBe('');
      expect([await store.shared.count('c', 60_000), await store.shared.count('c', 60_000)]).toEqual([1, 2]);
      await store.write((tx) => tx.putShortLived('code', 'a', 5_000));
      await store.write((tx) => tx.putShortLived('code', 'b', 5_000));
      await store.write((tx) => tx.putShortLived('late', 'c', 5_000));
      expect(await store.write((tx) => tx.takeShortLived('code', 4_999))).toBe('b');
      expect(await store.write((tx) => tx.takeShortLived('code', 4_999))).toBeUndefined();
      expect(await store.write((tx) => tx.takeShortLived('late', 5_000))).toBeUndefined();
    });
  });
}
