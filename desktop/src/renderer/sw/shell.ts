/** What the build writes into the worker: the shell's files and a name for their content. */
export interface Precache {
  /** Changes when the content of any file changes. */
  readonly version: string;
  /** Paths from the root; '/' is the page. */
  readonly files: readonly string[];
}

/** What decides how a request is answered. */
export interface ShellRequest {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

const PREFIX = 'sivis-shell-';
const PAGE = '/';

/** Paths of the service that a person may open in the address line; the page must not stand before them. */
const SERVICE_PATHS = new Set(['/healthz', '/readyz', '/version', '/metrics']);

export function cacheName({ version }: Precache): string {
  return `${PREFIX}${version}`;
}

/** Which of these caches are shells of other versions. */
export function outdated(names: readonly string[], precache: Precache): string[] {
  return names.filter((name) => name.startsWith(PREFIX) && name !== cacheName(precache));
}

/**
 * Which file of the shell answers a request.
 * @param request as the browser makes it
 * @param origin the page's own
 * @returns its path, or undefined: the request goes its way as if there were no worker. That is everything
 *   that is not a read of our own origin's static files, above all `/api/`
 */
export function shellFile(request: ShellRequest, origin: string, precache: Precache): string | undefined {
  const url = URL.parse(request.url);
  if (request.method !== 'GET' || url === null || url.origin !== origin) return undefined;
  const { pathname } = url;
  if (pathname === '/api' || pathname.startsWith('/api/') || SERVICE_PATHS.has(pathname)) return undefined;
  if (request.mode === 'navigate')
    return /\.[^/]+$/.test(pathname) && pathname !== '/index.html' ? undefined : PAGE;
  return precache.files.includes(pathname) ? pathname : undefined;
}
