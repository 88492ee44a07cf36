import type { RoleId, SessionUser } from './context.ts';
import type { ScreenDefinition } from './screen.ts';

export interface RouteMatch {
  readonly screen: ScreenDefinition;
  readonly params: Readonly<Record<string, string>>;
}

/** `#/klienti/0190…` → `/klienti/0190…`; anything else → `/`. */
export function pathOf(hash: string): string {
  return hash.startsWith('#/') ? hash.slice(1) : '/';
}

/** The screen of a path, the more literal route first, or `null`. */
export function matchRoute(screens: readonly ScreenDefinition[], path: string): RouteMatch | null {
  const parts = path.split('/').filter((part) => part !== '');
  let best: RouteMatch | null = null;
  for (const screen of screens) {
    const wanted = screen.route.split('/').filter((part) => part !== '');
    if (wanted.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((part, at) => {
      const given = parts[at] ?? '';
      if (!part.startsWith(':')) return part === given;
      const value = decode(given);
      if (value === null) return false;
      params[part.slice(1)] = value;
      return true;
    });
    if (fits && (best === null || Object.keys(params).length < Object.keys(best.params).length)) {
      best = { screen, params };
    }
  }
  return best;
}

/** The path one step up (`/klienti/0190…` → `/klienti`), or `null` at the top. */
export function parentPath(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.length < 2 ? null : `/${parts.slice(0, -1).join('/')}`;
}

/** The most of one rail: more than eight and nobody reads it, and the keys end at Ctrl+8. */
export const RAIL_MAX = 8;

/** The rail of a person: the daily screens first, then those below the line, eight at most. */
export function railOf(screens: readonly ScreenDefinition[], user: SessionUser): readonly ScreenDefinition[] {
  const mine = screens.filter((screen) => screen.rail !== 'none' && screen.visible(user));
  const sorted = [
    ...mine.filter((screen) => screen.rail === 'main'),
    ...mine.filter((screen) => screen.rail === 'lower'),
  ];
  return sorted.slice(0, RAIL_MAX);
}

/** Where a person's day begins: the first screen made for one of the roles, otherwise the first of the rail. */
export function startScreen(
  screens: readonly ScreenDefinition[],
  user: SessionUser,
): ScreenDefinition | undefined {
  const rail = railOf(screens, user);
  const startsFor = (role: RoleId) => rail.find((screen) => screen.startFor?.includes(role));
  return user.roles.map(startsFor).find((screen) => screen !== undefined) ?? rail[0];
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
