const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export type ServerAddress =
  | { readonly ok: true; readonly origin: string }
  | { readonly ok: false; readonly reason: 'not-an-address' | 'not-secure' };

/**
 * Reads the address of a sync service as a person or an administrator writes it.
 * @param text `https://host[:port]`; `http:` on the own computer only. A path, a query or an account in the
 *   address is refused: only the origin counts, and the rest would be lost silently.
 */
export function parseServerAddress(text: string): ServerAddress {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { ok: false, reason: 'not-an-address' };
  }
  const plain = url.pathname === '/' && url.search === '' && url.hash === '';
  if (!plain || url.username !== '' || url.password !== '') return { ok: false, reason: 'not-an-address' };
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) return { ok: false, reason: 'not-secure' };
  return { ok: true, origin: url.origin };
}
