/**
 * The notation of shortcuts: `Ctrl+K`, `Shift+F6`, `Escape`, `/`, `R`. Letters and digits are written as on the
 * key cap; they match the letter that the layout types or, on a layout of another script, the key's place.
 */

export interface KeyPress {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly key: string;
}

/** The part of a KeyboardEvent that is looked at. */
export interface KeyEventLike {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  getModifierState?(key: string): boolean;
}

export function parseKeys(keys: string): KeyPress {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const modifiers = new Set(parts.slice(0, -1));
  return { ctrl: modifiers.has('Ctrl'), shift: modifiers.has('Shift'), alt: modifiers.has('Alt'), key };
}

/** A shortcut without Ctrl or Alt that types a character: it must give way to typing and can be switched off. */
export function isSingleKey(keys: string): boolean {
  const press = parseKeys(keys);
  return !press.ctrl && !press.alt && press.key.length === 1;
}

const MODIFIERS = new Set(['Ctrl', 'Shift', 'Alt']);
/** Keys of screen readers: NVDA and JAWS use Insert or Caps Lock as their own modifier. */
const READER_KEYS = new Set(['Insert', 'CapsLock', 'ScrollLock', 'NumLock']);
/** Taken by the system; a program never sees them or must not. */
const SYSTEM = new Set([
  'Ctrl+Shift+Escape',
  'Ctrl+Escape',
  'Alt+F4',
  'Alt+Tab',
  'Alt+Escape',
  'F10',
  'Shift+F10',
]);

/**
 * Why a shortcut may not be used, or `null`. Ctrl+Alt is AltGr: on Latvian layouts it types ā č ē ģ ī ķ ļ ņ š ū ž;
 * the apostrophe and the backtick are dead keys there.
 */
export function forbiddenReason(keys: string): string | null {
  const parts = keys.split('+');
  const press = parseKeys(keys);
  if (press.key === '') return 'empty';
  if (parts.slice(0, -1).some((part) => !MODIFIERS.has(part))) return 'unknown modifier';
  if (press.ctrl && press.alt) return 'AltGr types Latvian letters';
  if (SYSTEM.has(keys)) return 'taken by the system';
  if (READER_KEYS.has(press.key)) return 'taken by screen readers';
  if (press.key === "'" || press.key === '`') return 'dead key on Latvian layouts';
  return null;
}

/** True when the event is this press. AltGr never matches anything. */
export function matchesKeys(event: KeyEventLike, keys: string): boolean {
  const press = parseKeys(keys);
  if (event.metaKey || event.getModifierState?.('AltGraph') === true) return false;
  if (event.ctrlKey !== press.ctrl || event.altKey !== press.alt) return false;
  const letter = /^[A-Z]$/.test(press.key);
  const digit = /^[0-9]$/.test(press.key);
  // Punctuation stands behind Shift on some layouts and not on others: the sign counts, not how it is typed.
  if (event.shiftKey !== press.shift && (letter || digit || press.key.length > 1)) return false;
  if (event.key.toUpperCase() === press.key.toUpperCase()) return true;
  if (digit) return event.code === `Digit${press.key}` || event.code === `Numpad${press.key}`;
  // On a Cyrillic or Greek layout no key types a Latin letter; there the place of the key decides.
  return letter && !/^[\x20-\x7e\u00c0-\u024f]$/.test(event.key) && event.code === `Key${press.key}`;
}
