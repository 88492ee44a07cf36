import { isAppUrl } from './app-url.ts';

/** What the guard needs of `webContents`. */
export interface GuardedContents {
  on(
    event: 'will-navigate' | 'will-frame-navigate' | 'will-redirect',
    listener: (details: { readonly url: string; preventDefault(): void }) => void,
  ): unknown;
  on(event: 'will-attach-webview', listener: (event: { preventDefault(): void }) => void): unknown;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
}

/**
 * Whether a frame may go to an address.
 * @returns true only for our own page; `blob:`, `data:` and `about:` documents are refused too
 */
export function isAllowedNavigation(address: string): boolean {
  return isAppUrl(address);
}

/** Holds a web contents to our own page: no navigation or redirect elsewhere, no webview, no new window. */
export function guardNavigation(contents: GuardedContents, report: (what: string) => void): void {
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const) {
    contents.on(event, (details) => {
      if (isAllowedNavigation(details.url)) return;
      details.preventDefault();
      report(event);
    });
  }
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
    report('will-attach-webview');
  });
  contents.setWindowOpenHandler(() => {
    report('window-open');
    return { action: 'deny' };
  });
}
