/** What it makes is a TrustedScriptURL; the DOM types know none and take a string in its place. */
interface Policy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

/**
 * Whether a script of this address may run as a worker: from the page's own origin and one of the built files
 * of workers or the service worker.
 */
export function isWorkerScript(url: string, page: string): boolean {
  const parsed = URL.parse(url, page);
  const base = URL.parse(page);
  if (parsed === null || base === null) return false;
  // `origin` is 'null' for app: in some runtimes; scheme and host say the same for every one.
  const same = parsed.protocol === base.protocol && parsed.host === base.host;
  const plain = parsed.username === '' && parsed.password === '' && parsed.search === '';
  return same && plain && /^\/(?:workers\/[\w.-]+|sw)\.js$/.test(parsed.pathname);
}

function checked(url: string): string {
  const page = globalThis.location.href;
  if (!isWorkerScript(url, page)) throw new TypeError('not a worker of this page');
  return new URL(url, page).href;
}

let policy: Policy | undefined;

function sivisPolicy(): Policy {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory };
  // Without Trusted Types the same rule holds, it is only not enforced on others.
  policy ??= trustedTypes?.createPolicy('sivis', { createScriptURL: checked }) ?? {
    createScriptURL: checked,
  };
  return policy;
}

/**
 * The only way to a worker: `new Worker(workerUrl(url), { type: 'module' })` with `url` from
 * `import url from './name.worker.ts?worker&url'`. The content policy refuses plain strings there.
 * @throws TypeError when the address is not one of our own worker scripts
 */
export function workerUrl(url: string | URL): string {
  return sivisPolicy().createScriptURL(String(url));
}
