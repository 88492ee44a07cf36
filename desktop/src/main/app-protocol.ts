import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_SCHEME, policyPart, securityHeaders } from '@sivis/shared/protocol/contentPolicy.ts';
import { isAppUrl } from './app-url.ts';

/**
 * `corsEnabled` stands beside `supportFetchAPI`: without it Electron let any page read across origins
 * (CVE-2026-70604). No `bypassCSP`, no service workers: the shell is on the disk already.
 */
export const APP_PRIVILEGES = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, codeCache: true },
} as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

function isPlainSegment(segment: string): boolean {
  // A leading dot also covers '..' and what the build leaves for itself; ':' would name a drive or a stream.
  return segment !== '' && !segment.startsWith('.') && !/[\\:*?"<>|\u0000-\u001f]/.test(segment);
}

/**
 * Which file a request means.
 * @param address full address of the request
 * @returns path relative to the renderer's folder with forward slashes, or undefined for an address that is
 *   not ours, leaves the folder or names a kind of file that is not served. A path without an extension is
 *   a screen of the page: index.html.
 */
export function fileOf(address: string): string | undefined {
  if (!isAppUrl(address)) return undefined;
  const raw = new URL(address).pathname;
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  // A second layer of escapes has no honest use here.
  if (/%[0-9a-f]{2}/i.test(decoded)) return undefined;
  const segments = decoded.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (segments.length === 1 && segments[0] === '') return 'index.html';
  if (!segments.every(isPlainSegment)) return undefined;
  const extension = path.posix.extname(decoded);
  if (extension === '') return 'index.html';
  return extension in TYPES ? segments.join('/') : undefined;
}

/** A request as the handler sees it. */
export interface AppRequest {
  readonly url: string;
  readonly method: string;
}

/**
 * Makes the handler for `protocol.handle('app', …)`.
 * @param root the built renderer's folder, absolute
 * @param connect origins of the sync service for `connect-src`; asked at each request
 * @returns answers 200, 404 or 405, each with all security headers; never rejects
 */
export function createAppHandler(
  root: string,
  connect: () => readonly string[],
): (request: AppRequest) => Promise<Response> {
  return async ({ url, method }) => {
    const file = fileOf(url);
    const headers = securityHeaders(policyPart(`/${file ?? ''}`), connect());
    const refuse = (status: number) =>
      new Response(null, { status, headers: { ...headers, 'cache-control': 'no-store' } });
    if (method !== 'GET' && method !== 'HEAD') return refuse(405);
    if (file === undefined) return refuse(404);
    const full = path.resolve(root, file);
    if (!full.startsWith(path.resolve(root) + path.sep)) return refuse(404);
    try {
      const body = await readFile(full);
      const type = TYPES[path.extname(full)] ?? 'application/octet-stream';
      const all = { ...headers, 'content-type': type, 'content-length': String(body.byteLength) };
      return new Response(method === 'HEAD' ? null : new Uint8Array(body), { headers: all });
    } catch {
      return refuse(404);
    }
  };
}
