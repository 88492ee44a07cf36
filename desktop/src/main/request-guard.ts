import { isAppUrl } from './app-url.ts';

/** Everything that could leave the machine or read a file; our own scheme is not among them. */
export const NETWORK_PATTERNS = [
  'http://*/*',
  'https://*/*',
  'ws://*/*',
  'wss://*/*',
  'ftp://*/*',
  'file:///*',
];

/**
 * Whether a request may go out: to the sync service and nowhere else. A second wall behind `connect-src`,
 * which a page without a policy would not have.
 * @param address of the request
 * @param connect origins of the service, for requests and for WebSockets
 */
export function isAllowedRequest(address: string, connect: readonly string[]): boolean {
  const url = URL.parse(address);
  return url !== null && connect.includes(url.origin);
}

/** Whether a download may be saved: only what the page made itself. */
export function isAllowedDownload(address: string): boolean {
  return address.startsWith('blob:') && isAppUrl(address.slice('blob:'.length));
}

/** What is needed of a `Session`. */
export interface RequestSession {
  readonly webRequest: {
    onBeforeRequest(
      filter: { urls: string[] },
      listener: (details: { readonly url: string }, callback: (answer: { cancel: boolean }) => void) => void,
    ): void;
  };
  on(
    event: 'will-download',
    listener: (event: { preventDefault(): void }, item: { getURL(): string }) => void,
  ): unknown;
}

/**
 * Puts both rules on a session.
 * @param connect asked at each request: the address of the service may be set while we run
 */
export function guardRequests(
  session: RequestSession,
  connect: () => readonly string[],
  report: (what: string) => void,
): void {
  session.webRequest.onBeforeRequest({ urls: NETWORK_PATTERNS }, (details, callback) => {
    const cancel = !isAllowedRequest(details.url, connect());
    if (cancel) report('request');
    callback({ cancel });
  });
  session.on('will-download', (event, item) => {
    if (isAllowedDownload(item.getURL())) return;
    event.preventDefault();
    report('download');
  });
}
