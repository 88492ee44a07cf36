import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { ERASE_MODES } from '../../fleet/eraseOrder.ts';
import { ROLES } from '../../access/roles.ts';

/** Users and devices (IT). */

export const userViewSchema = z.strictObject({
  id: idField,
  user: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  siteIds: z.array(idField),
  disabled: z.boolean(),
  createdAt: instantField,
  lastSignInAt: instantField.nullable(),
  /** Signs in with a second factor. */
  totp: z.boolean(),
});
export type UserView = z.infer<typeof userViewSchema>;
export const userCreateSchema = z.strictObject({
  user: z.string().regex(/^[a-z][a-z0-9._-]{1,39}$/),
  name: wholeText.trim().min(1).max(120),
  role: z.enum(ROLES),
  siteIds: z.array(idField).min(1).max(20),
  password: z.string().max(256),
});
export const userUpdateSchema = z.strictObject({
  id: idField,
  name: wholeText.trim().min(1).max(120).optional(),
  role: z.enum(ROLES).optional(),
  siteIds: z.array(idField).min(1).max(20).optional(),
  disabled: z.boolean().optional(),
  password: z.string().max(256).optional(),
  /** Takes the second factor away, for somebody who lost the phone and the recovery codes. */
  resetTotp: z.literal(true).optional(),
  /** Forgets failed sign-ins, so that the account is let in again at once. */
  unlock: z.literal(true).optional(),
});
export const deviceViewSchema = z.strictObject({
  id: idField,
  name: z.string(),
  createdAt: instantField,
  lastSeenAt: instantField.nullable(),
  lastUserId: z.string().nullable(),
  lastUserName: z.string().nullable(),
  appVersion: z.string(),
  revoked: z.boolean(),
  /** The last order to erase it, and when the desk said that it is done. */
  erase: z
    .strictObject({ mode: z.enum(ERASE_MODES), at: instantField, doneAt: instantField.nullable() })
    .nullable(),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;
/** A one-time code for a new desk, or (`id`) for one that is known and has lost its key. */
export const deviceCodeRequestSchema = z.strictObject({
  name: wholeText.trim().min(1).max(60),
  id: idField.optional(),
});
export const deviceCodeResponseSchema = z.strictObject({ code: z.string(), expiresAt: instantField });
export const deviceUpdateSchema = z.strictObject({
  id: idField,
  name: wholeText.trim().min(1).max(60).optional(),
  revoked: z.boolean().optional(),
});

/** Orders a desk to erase itself, or (`null`) takes back an order that it has not carried out. */
export const deviceEraseSchema = z.strictObject({ id: idField, mode: z.enum(ERASE_MODES).nullable() });
