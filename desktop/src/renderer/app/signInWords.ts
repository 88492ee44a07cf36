import { m } from '../i18n/generated/messages.js';
import type { RoleId, SignInFailure } from './context.ts';

const failures: Readonly<Record<SignInFailure, () => string>> = {
  wrong: () => m.app_signin_wrong(),
  tooMany: () => m.app_signin_too_many(),
  disabled: () => m.app_signin_disabled(),
  deskUnknown: () => m.app_signin_desk_unknown(),
  totpRequired: () => m.app_signin_totp_required(),
  totpWrong: () => m.app_signin_totp_wrong(),
  totpSetup: () => m.app_signin_totp_setup(),
  oidcFailed: () => m.app_signin_oidc_failed(),
  oidcNoRole: () => m.app_signin_oidc_no_role(),
  firstTimeOffline: () => m.app_signin_first_offline(),
  leaseExpired: () => m.app_signin_lease_expired(),
  leaseForeign: () => m.app_signin_lease_foreign(),
  previousPasswordNeeded: () => m.app_signin_previous_needed(),
  versionBlocked: () => m.app_signin_version_blocked(),
  clockSkew: () => m.app_signin_clock_skew(),
  serverDown: () => m.app_signin_server_down(),
  releasedKeyWrong: () => m.app_signin_released_wrong(),
  serviceNeeded: () => m.app_signin_service_needed(),
  keyDestroyed: () => m.app_signin_key_destroyed(),
  keyUnreadable: () => m.app_signin_key_unreadable(),
  storeBroken: () => m.app_signin_store_broken(),
};

/** Why a person was not let in: what happened, what is safe, what to do. */
export function signInFailureText(reason: SignInFailure): string {
  return failures[reason]();
}

const roles: Readonly<Record<RoleId, () => string>> = {
  reception: () => m.app_role_reception(),
  dutyManager: () => m.app_role_duty_manager(),
  specialist: () => m.app_role_specialist(),
  catering: () => m.app_role_catering(),
  it: () => m.app_role_it(),
  auditor: () => m.app_role_auditor(),
};

/** The name of a role as people know it. */
export function roleTitle(role: RoleId): string {
  return roles[role]();
}
