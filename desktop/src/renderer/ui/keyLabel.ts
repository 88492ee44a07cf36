const SHOWN: Readonly<Record<string, string>> = {
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Delete: 'Del',
};

/** `Ctrl+Enter` as it is printed on a key hint: `Ctrl Enter`. */
export function keyLabel(keys: string): string {
  return keys
    .split('+')
    .map((part) => SHOWN[part] ?? part)
    .join(' ');
}

/** `Ctrl+K` as `aria-keyshortcuts` wants it: `Control+K` (WAI-ARIA 1.2). */
export function ariaKeys(keys: string): string {
  return keys
    .split('+')
    .map((part) => (part === 'Ctrl' ? 'Control' : part))
    .join('+');
}
