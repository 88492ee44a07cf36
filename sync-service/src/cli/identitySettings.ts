import { createOidc, type Oidc } from '../identity/oidc.ts';
import type { TotpPolicy } from '../identity/totp.ts';
import { ConfigError, type Config } from './config.ts';

/** Who must have a second factor: decided, or by what kind of store it is. */
export function totpPolicyOf({ totp, demo }: Config): TotpPolicy {
  if (totp !== 'standard') return totp;
  return demo ? 'off' : 'privileged';
}

/** Sign-in with accounts of the organisation; `null` when none is set. Throws ConfigError. */
export function oidcOf(config: Config): Oidc | null {
  if (config.oidc_issuer === '') return null;
  try {
    return createOidc({
      issuer: config.oidc_issuer,
      clientId: config.oidc_client_id,
      clientSecret: config.oidc_client_secret,
      label: config.oidc_label,
      groupClaim: config.oidc_group_claim,
      roles: config.oidc_roles,
      acr: config.oidc_acr,
    });
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : 'oidc_roles');
  }
}
