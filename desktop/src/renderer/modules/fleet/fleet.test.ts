import { describe, expect, it } from 'vitest';
import type { DeviceView, UserView } from '@sivis/shared/protocol/messages/administration.ts';
import { createDesk } from '../../data/desk/desk.ts';
import { testStore } from '../../data/desk/testStore.ts';
import { firstAdminToken } from './firstAdminToken.ts';
import { devicesOf, isStale, usersOf } from './fleetLists.ts';
import { makePassword, passwordTooShort } from './password.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const device = (name: string, over: Partial<DeviceView> = {}): DeviceView => ({
  id: name,
  name,
  createdAt: '2026-01-10T08:00:00.000Z',
  lastSeenAt: '2026-11-21T07:00:00.000Z',
  lastUserId: null,
  lastUserName: null,
  appVersion: '0.1.0',
  revoked: false,
  erase: null,
  ...over,
});
const user = (name: string, over: Partial<UserView> = {}): UserView => ({
  id: name,
  user: name,
  name,
  role: 'reception',
  siteIds: ['s1'],
  disabled: false,
  createdAt: '2026-01-10T08:00:00.000Z',
  lastSignInAt: null,
  totp: false,
  ...over,
});
import { siteIds, siteName } from './siteName.ts';

describe('workstations', () => {
  it('are stale after a week, unless revoked; a new one that never came counts from its making', () => {
    expect(isStale(device('a'), NOW)).toBe(false);
    expect(isStale(device('a', { lastSeenAt: '2026-11-10T08:00:00.000Z' }), NOW)).toBe(true);
    expect(isStale(device('a', { lastSeenAt: null }), NOW)).toBe(true);
    expect(isStale(device('a', { lastSeenAt: null, revoked: true }), NOW)).toBe(false);
  });

  it('are listed by name in Latvian order', () => {
    const all = [device('Žurnāls'), device('Ārsti', { revoked: true }), device('Virtuve')];
    expect(devicesOf(all, 'all', NOW).map(({ name }) => name)).toEqual(['Ārsti', 'Virtuve', 'Žurnāls']);
    expect(devicesOf(all, 'revoked', NOW)).toHaveLength(1);
    expect(devicesOf(all, 'stale', NOW)).toHaveLength(0);
  });
});

describe('users', () => {
  it('are listed by state', () => {
    const all = [user('b'), user('a', { disabled: true, siteIds: ['s2'] })];
    expect(usersOf(all, 'active').map(({ id }) => id)).toEqual(['b']);
    expect(usersOf(all, 'disabled').map(({ id }) => id)).toEqual(['a']);
  });

  it('belong to sites that are called by name, in the order of names', () => {
    const site = (id: string, name: string) =>
      ({ kind: 'site', id, siteId: id, fields: { name, code: '', order: 0 } }) as const;
    const desk = createDesk(testStore([site('s1', 'Dubulti'), site('s2', 'Ādaži'), site('s3', 'Bulduri')]));
    expect(siteIds(desk)).toEqual(['s2', 's3', 's1']);
    expect(siteName(desk, 's2')).toBe('Ādaži');
    expect(siteName(desk, 's9')).toBe('vēl nav saņemts');
  });
});

describe('passwords', () => {
  it('are made of four groups of clear signs', () => {
    const made = makePassword((bytes) => crypto.getRandomValues(bytes));
    expect(made).toMatch(/^[a-km-np-zA-HJ-NP-Z2-9]{4}(-[a-zA-HJ-NP-Z2-9]{4}){3}$/);
    expect(passwordTooShort(made)).toBe(false);
  });

  it('throws bytes away that would favour the first signs', () => {
    let turn = 0;
    const made = makePassword((bytes) => bytes.fill(turn++ === 0 ? 255 : 0));
    expect(made).toBe('aaaa-aaaa-aaaa-aaaa');
    expect(turn).toBe(2);
  });

  it('need twelve characters, not bytes', () => {
    expect(passwordTooShort('āčēģīķļņšūž')).toBe(true);
    expect(passwordTooShort('āčēģīķļņšūžā')).toBe(false);
  });
});

describe('the address of the first administrator', () => {
  it('gives the token, and only in its own form', () => {
    expect(firstAdminToken('#/pirmais/abcdefghij_klmnop-qrstuv')).toBe('abcdefghij_klmnop-qrstuv');
    expect(firstAdminToken('#/pirmais')).toBeNull();
    expect(firstAdminToken('#/klienti/abcdefghij_klmnop-qrstuv')).toBeNull();
  });
});
