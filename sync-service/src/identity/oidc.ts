import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { ROLES, type Role } from '@sivis/shared/access/roles.ts';

/** How the provider is reached and what its groups mean here. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the sign-in is called on the screen. */
  readonly label: string;
  readonly groupClaim: string;
  /** `group=role`, or `group=role@CODE+CODE` for some sites by their codes; the first that fits counts. */
  readonly roles: readonly string[];
  /** Authentication context that the provider must assert; '' for none. */
  readonly acr: string;
}

/** What is kept between the way to the provider and the way back. */
export interface OidcWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirect: string;
}

/** The person as the provider knows her. The user is (issuer, subject), never a name. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly userName: string;
  readonly groups: readonly string[];
}

export interface OidcRights {
  readonly role: Role;
  /** Codes of sites; null for all. */
  readonly siteCodes: readonly string[] | null;
}

/** Sign-in with accounts of the organisation: code flow with PKCE (S256), one configured provider. */
export interface Oidc {
  readonly label: string;
  /** A fresh way to the provider. Rejects when the provider does not answer. */
  begin(redirect: string): Promise<{ url: string; way: OidcWay }>;
  /**
   * Redeems the provider's answer (the query of its redirect): state, issuer, audience, nonce, signature, age and `acr` are
   * checked. Rejects when anything is wrong.
   */
  finish(way: OidcWay, query: string): Promise<OidcPerson>;
  /** The rights of the first group that is mapped; `undefined` for none. */
  rightsOf(groups: readonly string[]): OidcRights | undefined;
}

/** A sign-in at the provider that is older than this does not count (12 h: an own session is no longer). */
const MAX_AGE_S = 43_200;

function readRole(text: string): { group: string; rights: OidcRights } {
  const [, group, role, codes] = /^(.+)=(\w+)(?:@([\w+-]+))?$/.exec(text) ?? [];
  const known = ROLES.find((name) => name === role);
  if (group === undefined || known === undefined) throw new Error(`oidc_roles: “${text}” nav “grupa=loma”`);
  return { group, rights: { role: known, siteCodes: codes?.split('+') ?? null } };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Throws when the mapping of groups cannot be read. */
export function createOidc(settings: OidcSettings): Oidc {
  const mapped = settings.roles.map(readRole);
  let found: Promise<Configuration> | undefined;

  const configuration = (): Promise<Configuration> => {
    const server = new URL(settings.issuer);
    // Without TLS on this computer only, for a provider that a test or a try-out runs.
    const plain = server.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(server.hostname);
    found ??= discovery(
      server,
      settings.clientId,
      settings.clientSecret === '' ? undefined : settings.clientSecret,
      undefined,
      // The library leaves the signature to TLS unless it is told to check it.
      { execute: [enableNonRepudiationChecks, ...(plain ? [allowInsecureRequests] : [])] },
    );
    found.catch(() => {
      found = undefined;
    });
    return found;
  };

  return {
    label: settings.label,
    rightsOf: (groups) => mapped.find(({ group }) => groups.includes(group))?.rights,
    async begin(redirect) {
      const way = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
        redirect,
      };
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirect,
        scope: 'openid profile',
        state: way.state,
        nonce: way.nonce,
        code_challenge: await calculatePKCECodeChallenge(way.verifier),
        code_challenge_method: 'S256',
        max_age: String(MAX_AGE_S),
        ...(settings.acr === '' ? {} : { acr_values: settings.acr }),
      });
      return { url: url.href, way };
    },
    async finish(way, query) {
      const tokens = await authorizationCodeGrant(
        await configuration(),
        new URL(`${way.redirect}?${query}`),
        {
          expectedState: way.state,
          expectedNonce: way.nonce,
          pkceCodeVerifier: way.verifier,
          maxAge: MAX_AGE_S,
          idTokenExpected: true,
        },
      );
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the provider gave no identity');
      if (settings.acr !== '' && claims['acr'] !== settings.acr)
        throw new Error('the provider did not assert the required authentication');
      const groups = claims[settings.groupClaim];
      return {
        issuer: claims.iss,
        subject: claims.sub,
        name: textOf(claims['name']),
        userName: textOf(claims['preferred_username']),
        groups: Array.isArray(groups)
          ? groups.filter((group): group is string => typeof group === 'string')
          : [],
      };
    },
  };
}
