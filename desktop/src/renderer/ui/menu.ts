import type { Icon } from './icon.ts';

export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly icon?: Icon | undefined;
  /** The shortcut of the same command, shown at the end. */
  readonly keys?: string | undefined;
  readonly danger?: boolean;
  /** Why it cannot be done now; the item stays readable and does nothing. */
  readonly disabledReason?: string | undefined;
  readonly run: () => void;
}

export interface MenuGroup {
  readonly title?: string | undefined;
  readonly items: readonly MenuAction[];
}

/** A place on the screen (client coordinates, pixels) at which a menu opens. */
export interface MenuAnchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
