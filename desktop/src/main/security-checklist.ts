/**
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), twenty points, and how each
 * is checked today. 'static': the sources or the configuration are read. 'unit': our part runs in a unit
 * test, with Electron replaced. 'runtime': only Electron itself can show it; a point may have such a rest
 * beside what is checked already.
 */
export interface SecurityPoint {
  readonly number: number;
  readonly title: string;
  readonly checked: 'static' | 'unit';
  /** The test that checks it, beside this file; or the function in security-checklist.test.ts. */
  readonly by: string;
  /** What remains to be seen in Electron's runtime. */
  readonly runtime?: string;
}

export const SECURITY_POINTS: readonly SecurityPoint[] = [
  {
    number: 1,
    title: 'Only load secure content',
    checked: 'unit',
    by: 'request-guard.test.ts',
    runtime: 'that webRequest sees every request, also of workers and WebSockets',
  },
  {
    number: 2,
    title: 'No Node.js integration',
    checked: 'unit',
    by: 'web-preferences-guard.test.ts',
    runtime: 'that `require` and `process` do not exist in the page and in its workers',
  },
  {
    number: 3,
    title: 'Context isolation',
    checked: 'unit',
    by: 'web-preferences-guard.test.ts',
    runtime: 'that the page cannot change what the preload script uses',
  },
  {
    number: 4,
    title: 'Process sandboxing',
    checked: 'unit',
    by: 'index.test.ts',
    runtime: 'that renderers run sandboxed on each system, Ubuntu 24.04 and later above all',
  },
  {
    number: 5,
    title: 'Permission requests are handled',
    checked: 'unit',
    by: 'permissions.test.ts',
    runtime: 'that camera, place, notification and clipboard are really denied',
  },
  { number: 6, title: 'webSecurity stays on', checked: 'unit', by: 'web-preferences-guard.test.ts' },
  {
    number: 7,
    title: 'Content Security Policy',
    checked: 'unit',
    by: 'app-protocol.test.ts',
    runtime: 'that the headers of app:// responses are enforced, those of the derivation worker too',
  },
  {
    number: 8,
    title: 'allowRunningInsecureContent is not set',
    checked: 'unit',
    by: 'web-preferences-guard.test.ts',
  },
  {
    number: 9,
    title: 'Experimental features are off',
    checked: 'unit',
    by: 'web-preferences-guard.test.ts',
  },
  {
    number: 10,
    title: 'enableBlinkFeatures is not used',
    checked: 'unit',
    by: 'web-preferences-guard.test.ts',
  },
  { number: 11, title: 'No webview allows popups', checked: 'static', by: 'noWebview' },
  {
    number: 12,
    title: 'webview options are verified',
    checked: 'unit',
    by: 'navigation-guard.test.ts',
    runtime: 'that a <webview> put into the page attaches nothing',
  },
  {
    number: 13,
    title: 'Navigation is limited',
    checked: 'unit',
    by: 'navigation-guard.test.ts',
    runtime: 'that the events fire for every kind of navigation, redirects and frames too',
  },
  {
    number: 14,
    title: 'New windows are limited',
    checked: 'unit',
    by: 'navigation-guard.test.ts',
    runtime: 'that window.open, target=_blank and a middle click open nothing',
  },
  { number: 15, title: 'shell.openExternal with untrusted content', checked: 'static', by: 'noShell' },
  {
    number: 16,
    title: 'A current version of Electron',
    checked: 'static',
    by: 'pinnedElectron',
    runtime: 'whether the pinned version is still supported: the list of supported majors is online',
  },
  {
    number: 17,
    title: 'The sender of IPC messages is validated',
    checked: 'unit',
    by: 'ipc/handle.test.ts',
    runtime: 'that senderFrame.url of a frame inside the page is its own',
  },
  {
    number: 18,
    title: 'A custom protocol instead of file://',
    checked: 'unit',
    by: 'app-protocol.test.ts',
    runtime: 'that app:// is a secure context with storage of its own, and file:// loads nothing',
  },
  {
    number: 19,
    title: 'Fuses',
    checked: 'static',
    by: 'allFuses',
    runtime: '`electron-fuses read` on the packaged program of each system',
  },
  {
    number: 20,
    title: 'No Electron API for untrusted content',
    checked: 'unit',
    by: '../preload/bridge.test.ts',
    runtime: 'that window.sivis as the page sees it is frozen and leaks no event',
  },
];
