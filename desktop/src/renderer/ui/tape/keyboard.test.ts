import { describe, expect, it } from 'vitest';
import { commandOf, moveCursor, walkOf } from './keyboard.ts';
import type { CursorStep, KeyLike, TapeCursor, WalkView } from './keyboard.ts';
import type { TapeRow } from './model.ts';

const key = (name: string, more: Partial<KeyLike> = {}): KeyLike => ({
  key: name,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('commandOf', () => {
  it('reads the keys of the chart', () => {
    expect(commandOf(key('ArrowLeft'))).toEqual({ kind: 'step', step: 'left' });
    expect(commandOf(key('ArrowLeft', { ctrlKey: true }))).toEqual({ kind: 'step', step: 'weekBack' });
    expect(commandOf(key('M', { shiftKey: true }))).toEqual({ kind: 'move' });
    expect(commandOf(key('['))).toEqual({ kind: 'resize', end: 'end', days: -1 });
    expect(commandOf(key('F10', { shiftKey: true }))).toEqual({ kind: 'menu' });
    expect(commandOf(key('+'))).toEqual({ kind: 'zoom', step: -1 });
  });

  it('reads letters by their place on a layout that is not Latin', () => {
    expect(commandOf(key('ь', { code: 'KeyM' }))).toEqual({ kind: 'move' });
    expect(commandOf(key('х', { code: 'BracketLeft' }))).toEqual({ kind: 'resize', end: 'end', days: -1 });
  });

  it('leaves other keys to others', () => {
    for (const other of [
      key('ArrowLeft', { altKey: true }),
      key('k', { ctrlKey: true }),
      key('F10'),
      key('q'),
      key('Tab'),
      key('ž', { code: 'KeyM' }),
    ]) {
      expect(commandOf(other)).toBeNull();
    }
  });
});

describe('moveCursor', () => {
  const bed = (id: string): TapeRow => ({ id, kind: 'bed', label: id });
  const group = (id: string): TapeRow => ({ id, kind: 'group', label: id });
  const walk = walkOf(
    [group('g1'), bed('a'), bed('b'), group('g2'), bed('c'), bed('d')],
    [{ id: 'lane', kind: 'lane', label: 'lane' }],
  );
  const view: WalkView = { days: { first: 100, count: 50 }, today: 121, page: 3, chips: () => 2 };
  const go = (start: TapeCursor, ...steps: CursorStep[]) =>
    steps.reduce((cursor, name) => moveCursor(walk, cursor, name, view), start);
  const start = { rowId: 'a', day: 120, slot: 0 };

  it('walks over beds and steps over group headings', () => {
    expect(go(start, 'down', 'down')).toEqual({ rowId: 'c', day: 120, slot: 0 });
    expect(go(start, 'up')).toEqual(start);
    expect(go(start, 'right', 'weekOn', 'left')).toMatchObject({ rowId: 'a', day: 127 });
  });

  it('stays inside the days', () => {
    expect(go(start, 'rowStart', 'weekBack').day).toBe(100);
    expect(go(start, 'rowEnd', 'right').day).toBe(149);
    expect(go(start, 'gridEnd', 'today')).toEqual({ rowId: 'd', day: 121, slot: 0 });
    expect(go(start, 'gridEnd', 'gridStart')).toEqual({ rowId: 'a', day: 100, slot: 0 });
  });

  it('jumps by group: to the own start first, then to the one before', () => {
    expect(go(start, 'groupDown').rowId).toBe('c');
    expect(go({ ...start, rowId: 'd' }, 'groupUp').rowId).toBe('c');
    expect(go({ ...start, rowId: 'd' }, 'groupUp', 'groupUp').rowId).toBe('a');
    expect(go({ ...start, rowId: 'd' }, 'groupDown').rowId).toBe('lane');
    expect(go({ ...start, rowId: 'lane' }, 'groupUp').rowId).toBe('c');
  });

  it('pages over beds and does not page into a lane', () => {
    expect(go(start, 'pageDown', 'pageDown').rowId).toBe('d');
    expect(go(start, 'gridEnd', 'pageUp').rowId).toBe('a');
  });

  it('walks along the chips of a lane and comes back to its column', () => {
    const lane = go({ ...start, rowId: 'd' }, 'down', 'right', 'right');
    expect(lane).toEqual({ rowId: 'lane', day: 120, slot: 1 });
    expect(go(lane, 'up')).toEqual({ rowId: 'd', day: 120, slot: 0 });
  });

  it('finds its way when the row has gone, and stays when there are none', () => {
    expect(go({ ...start, rowId: 'gone' }, 'right')).toEqual({ rowId: 'a', day: 121, slot: 0 });
    expect(moveCursor(walkOf([], []), start, 'down', view)).toEqual(start);
  });
});
