import { baseLocale, isLocale, type Locale, locales, overwriteGetLocale } from './generated/runtime.js';

export type { Locale };

let current = $state<Locale>(baseLocale);

// Messages read the locale through this state, so a template that calls one is drawn again when it changes:
// the language switches without a reload and without losing what is being typed.
overwriteGetLocale(() => current);

/** The languages a person can choose, in the order of the settings. */
export const languages: readonly Locale[] = locales;

/** The language of the page (BCP 47). Reactive. */
export function currentLocale(): Locale {
  return current;
}

/** Switches the language of every message and of the document. An unknown tag changes nothing. */
export function switchLocale(tag: string): void {
  if (!isLocale(tag)) return;
  current = tag;
  if (typeof document !== 'undefined') document.documentElement.lang = tag;
}
