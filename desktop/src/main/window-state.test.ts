import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readWindowState, restoreState, writeWindowState } from './window-state.ts';

const main = { x: 0, y: 0, width: 1920, height: 1040 };
const left = { x: -1280, y: 0, width: 1280, height: 1024 };

function at(x: number, y: number, width = 1200, height = 800) {
  return { bounds: { x, y, width, height }, maximized: false };
}

it('puts the first window in the middle of the main screen', () => {
  expect(restoreState(undefined, [main]).bounds).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
  const small = { x: 0, y: 0, width: 1366, height: 728 };
  expect(restoreState(undefined, [small]).bounds).toEqual(small);
});

it('keeps a place that can be reached, also on the second screen', () => {
  expect(restoreState(at(100, 50), [main, left])).toEqual(at(100, 50));
  expect(restoreState(at(-1200, 10), [main, left])).toEqual(at(-1200, 10));
});

it.each([at(-1200, 10), at(5000, 10), at(100, 1030), at(100, -40), at(-1150, 10)])(
  'brings back a window nobody could reach: %j',
  (saved) => {
    expect(restoreState(saved, [main]).bounds).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
  },
);

it('is neither larger than the screen nor smaller than its content', () => {
  expect(restoreState(at(0, 0, 4000, 3000), [main]).bounds).toEqual(main);
  expect(restoreState(at(0, 0, 200, 100), [main]).bounds).toMatchObject({ width: 1024, height: 700 });
});

it('remembers, and forgets what is damaged', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-window-'));
  expect(readWindowState(folder)).toBeUndefined();
  writeWindowState(folder, at(1, 2));
  expect(readWindowState(folder)).toEqual(at(1, 2));
  writeFileSync(path.join(folder, 'window.json'), '{"bounds":1}');
  expect(readWindowState(folder)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
