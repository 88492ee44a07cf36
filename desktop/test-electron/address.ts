/**
 * Chromium knows no scheme of our own: `app://sivis/x` lives at `https://sivis.app.shim/x` there. Nobody in main and
 * nobody behind the gate sees that address.
 */
const HOST = /^https:\/\/([^/?#:@]+)\.([a-z][a-z0-9+-]*)\.shim(?=[/?#]|$)/;

const schemes = new Set<string>();

/** From now on addresses of this scheme are translated. */
export function knowScheme(scheme: string): void {
  schemes.add(scheme);
}

/** As Chromium has to be told: `app://sivis/x` → `https://sivis.app.shim/x`. Others stay as they are. */
export function toChromium(address: string): string {
  const match = /^([a-z][a-z0-9+-]*):\/\/([^/?#]*)/i.exec(address);
  const scheme = match?.[1]?.toLowerCase() ?? '';
  if (match === null || !schemes.has(scheme)) return address;
  return `https://${match[2] ?? ''}.${scheme}.shim${address.slice(match[0].length)}`;
}

/** As Electron would have said it; `blob:` addresses too. */
export function fromChromium(address: string): string {
  if (address.startsWith('blob:')) return `blob:${fromChromium(address.slice('blob:'.length))}`;
  return address.replace(HOST, (_whole, host: string, scheme: string) => `${scheme}://${host}`);
}

/** Matches everything that lives at a scheme of our own. */
export const OURS = 'https://*.shim/*';
