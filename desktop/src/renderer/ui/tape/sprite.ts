/** Icons are drawn once and referred to: a bar with a sign then costs one `use`, not a component of its own. */
import type { LucideIcon } from '@lucide/svelte';
import type { TapeBar, TapeMark, TapeRow } from './model.ts';

/** Icon → id of its drawing in the page. */
export type Sprite = ReadonlyMap<LucideIcon, string>;

/** The icons that rows and bars use, and those the chart needs itself, each with an id that starts with `prefix`. */
export function spriteOf(
  prefix: string,
  own: readonly LucideIcon[],
  rows: readonly TapeRow[],
  bars: readonly TapeBar[],
): Sprite {
  const sprite = new Map<LucideIcon, string>();
  const add = (icon: LucideIcon | undefined): void => {
    if (icon && !sprite.has(icon)) sprite.set(icon, `${prefix}-i${sprite.size}`);
  };
  const addAll = (marks: readonly TapeMark[] | undefined): void => {
    if (marks) for (const mark of marks) add(mark.icon);
  };
  own.forEach(add);
  for (const row of rows) addAll(row.marks);
  for (const bar of bars) addAll(bar.icons);
  return sprite;
}
