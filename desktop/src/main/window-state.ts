import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LIMITS } from './limits.ts';

const rectangle = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
});
export type Rectangle = z.infer<typeof rectangle>;

const schema = z.strictObject({ bounds: rectangle, maximized: z.boolean() });
/** Where the window was and whether it filled the screen. */
export type WindowState = z.infer<typeof schema>;

/** This much of the title bar must be on a screen, or the window could not be dragged back. */
const GRIP = { width: 120, height: 32 };

function isReachable(bounds: Rectangle, area: Rectangle): boolean {
  const shared = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const top = bounds.y >= area.y && bounds.y + GRIP.height <= area.y + area.height;
  return shared >= GRIP.width && top;
}

/**
 * Fits a remembered window to the screens of today.
 * @param saved from the last time, if anything usable
 * @param areas work areas of the screens, the main one first
 * @returns the remembered place when its title bar can be reached, a place in the main screen otherwise;
 *   never larger than the screen it is on
 */
export function restoreState(
  saved: WindowState | undefined,
  areas: readonly [Rectangle, ...Rectangle[]],
): WindowState {
  const area = saved && areas.find((a) => isReachable(saved.bounds, a));
  if (saved === undefined || area === undefined) {
    const [main] = areas;
    const width = Math.min(1_440, main.width);
    const height = Math.min(900, main.height);
    const x = main.x + Math.floor((main.width - width) / 2);
    const y = main.y + Math.floor((main.height - height) / 2);
    return { bounds: { x, y, width, height }, maximized: saved?.maximized ?? false };
  }
  const width = Math.min(Math.max(saved.bounds.width, LIMITS.windowWidth), area.width);
  const height = Math.min(Math.max(saved.bounds.height, LIMITS.windowHeight), area.height);
  return { bounds: { ...saved.bounds, width, height }, maximized: saved.maximized };
}

function fileOf(folder: string): string {
  return path.join(folder, 'window.json');
}

/** @returns undefined when nothing usable is there */
export function readWindowState(folder: string): WindowState | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Written at once, because the program ends right after; a file cut short is as none.
 * @throws the file system's error
 */
export function writeWindowState(folder: string, state: WindowState): void {
  writeFileSync(fileOf(folder), `${JSON.stringify(state)}\n`, { mode: 0o600 });
}
