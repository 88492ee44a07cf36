import { z } from 'zod';
import { idField, instantField } from '../../docs/fieldTypes.ts';
import { ROLES } from '../../access/roles.ts';
import { offlineLeaseSchema } from '../../fleet/offlineLease.ts';
import { deskSchema } from './desk.ts';

/** Sign-in and what goes with it: the second factor, the account of the organisation, tokens. */

export const loginRequestSchema = z.strictObject({
  user: z.string().min(1).max(80),
  password: z.string().min(1).max(256),
  device: deskSchema,
  /** The one-time code of the second factor, or a recovery code. */
  totp: z.string().min(1).max(80).optional(),
});

/** Second factor (TOTP, RFC 6238): begun with the password, put into use by its first code. */
export const totpBeginSchema = loginRequestSchema;
export const totpBeginResponseSchema = z.strictObject({
  /** Base 32, for typing; the same as an `otpauth:` address, for a picture. */
  secret: z.string(),
  uri: z.string(),
  /** Each signs in once without the phone. Shown now and never again. */
  recoveryCodes: z.array(z.string()),
  serverTime: instantField,
});
export type TotpBegun = z.infer<typeof totpBeginResponseSchema>;
export const totpCodeSchema = z.strictObject({ code: z.string().min(1).max(80) });
export const totpStateSchema = z.strictObject({
  on: z.boolean(),
  /** The role of the user must have it. */
  required: z.boolean(),
  recoveryLeft: z.int(),
});
export type TotpStateView = z.infer<typeof totpStateSchema>;

/** Sign-in with an account of the organisation (OpenID Connect). */
export const oidcBeginSchema = z.strictObject({
  device: deskSchema,
  /** Where the provider returns to: a loopback address of the workstation's own; absent for the service's. */
  redirect: z
    .string()
    .regex(/^http:\/\/127\.0\.0\.1:\d{1,5}\/oidc$/)
    .optional(),
});
export const oidcBeginResponseSchema = z.strictObject({ url: z.string(), state: z.string() });
export const oidcFinishSchema = z.strictObject({
  state: z.string().max(200),
  device: deskSchema,
  /** What the provider sent to the loopback address: the query of its redirect. */
  answer: z.string().max(4_000).optional(),
});

export const sessionUserSchema = z.strictObject({
  id: idField,
  user: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  siteIds: z.array(idField),
});
export type SessionUser = z.infer<typeof sessionUserSchema>;
export const tokensSchema = z.strictObject({
  accessToken: z.string(),
  /** End of the access token, at most 10 minutes ahead. */
  accessExpiresAt: instantField,
  refreshToken: z.string(),
  user: sessionUserSchema,
  epoch: z.string(),
  /** The name by which people know this desk; the service gives the next free one at its first sign-in. */
  deviceName: z.string(),
  /** Public key (P-256 point, base64) to which a desk that may not push encrypts what it could not send (decision 18). */
  recoveryKey: z.string(),
  /** This user's part, 256 bits, base64, of what opens this desk after too many wrong passwords. */
  unlockShare: z.string(),
  /** Leave to use the desk without the service (decision 17). */
  lease: offlineLeaseSchema,
  serverTime: instantField,
});
export type Tokens = z.infer<typeof tokensSchema>;
export const refreshRequestSchema = z.strictObject({ refreshToken: z.string().max(200) });
export const passwordChangeSchema = z.strictObject({
  oldPassword: z.string().max(256),
  newPassword: z.string().max(256),
});
