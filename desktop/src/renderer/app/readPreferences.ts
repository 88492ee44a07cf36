import type { Locale } from '../i18n/locale.svelte.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'standard' | 'touch';

export interface Preferences {
  readonly theme: Theme;
  readonly density: Density;
  /** Commands on a single letter (R, I, P); off for those whose screen reader uses the letters. */
  readonly singleKeys: boolean;
  readonly locale: Locale;
}

export const defaultPreferences: Preferences = {
  theme: 'system',
  density: 'standard',
  singleKeys: true,
  locale: 'lv',
};
const themes: readonly string[] = ['system', 'light', 'dark'];
const densities: readonly string[] = ['compact', 'standard', 'touch'];

/** The choices in a kept text. Unknown or damaged parts take their default. */
export function readPreferences(text: string | null): Preferences {
  let raw: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) raw = parsed as Record<string, unknown>;
  } catch {
    // A damaged text is no reason to stop: the choices are made again in the settings.
  }
  const { theme, density, singleKeys, locale } = raw;
  return {
    theme: typeof theme === 'string' && themes.includes(theme) ? (theme as Theme) : defaultPreferences.theme,
    density:
      typeof density === 'string' && densities.includes(density)
        ? (density as Density)
        : defaultPreferences.density,
    singleKeys: typeof singleKeys === 'boolean' ? singleKeys : defaultPreferences.singleKeys,
    locale: locale === 'en' ? 'en' : 'lv',
  };
}
