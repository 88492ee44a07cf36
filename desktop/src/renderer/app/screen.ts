import type { Component } from 'svelte';
import type { Icon } from '../ui/icon.ts';
import type { RoleId, SessionUser } from './context.ts';

/** What a screen's component receives. */
export interface ScreenProps {
  /** The parts of the path behind a colon: `/klienti/:id` gives `id`. Opaque ids, never personal data. */
  readonly params: Readonly<Record<string, string>>;
}

/** A place of the program. Modules list theirs in `modules/<area>/screens.ts`; `app/screens.ts` puts them together. */
export interface ScreenDefinition {
  readonly id: string;
  /** `/sodien`, or with one part to fill `/klienti/:id`. */
  readonly route: string;
  /** Title of the window and of the rail; without personal data. */
  readonly title: () => string;
  readonly icon: Icon;
  /** Where it stands in the rail: the daily work, below the line, or nowhere (reached from another screen). */
  readonly rail: 'main' | 'lower' | 'none';
  /** Whom it is shown to. A hint for the eye: rights are kept by the data layer and by the service. */
  readonly visible: (user: SessionUser) => boolean;
  /** Roles whose day begins here. */
  readonly startFor?: readonly RoleId[] | undefined;
  /** Takes the whole work area, without the shell's padding and scrolling, as every screen does by default. */
  readonly load: () => Promise<{ readonly default: Component<ScreenProps> | Component }>;
}

/** `visible` for screens of certain roles. */
export function forRoles(...roles: readonly RoleId[]): (user: SessionUser) => boolean {
  return (user) => user.roles.some((role) => roles.includes(role));
}

/** `visible` for screens of everybody. */
export function forEverybody(): boolean {
  return true;
}
