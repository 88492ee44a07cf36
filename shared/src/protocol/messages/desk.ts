import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { eraseOrderSchema } from '../../fleet/eraseOrder.ts';

/** What a desk says for itself, before anybody signs in. */

/** A desk as it names itself; its key stands in the DPoP proof of the request. */
export const deskSchema = z.strictObject({ id: idField, name: wholeText.min(1).max(60) });

export const helloRequestSchema = z.strictObject({ device: z.strictObject({ id: idField }) });
export const helloResponseSchema = z.strictObject({
  /** `known`: this desk with this key may sign people in; `open`: it will be enrolled by the first sign-in. */
  desk: z.enum(['known', 'open', 'unknown', 'revoked']),
  /** What the sign-in with an account of the organisation is called; null where there is none. */
  oidc: z.string().nullable(),
  /** The order to erase this desk, until it was carried out; `null` as a rule. */
  erase: eraseOrderSchema.nullable(),
  /** The key with which the service signs such orders (Ed25519, base64): a desk keeps the first that it sees. */
  orderKey: z.base64(),
  serverTime: instantField,
});
export type Hello = z.infer<typeof helloResponseSchema>;

/** The receipt of a desk that has erased itself: how long the keys took, and everything, ms. */
export const erasedRequestSchema = z.strictObject({
  device: z.strictObject({ id: idField }),
  orderId: idField,
  keysMs: z.int().min(0),
  dataMs: z.int().min(0),
  /** Changes that went with it unsent; `null` when the desk could not count them. */
  unsent: z.int().min(0).nullable(),
});

/** Enrolment of a desk by a one-time code, typed with or without its hyphens. */
export const enrolRequestSchema = z.strictObject({ code: z.string().min(1).max(80), device: deskSchema });
export const enrolResponseSchema = z.strictObject({ deviceName: z.string(), serverTime: instantField });
