import { EventEmitter } from 'node:events';
import { fromChromium, knowScheme, OURS, toChromium } from './address.ts';
import type { Cdp } from './cdp.ts';
import type { Protocol } from './protocol.ts';

type RequestListener = (
  details: { id: number; url: string; method: string; resourceType: string },
  callback: (answer: { cancel?: boolean }) => void,
) => void;

function matches(pattern: string, url: string): boolean {
  const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return pattern === '<all_urls>' || new RegExp(`^${text}$`).test(url);
}

class WebRequest {
  #before: { urls: readonly string[]; listener: RequestListener } | undefined;
  #count = 0;

  onBeforeRequest(filter: { urls: readonly string[] }, listener: RequestListener): void {
    this.#before = { urls: filter.urls, listener };
  }

  /** Whether the request may go out; without a listener everything may. */
  async judge({ url, method }: { readonly url: string; readonly method: string }): Promise<boolean> {
    const before = this.#before;
    // Electron matches without the port.
    const plain = url.replace(/^(\w+:\/\/[^/]*?):\d+(?=\/|$)/, '$1');
    if (before === undefined || !before.urls.some((one) => matches(one, plain))) return true;
    this.#count += 1;
    const details = { id: this.#count, url, method, resourceType: 'other' };
    const { promise, resolve } = Promise.withResolvers<{ cancel?: boolean }>();
    before.listener(details, resolve);
    return (await promise).cancel !== true;
  }
}

/** Permissions that a page of a workstation could ask for, as Electron and as Chromium call them. */
const PERMISSIONS: readonly (readonly [string, Protocol.Browser.PermissionDescriptor])[] = [
  ['notifications', { name: 'notifications' }],
  ['geolocation', { name: 'geolocation' }],
  ['media', { name: 'camera' }],
  ['media', { name: 'microphone' }],
  ['midi', { name: 'midi' }],
  ['midiSysex', { name: 'midi', sysex: true }],
  ['clipboard-read', { name: 'clipboard-read' }],
  ['clipboard-sanitized-write', { name: 'clipboard-write' }],
  ['storage-access', { name: 'storage-access' }],
  ['idle-detection', { name: 'idle-detection' }],
  ['window-management', { name: 'window-management' }],
];

type RequestHandler = (
  contents: unknown,
  permission: string,
  callback: (ok: boolean) => void,
  details: object,
) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean;

/** Electron's default session. */
class Session extends EventEmitter {
  readonly webRequest = new WebRequest();
  #check: CheckHandler | null = null;
  #request: RequestHandler | null = null;
  #browser: Cdp | undefined;
  /** Which handlers of devices stand; an unset one approves. */
  readonly devices = new Map<string, unknown>();
  spellChecker = true;

  /** Called by the stand-in once Chromium runs. */
  attach(browser: Cdp): void {
    this.#browser = browser;
    browser.on('Browser.downloadWillBegin', ({ guid, url, suggestedFilename }) => {
      let stopped = false;
      const event = {
        preventDefault: () => {
          stopped = true;
        },
      };
      this.emit('will-download', event, {
        getURL: () => fromChromium(url),
        getFilename: () => suggestedFilename,
      });
      if (stopped) void browser.send('Browser.cancelDownload', { guid }).catch(() => undefined);
    });
  }

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.#request = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#check = handler;
  }

  setDevicePermissionHandler(handler: unknown): void {
    this.devices.set('device', handler);
  }

  setDisplayMediaRequestHandler(handler: unknown): void {
    this.devices.set('displayMedia', handler);
  }

  setBluetoothPairingHandler(handler: unknown): void {
    this.devices.set('bluetooth', handler);
  }

  setSpellCheckerEnabled(on: boolean): void {
    this.spellChecker = on;
  }

  isSpellCheckerEnabled(): boolean {
    return this.spellChecker;
  }

  setSpellCheckerLanguages(): void {
    // Nothing is fetched here.
  }

  async clearStorageData(): Promise<void> {
    throw new Error('the stand-in does not clear storage');
  }

  async clearCache(): Promise<void> {
    await this.#browser?.send('Network.clearBrowserCache').catch(() => undefined);
  }

  /** Tells Chromium what the handlers say. Electron approves what nobody answers for. */
  async applyPermissions(page: string): Promise<void> {
    const origin = new URL(toChromium(page)).origin;
    for (const [name, permission] of PERMISSIONS) {
      const checked = this.#check?.(null, name, fromChromium(`${origin}/`), {}) ?? true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      if (this.#request === null) resolve(true);
      else this.#request(null, name, resolve, {});
      const setting = checked && (await promise) ? 'granted' : 'denied';
      await this.#browser
        ?.send('Browser.setPermission', { permission, setting, origin })
        .catch(() => undefined);
    }
  }
}

export const session = { defaultSession: new Session() };

type SchemeHandler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, SchemeHandler>();
const privileged = new Map<string, Readonly<Record<string, boolean>>>();

/** Electron's `protocol`. */
export const protocol = {
  registerSchemesAsPrivileged(schemes: readonly { scheme: string; privileges?: Record<string, boolean> }[]) {
    for (const { scheme, privileges = {} } of schemes) {
      privileged.set(scheme, privileges);
      // Without them the scheme would have no origin and no storage, which nothing here could imitate.
      if (privileges['standard'] === true && privileges['secure'] === true) knowScheme(scheme);
    }
  },
  handle(scheme: string, handler: SchemeHandler) {
    if (handlers.has(scheme)) throw new Error(`The scheme ${scheme} has been registered`);
    handlers.set(scheme, handler);
  },
  unhandle(scheme: string) {
    handlers.delete(scheme);
  },
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
  /** For tests. */
  privileges: (scheme: string) => privileged.get(scheme),
};

/** What Chromium's request interception is asked for: our schemes, and every document. */
export const PATTERNS: Protocol.Fetch.RequestPattern[] = [
  { urlPattern: OURS },
  { urlPattern: '*', resourceType: 'Document' },
];

/** Answers a request to a scheme of our own by its handler. */
export async function serveScheme(browser: Cdp, event: Protocol.Fetch.requestPausedPayload): Promise<void> {
  const { requestId, request } = event;
  const address = fromChromium(request.url);
  const handler = handlers.get(new URL(address).protocol.slice(0, -1));
  if (handler === undefined) {
    await browser.send('Fetch.failRequest', { requestId, errorReason: 'AddressUnreachable' });
    return;
  }
  const body = request.postData === undefined ? {} : { body: request.postData };
  const response = await handler(
    new Request(address, { method: request.method, headers: request.headers, ...body }),
  );
  await browser.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  });
}
