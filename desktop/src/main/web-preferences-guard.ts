import type { WebPreferences } from 'electron';

const REQUIRED = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  webviewTag: false,
} as const satisfies Partial<WebPreferences>;

/** Set to anything at all they widen what the page may do. */
const UNSET = [
  'allowRunningInsecureContent',
  'experimentalFeatures',
  'enableBlinkFeatures',
  'disableBlinkFeatures',
  'additionalArguments',
  'plugins',
  'navigateOnDragDrop',
  'enableDeprecatedPaste',
] as const satisfies readonly (keyof WebPreferences)[];

/**
 * Lets preferences of a window through that are safe, and ends the start otherwise, before any page loads.
 * Every value must be written out: a default of Electron may change with a version.
 * @returns the same preferences
 * @throws Error with code 'unsafe-web-preferences' naming each that is wrong
 */
export function guardWebPreferences(preferences: WebPreferences): WebPreferences {
  const wrong = [
    ...Object.entries(REQUIRED)
      .filter(([name, value]) => preferences[name as keyof typeof REQUIRED] !== value)
      .map(([name, value]) => `${name} must be ${value}`),
    ...UNSET.filter((name) => preferences[name] !== undefined).map((name) => `${name} must not be set`),
  ];
  if (wrong.length > 0) {
    throw Object.assign(new Error(`Unsafe window: ${wrong.join(', ')}`), { code: 'unsafe-web-preferences' });
  }
  return preferences;
}
