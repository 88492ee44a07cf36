import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/** A real OpenID provider for tests (oidc-provider), on a free port of this computer. */
export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Groups of a person by her login name; the login page takes any password. */
  readonly groups: Map<string, readonly string[]>;
  /** Goes the way of a browser: login, consent, back. Gives the query of the redirect. */
  walk(url: string, login: string): Promise<{ redirect: string; query: string }>;
  stop(): Promise<void>;
}

const CLIENT = 'sivis';

/** @param redirects where the client may be sent back to; loopback addresses of any port (RFC 8252) */
export async function startProvider(
  redirects: readonly string[] = ['http://127.0.0.1/api/auth/oidc/callback', 'http://127.0.0.1/oidc'],
  acr?: string,
): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const groups = new Map<string, readonly string[]>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: [...redirects],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub', 'groups', 'acr'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    ...(acr === undefined ? {} : { acrValues: [acr] }),
    cookies: { keys: ['test'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        name: `Vārds ${sub}`,
        preferred_username: sub,
        groups: [...(groups.get(sub) ?? [])],
        ...(acr === undefined ? {} : { acr }),
      }),
    }),
  });
  // Its pages fetch letters from another computer, which no test may ask.
  provider.use(async (context, next) => {
    await next();
    if (typeof context.body === 'string') context.body = context.body.replace(/@import[^;]+;/g, '');
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));

  return {
    issuer,
    clientId: CLIENT,
    groups,
    async walk(url, login) {
      const cookies = new Map<string, string>();
      let next = url;
      let form: URLSearchParams | undefined;
      for (let step = 0; step < 20; step += 1) {
        const reply: Response = await fetch(next, {
          method: form === undefined ? 'GET' : 'POST',
          redirect: 'manual',
          headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
          ...(form === undefined ? {} : { body: form }),
        });
        form = undefined;
        for (const line of reply.headers.getSetCookie()) {
          const [pair = ''] = line.split(';');
          const at = pair.indexOf('=');
          cookies.set(pair.slice(0, at), pair.slice(at + 1));
        }
        const location = reply.headers.get('location');
        if (location !== null) {
          next = new URL(location, next).href;
          if (!next.startsWith(issuer))
            return { redirect: next.split('?')[0] ?? '', query: next.split('?')[1] ?? '' };
          continue;
        }
        const page = await reply.text();
        const action = /action="([^"]+)"/.exec(page)?.[1];
        if (action === undefined)
          throw new Error(`the provider showed no form: ${reply.status} ${page.slice(0, 300)}`);
        next = new URL(action, next).href;
        form = page.includes('name="login"')
          ? new URLSearchParams({ prompt: 'login', login, password: 'x' })
          : new URLSearchParams({ prompt: 'consent' });
      }
      throw new Error('the provider leads in circles');
    },
    stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A browser keeps its connections.
      server.closeAllConnections();
      return closed;
    },
  };
}
