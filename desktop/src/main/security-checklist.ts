/**
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), twenty points, and how each is checked.
 * docs/security-electron.md is made from this table.
 *
 * stand-in: the built main and preload run over Chromium in the whole-system tests (e2e/electron/security.spec.ts; on
 * Electron itself where its runtime is installed). static: sources or configuration are read
 * (security-checklist.test.ts). unit: our part runs in a unit test, with Electron replaced.
 */
export interface SecurityPoint {
  readonly number: number;
  readonly title: string;
  readonly how: readonly ('stand-in' | 'static' | 'unit')[];
  /** What is seen there. */
  readonly seen: string;
  /** The unit test, beside this file. */
  readonly unit?: string;
  /** What only Electron's own runtime can show. */
  readonly runtime?: string;
}

export const SECURITY_POINTS: readonly SecurityPoint[] = [
  {
    number: 1,
    title: 'Only load secure content',
    how: ['stand-in', 'unit'],
    seen: 'requests, images and WebSockets reach the named service and no other server, even without the policy',
    unit: 'request-guard.test.ts',
    runtime: "that Electron's webRequest sees every request, also of workers and WebSockets",
  },
  {
    number: 2,
    title: 'No Node.js integration',
    how: ['stand-in', 'unit'],
    seen: 'the page has neither `require` nor `process`; the preferences of the window say so',
    unit: 'web-preferences-guard.test.ts',
    runtime: 'that the preferences have their effect, in workers too',
  },
  {
    number: 3,
    title: 'Context isolation',
    how: ['stand-in', 'unit'],
    seen: 'preload runs in a world of its own: the page sees `sivis` and nothing else of it, and replacing built-in functions changes nothing there',
    unit: 'web-preferences-guard.test.ts',
  },
  {
    number: 4,
    title: 'Process sandboxing',
    how: ['stand-in', 'unit'],
    seen: 'the window asks for it, and main turns it on for all before it is ready',
    unit: 'index.test.ts',
    runtime: 'that renderers run sandboxed on each system, Ubuntu 24.04 and later above all',
  },
  {
    number: 5,
    title: 'Permission requests are handled',
    how: ['stand-in', 'unit'],
    seen: 'camera, microphone, place, notifications and clipboard are denied to the page',
    unit: 'permissions.test.ts',
    runtime: 'devices (USB, serial, HID, Bluetooth) and the capture of the screen',
  },
  {
    number: 6,
    title: 'webSecurity stays on',
    how: ['stand-in', 'unit'],
    seen: 'the preferences of the window',
    unit: 'web-preferences-guard.test.ts',
  },
  {
    number: 7,
    title: 'Content Security Policy',
    how: ['stand-in', 'unit'],
    seen: 'scripts and HTML from text, eval, another policy of types, WebAssembly, a form and inline styles are refused in the page',
    unit: 'app-protocol.test.ts',
  },
  {
    number: 8,
    title: 'allowRunningInsecureContent is not set',
    how: ['stand-in', 'unit'],
    seen: 'the preferences of the window',
    unit: 'web-preferences-guard.test.ts',
  },
  {
    number: 9,
    title: 'Experimental features are off',
    how: ['stand-in', 'unit'],
    seen: 'the preferences of the window',
    unit: 'web-preferences-guard.test.ts',
  },
  {
    number: 10,
    title: 'enableBlinkFeatures is not used',
    how: ['stand-in', 'unit'],
    seen: 'the preferences of the window',
    unit: 'web-preferences-guard.test.ts',
  },
  {
    number: 11,
    title: 'No webview allows popups',
    how: ['static', 'stand-in'],
    seen: 'no webview in the sources; its tag is off',
  },
  {
    number: 12,
    title: 'webview options are verified',
    how: ['stand-in', 'unit'],
    seen: 'main stops every attachment; the element does nothing',
    unit: 'navigation-guard.test.ts',
    runtime: 'that a <webview> put into the page attaches nothing',
  },
  {
    number: 13,
    title: 'Navigation is limited',
    how: ['stand-in', 'unit'],
    seen: 'no address of a hostile table leads the window or a frame away: links, scripts, redirects, forms',
    unit: 'navigation-guard.test.ts',
    runtime: "that Electron's events fire for all of them; app:// as a scheme of Chromium's own",
  },
  {
    number: 14,
    title: 'New windows are limited',
    how: ['stand-in', 'unit'],
    seen: 'window.open, target=_blank and a middle click leave no second window and load nothing',
    unit: 'navigation-guard.test.ts',
    runtime: 'that window.open returns null at once (the stand-in closes the window it gets)',
  },
  {
    number: 15,
    title: 'shell.openExternal with untrusted content',
    how: ['static', 'stand-in', 'unit'],
    seen: 'nothing hostile made the system open anything; one channel leads to it, for the sign-in alone',
    unit: 'outside-sign-in.test.ts',
    runtime: 'that the question is shown before the browser opens',
  },
  {
    number: 16,
    title: 'A current version of Electron',
    how: ['static'],
    seen: 'one exact version, the same for types, packages and fuses',
    runtime: 'whether that version is still supported: the list of supported majors is online',
  },
  {
    number: 17,
    title: 'The sender of IPC messages is validated',
    how: ['stand-in', 'unit'],
    seen: 'every channel refuses frames, other addresses and every wrong shape of a hostile table, with its code',
    unit: 'ipc/handle.test.ts',
  },
  {
    number: 18,
    title: 'A custom protocol instead of file://',
    how: ['stand-in', 'unit'],
    seen: 'a secure context with storage of its own; paths that lead out of the folder give 404; file:// loads nothing',
    unit: 'app-protocol.test.ts',
    runtime:
      "that app:// itself is such an origin (the stand-in lends it an https one), with corsEnabled's effect",
  },
  {
    number: 19,
    title: 'Fuses',
    how: ['static'],
    seen: 'all eight stand in electron-builder.yml',
    runtime:
      '`electron-fuses read` on the packaged program of each system; integrity of the asar on Windows and macOS',
  },
  {
    number: 20,
    title: 'No Electron API for untrusted content',
    how: ['stand-in', 'unit'],
    seen: 'window.sivis is frozen, holds named functions only, and gives callbacks a word, never an event',
    unit: '../preload/bridge.test.ts',
  },
];
