import { describe, expect, it } from 'vitest';
import type { Icon } from '../ui/icon.ts';
import type { RoleId, SessionUser } from './context.ts';
import { matchRoute, parentPath, pathOf, RAIL_MAX, railOf, startScreen } from './routes.ts';
import { forEverybody, forRoles, type ScreenDefinition } from './screen.ts';

const icon: Icon = () => ({});
const screen = (id: string, route: string, change: Partial<ScreenDefinition> = {}): ScreenDefinition => ({
  id,
  route,
  title: () => id,
  icon,
  rail: 'main',
  visible: forEverybody,
  load: () => Promise.reject(new Error('not loaded in this test')),
  ...change,
});
const user = (...roles: RoleId[]): SessionUser => ({ id: 'u', displayName: 'Lietotājs', roles });

describe('routes', () => {
  const screens = [
    screen('client', '/klienti/:id', { rail: 'none' }),
    screen('clients', '/klienti'),
    screen('new', '/klienti/jauns'),
  ];
  it('reads the path of the hash', () => {
    expect(pathOf('#/sodien')).toBe('/sodien');
    expect(pathOf('')).toBe('/');
    expect(pathOf('#fragment')).toBe('/');
  });
  it('finds the screen and its parameters, the literal route first', () => {
    expect(matchRoute(screens, '/klienti')?.screen.id).toBe('clients');
    expect(matchRoute(screens, '/klienti/0190-a')).toMatchObject({
      screen: { id: 'client' },
      params: { id: '0190-a' },
    });
    expect(matchRoute(screens, '/klienti/jauns')?.screen.id).toBe('new');
    expect(matchRoute(screens, '/klienti/%E0%A4%A')).toBeNull();
    expect(matchRoute(screens, '/nekas')).toBeNull();
  });
  it('goes one step up', () => {
    expect(parentPath('/klienti/0190-a')).toBe('/klienti');
    expect(parentPath('/klienti')).toBeNull();
  });
});

describe('the rail', () => {
  it('shows what the role may see, the daily work first, eight at most', () => {
    const screens = [
      screen('audit', '/auditacija', { rail: 'lower', visible: forRoles('auditor') }),
      screen('today', '/sodien', { visible: forRoles('reception') }),
      ...Array.from({ length: 12 }, (_, at) => screen(`s${at}`, `/s${at}`)),
    ];
    expect(railOf(screens, user('reception'))).toHaveLength(RAIL_MAX);
    expect(railOf(screens, user('reception'))[0]?.id).toBe('today');
    expect(railOf(screens.slice(0, 3), user('auditor')).map((entry) => entry.id)).toEqual(['s0', 'audit']);
  });
  it('begins where the role begins', () => {
    const screens = [
      screen('clients', '/klienti'),
      screen('today', '/sodien', { startFor: ['reception', 'dutyManager'] }),
    ];
    expect(startScreen(screens, user('reception'))?.id).toBe('today');
    expect(startScreen(screens, user('specialist'))?.id).toBe('clients');
    expect(startScreen([], user('it'))).toBeUndefined();
  });
});
