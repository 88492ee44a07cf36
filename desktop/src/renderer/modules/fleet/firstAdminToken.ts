/** Path of the page on which the first administrator is made; the token stands behind it, in the fragment only. */
const PATH = /^#\/pirmais\/([A-Za-z0-9_-]{20,100})$/;

/** The one-time token of an address's fragment, or `null`. A fragment never leaves the browser. */
export function firstAdminToken(hash: string): string | null {
  return PATH.exec(hash)?.[1] ?? null;
}
