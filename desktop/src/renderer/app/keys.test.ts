import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forbiddenReason, isSingleKey, type KeyEventLike, matchesKeys } from './keyNotation.ts';
import {
  allCommands,
  availableCommands,
  type Command,
  commandFor,
  type KeyContext,
  registerCommands,
  setSingleKeys,
  shownKeys,
} from './keys.svelte.ts';

const press = (keys: string, change: Partial<KeyEventLike> = {}): KeyEventLike => {
  const parts = keys.split('+');
  const key = parts.at(-1)!;
  return {
    key: /^[A-Z]$/.test(key) && !parts.includes('Shift') ? key.toLowerCase() : key,
    code: /^[A-Z]$/.test(key) ? `Key${key}` : key,
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: false,
    ...change,
  };
};
const free: KeyContext = { editing: false, dialog: false, typing: false };
const command = (id: string, keys: string[], change: Partial<Command> = {}): Command => ({
  id,
  title: () => id,
  group: 'work',
  keys,
  run: () => undefined,
  ...change,
});

describe('forbidden shortcuts', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  it.each([
    ...letters.map((letter) => `Ctrl+Alt+${letter}`),
    ...letters.map((letter) => `Ctrl+Alt+Shift+${letter}`),
    'Ctrl+Shift+Escape',
    'Alt+F4',
    'F10',
    'Insert',
    'Shift+Insert',
    'CapsLock',
    "'",
    '`',
    'Meta+K',
    '',
  ])('%s is refused', (keys) => {
    expect(forbiddenReason(keys)).not.toBeNull();
    expect(() => registerCommands([command('x', [keys])])).toThrowError(
      expect.objectContaining({ code: 'forbidden-keys' }),
    );
    expect(allCommands()).toEqual([]);
  });

  it.each(['Ctrl+K', '/', 'F3', 'Shift+F6', 'Ctrl+Enter', 'Escape', 'R', 'Alt+N', 'Ctrl+1'])(
    '%s is allowed',
    (keys) => {
      expect(forbiddenReason(keys)).toBeNull();
    },
  );
});

describe('what a press matches', () => {
  it('asks for exactly the modifiers that are named', () => {
    expect(matchesKeys(press('Ctrl+K'), 'Ctrl+K')).toBe(true);
    expect(matchesKeys(press('Ctrl+Shift+K'), 'Ctrl+K')).toBe(false);
    expect(matchesKeys(press('K'), 'Ctrl+K')).toBe(false);
    expect(matchesKeys(press('Shift+F6'), 'F6')).toBe(false);
  });
  it('takes nothing that AltGr types', () => {
    const altGr = press('Ctrl+Alt+K', { key: 'ķ', getModifierState: (name) => name === 'AltGraph' });
    expect(matchesKeys(altGr, 'Ctrl+K')).toBe(false);
    expect(matchesKeys(press('N', { getModifierState: (name) => name === 'AltGraph' }), 'N')).toBe(false);
  });
  it('finds the key by its place where the layout has no Latin letters', () => {
    expect(matchesKeys(press('Ctrl+K', { key: 'л' }), 'Ctrl+K')).toBe(true);
    expect(matchesKeys(press('Ctrl+K', { key: 'ķ' }), 'Ctrl+K')).toBe(false);
    expect(matchesKeys(press('Ctrl+Z', { key: 'y', code: 'KeyZ' }), 'Ctrl+Z')).toBe(false);
  });
  it('takes a sign however it is typed, and digits of both rows', () => {
    expect(matchesKeys(press('/', { shiftKey: true, code: 'Digit7' }), '/')).toBe(true);
    expect(matchesKeys(press('Ctrl+1', { key: '!', code: 'Digit1' }), 'Ctrl+1')).toBe(true);
    expect(matchesKeys(press('Ctrl+1', { code: 'Numpad1' }), 'Ctrl+1')).toBe(true);
  });
  it('knows the single keys', () => {
    expect(['R', '/', 'Shift+R'].map(isSingleKey)).toEqual([true, true, true]);
    expect(['F3', 'Ctrl+R', 'Escape', 'Alt+N'].map(isSingleKey)).toEqual([false, false, false, false]);
  });
});

describe('the registry', () => {
  let remove: (() => void)[] = [];
  const add = (...commands: Command[]) => remove.push(registerCommands(commands));
  beforeEach(() => setSingleKeys(true));
  afterEach(() => {
    for (const take of remove) take();
    remove = [];
  });

  it('gives a shortcut to the last one registered and back when that one goes', () => {
    add(command('shell.print', ['Ctrl+P']));
    const gone = registerCommands([command('screen.print', ['Ctrl+P'])]);
    expect(commandFor(press('Ctrl+P'), free)?.id).toBe('screen.print');
    gone();
    expect(commandFor(press('Ctrl+P'), free)?.id).toBe('shell.print');
  });
  it('passes over what cannot be done now', () => {
    add(command('shell', ['Ctrl+P']), command('screen', ['Ctrl+P'], { when: () => false }));
    expect(commandFor(press('Ctrl+P'), free)?.id).toBe('shell');
    expect(availableCommands().map((entry) => entry.id)).toEqual(['shell']);
  });
  it('lets text be typed', () => {
    add(
      command('checkin', ['R']),
      command('search', ['/', 'F3']),
      command('undo', ['Ctrl+Z'], { inFields: false }),
    );
    const editing = { ...free, editing: true };
    expect(commandFor(press('R'), free)?.id).toBe('checkin');
    expect(commandFor(press('R'), editing)).toBeUndefined();
    expect(commandFor(press('/'), editing)).toBeUndefined();
    expect(commandFor(press('F3'), editing)?.id).toBe('search');
    expect(commandFor(press('Ctrl+Z'), editing)).toBeUndefined();
    expect(commandFor(press('R'), { ...free, typing: true })).toBeUndefined();
  });
  it('keeps quiet behind an open dialog', () => {
    add(command('new', ['Ctrl+N']), command('lock', ['Ctrl+L'], { inDialogs: true }));
    const dialog = { ...free, dialog: true };
    expect(commandFor(press('Ctrl+N'), dialog)).toBeUndefined();
    expect(commandFor(press('Ctrl+L'), dialog)?.id).toBe('lock');
  });
  it('switches single letters off, in use and in print, but not the search sign', () => {
    const checkin = command('checkin', ['R', 'Ctrl+I']);
    add(checkin, command('search', ['/']));
    setSingleKeys(false);
    expect(commandFor(press('R'), free)).toBeUndefined();
    expect(shownKeys(checkin)).toBe('Ctrl+I');
    expect(commandFor(press('/'), free)?.id).toBe('search');
  });
});
