import { APP_HOST, APP_ORIGIN, APP_SCHEME } from '@sivis/shared/protocol/contentPolicy.ts';

/** The page's address. */
export const APP_PAGE = `${APP_ORIGIN}/`;

/**
 * Whether an address belongs to our own page: scheme and host are equal to ours, not merely contained in it.
 * `URL.origin` cannot tell, it is the text 'null' for every scheme of our own. Addresses that parsers read
 * differently (backslashes, white space, control and non-ASCII characters, an account before the host) are
 * not ours, whatever they mean.
 */
export function isAppUrl(address: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(address) || address.includes('\\')) return false;
  const url = URL.parse(address);
  if (url === null) return false;
  return (
    url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
  );
}
