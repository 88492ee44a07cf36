/**
 * The content security policy and the other security headers of the workstation, written once: Electron's
 * `app://` handler and the service's static server send the same ones.
 */

/** Where the page lives in Electron; the service allows this origin (CORS) besides its own. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'sivis';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** Built files that hold the key derivation: `new Worker` of `workers/kdf….js`. */
const KDF_WORKER = /^\/workers\/kdf[\w.-]*\.js$/;

/**
 * The Trusted Types policies that may exist: ours for worker addresses (renderer/host/trustedTypes.ts) and
 * the one under which Svelte makes its compiled templates. Neither may be created a second time.
 */
export const TRUSTED_TYPES = ['sivis', 'svelte-trusted-html'] as const;

/**
 * Which policy a response carries. `kdf-worker` alone may compile WebAssembly (Argon2id); it may reach
 * nothing. A page that could compile it would lose the protection for all of its code.
 */
export type PolicyPart = 'page' | 'kdf-worker';

/**
 * @param pathname of the request, beginning with '/'
 * @returns the policy of that response
 */
export function policyPart(pathname: string): PolicyPart {
  return KDF_WORKER.test(pathname) ? 'kdf-worker' : 'page';
}

/**
 * What the page may connect to.
 * @param serverUrl address of the sync service, `https:` or `http:`; only its origin counts
 * @returns its origin for requests and the same one for WebSockets
 * @throws TypeError when the address is none of the two or does not parse
 */
export function connectSources(serverUrl: string): readonly [string, string] {
  const url = new URL(serverUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('not a http(s) address');
  return [url.origin, `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}`];
}

/** A source expression that could end a directive or widen it would be an injection. */
function checked(source: string): string {
  const host =
    /^(?:https?|wss?):\/\/[a-z0-9.-]+(?::\d{1,5})?$|^(?:https?|wss?):\/\/\[[0-9a-f:.]+\](?::\d{1,5})?$/;
  if (source !== "'self'" && !host.test(source)) throw new TypeError('not a source of a content policy');
  return source;
}

/**
 * The Content-Security-Policy of one response.
 * @param part see {@link policyPart}
 * @param connect sources of `connect-src` for the page: {@link connectSources} in Electron, `["'self'"]`
 *   where the service itself serves the page (covers its WebSocket too); empty means none
 * @throws TypeError for a source that is neither `'self'` nor a plain origin
 */
export function contentPolicy(part: PolicyPart, connect: readonly string[]): string {
  const sources = connect.map(checked);
  const kdf = part === 'kdf-worker';
  const directives: readonly (readonly string[])[] = [
    ['default-src', "'none'"],
    ['script-src', "'self'", ...(kdf ? ["'wasm-unsafe-eval'"] : [])],
    ['style-src', "'self'"],
    ['img-src', "'self'", 'blob:'],
    ['font-src', "'self'"],
    ['connect-src', ...(kdf || sources.length === 0 ? ["'none'"] : sources)],
    ['worker-src', "'self'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['form-action', "'none'"],
    ['frame-ancestors', "'none'"],
    ['require-trusted-types-for', "'script'"],
    ['trusted-types', ...TRUSTED_TYPES],
  ];
  return directives.map((d) => d.join(' ')).join('; ');
}

const NO_DEVICES = [
  'camera',
  'microphone',
  'geolocation',
  'display-capture',
  'usb',
  'serial',
  'hid',
  'payment',
  'midi',
  'browsing-topics',
];

/**
 * All security headers of one response that is not data: page, script, style, font, worker.
 * @param part see {@link policyPart}
 * @param connect see {@link contentPolicy}
 */
export function securityHeaders(part: PolicyPart, connect: readonly string[]): Record<string, string> {
  return {
    'content-security-policy': contentPolicy(part, connect),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': NO_DEVICES.map((name) => `${name}=()`).join(', '),
  };
}
