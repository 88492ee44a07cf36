import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Result } from '../preload/contract.ts';
import { LIMITS } from './limits.ts';

export interface OutsideParts {
  /** Asks the person whether the browser may be opened at this host. */
  readonly confirm: (host: string) => Promise<boolean>;
  /** Opens an address in the system's browser. */
  readonly openExternal: (url: string) => Promise<void>;
  /** What the browser shows when the sign-in came back. */
  readonly doneText: string;
  readonly timeoutMs?: number;
}

/** A sign-in in the system's browser that comes back to a loopback address (RFC 8252 §7.3). */
export interface OutsideSignIn {
  listen(): Promise<Result<'outsideListen'>>;
  open(url: string): Promise<Result<'outsideOpen'>>;
}

const PATH = '/oidc';

interface Waiting {
  readonly server: Server;
  readonly redirect: string;
  readonly answer: Promise<string>;
}

/**
 * Whether the address is a sign-in that comes back to us: HTTPS (without TLS on this computer only), asked with a code
 * and PKCE, and nothing else. The page cannot have anything else opened.
 */
export function isSignInAddress(text: string, redirect: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const local = url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
  const asked = url.searchParams;
  return (
    (url.protocol === 'https:' || local) &&
    url.username === '' &&
    url.password === '' &&
    asked.get('response_type') === 'code' &&
    asked.get('code_challenge_method') === 'S256' &&
    asked.get('redirect_uri') === redirect
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Listens on a free port for one answer. */
async function wait(doneText: string): Promise<Waiting> {
  let heard: (query: string) => void = () => undefined;
  const answer = new Promise<string>((resolve) => (heard = resolve));
  const server = createServer((request, reply) => {
    const [path, query] = (request.url ?? '').split('?');
    const ours = request.method === 'GET' && path === PATH && query !== undefined;
    reply.writeHead(ours ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    reply.end(ours ? `<!doctype html><title>SIVIS</title><p>${escaped(doneText)}</p>` : '');
    if (ours) heard(query);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { server, redirect: `http://127.0.0.1:${port}${PATH}`, answer };
}

export function createOutsideSignIn(parts: OutsideParts): OutsideSignIn {
  const { timeoutMs = LIMITS.outsideSignIn } = parts;
  let waiting: Waiting | undefined;

  function stop(): void {
    waiting?.server.close();
    waiting?.server.closeAllConnections();
    waiting = undefined;
  }

  return {
    async listen() {
      stop();
      try {
        waiting = await wait(parts.doneText);
        return { state: 'ok', redirect: waiting.redirect };
      } catch {
        return { state: 'failed' };
      }
    },
    async open(url) {
      const now = waiting;
      if (now === undefined || !isSignInAddress(url, now.redirect)) return { state: 'refused' };
      try {
        if (!(await parts.confirm(new URL(url).host))) return { state: 'refused' };
        await parts.openExternal(url);
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<null>((resolve) => {
          timer = setTimeout(() => {
            resolve(null);
          }, timeoutMs);
        });
        const query = await Promise.race([now.answer, late]);
        clearTimeout(timer);
        return query === null ? { state: 'timeout' } : { state: 'ok', query };
      } finally {
        if (waiting === now) stop();
      }
    },
  };
}
