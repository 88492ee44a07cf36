import type { IncomingMessage } from 'node:http';
import { APP_ORIGIN } from '@sivis/shared/protocol/contentPolicy.ts';

/** Headers of every reply that is data: nothing may run it, frame it, keep it or guess its type. */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** What the packaged workstation (`app://sivis`) may send; no other foreign origin gets an answer. */
export const APP_CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': APP_ORIGIN,
  'access-control-allow-headers': 'authorization, content-type, dpop, x-sivis-app',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'dpop-nonce, retry-after, x-request-id',
  'access-control-max-age': '600',
  'cross-origin-resource-policy': 'cross-origin',
  vary: 'Origin',
};

/**
 * Whether a browser's page may ask: none (no browser, or the same page), `own` (Origin and Host are one), `app` (the
 * packaged workstation), `foreign`.
 */
export function originOf(headers: IncomingMessage['headers']): 'none' | 'own' | 'app' | 'foreign' {
  const { origin, host } = headers;
  if (origin === undefined) return 'none';
  if (origin === APP_ORIGIN) return 'app';
  try {
    return new URL(origin).host === host ? 'own' : 'foreign';
  } catch {
    return 'foreign';
  }
}

/** The version that a desk says it has; anything else is left out of the log. */
export function appVersion(headers: IncomingMessage['headers']): string {
  const given = headers['x-sivis-app'];
  return typeof given === 'string' && /^[\w.+-]{1,40}$/.test(given) ? given : '';
}
