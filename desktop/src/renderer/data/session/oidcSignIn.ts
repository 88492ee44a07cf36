import type { Host } from '../../host/index.ts';
import type { Live } from '../live.ts';
import type { SessionManager, SignInResult } from './manager.ts';
import type { SignInFailure } from './signInAtService.ts';

/** Sign-in with an account of the organisation, on either host. Nothing rejects. */
export interface OidcSignIn {
  readonly label: Live<string | null>;
  /** In a browser the page goes to the provider and comes back by its address. */
  readonly start: () => Promise<SignInFailure | null>;
  readonly take: (
    code: string,
  ) => Promise<
    | { readonly ok: true; readonly arrival: { readonly name: string; readonly known: boolean } }
    | { readonly ok: false; readonly reason: SignInFailure }
  >;
  readonly enter: (passphrase: string) => Promise<SignInResult>;
}

/** Between code and answer, in the hand-over of a host that brings both back by itself. */
const SEPARATOR = '\n';

export function createOidcSignIn(
  sessions: Pick<SessionManager, 'beginOidc' | 'takeOidc' | 'enterOidc'>,
  label: Live<string | null>,
  host: Pick<Host, 'signInOutside'>,
): OidcSignIn {
  return {
    label,
    async start() {
      try {
        const outside = await host.signInOutside();
        const { url, state } = await sessions.beginOidc(outside?.redirect);
        if (outside === null) {
          location.assign(url);
          return null;
        }
        const answer = await outside.open(url);
        if (answer === null) return 'oidcFailed';
        // The same way in as in a browser: the page starts anew with what came back.
        location.hash = `#/oidc/${encodeURIComponent(`${state}${SEPARATOR}${answer}`)}`;
        location.reload();
        return null;
      } catch {
        return 'serverDown';
      }
    },
    async take(code) {
      const [state = '', answer] = code.split(SEPARATOR);
      const result = await sessions.takeOidc(state, answer);
      if (!result.ok) return result;
      const { user, known } = result.arrival;
      return { ok: true, arrival: { name: user.name, known } };
    },
    enter: sessions.enterOidc,
  };
}
