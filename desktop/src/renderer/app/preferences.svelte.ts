import { switchLocale } from '../i18n/locale.svelte.ts';
import type { PreferenceStore } from './context.ts';
import { defaultPreferences, type Preferences, readPreferences } from './readPreferences.ts';

export type { Density, Preferences, Theme } from './readPreferences.ts';

let state = $state<Preferences>(defaultPreferences);
let store: PreferenceStore | null = null;

/** The choices of this workstation. Reactive. */
export function preferences(): Preferences {
  return state;
}

/** Reads the kept choices (what cannot be read falls back to the default) and shows them. */
export function loadPreferences(from: PreferenceStore): void {
  store = from;
  state = readPreferences(from.get());
  show();
}

/** Changes some choices, shows them at once and keeps them. */
export function changePreferences(change: Partial<Preferences>): void {
  state = { ...state, ...change };
  show();
  store?.set(JSON.stringify(state));
}

function show(): void {
  switchLocale(state.locale);
  if (typeof document === 'undefined') return;
  const root = document.documentElement.dataset;
  if (state.theme === 'system') delete root['theme'];
  else root['theme'] = state.theme;
  if (state.density === 'standard') delete root['density'];
  else root['density'] = state.density;
}
