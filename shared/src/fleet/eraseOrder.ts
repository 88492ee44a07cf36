import { z } from 'zod';
import { idField, instantField } from '../docs/fieldTypes.ts';
import { fromBase64, utf8 } from '../tlog/bytes.ts';
import type { Ed25519Verify } from '../tlog/note.ts';

/**
 * How a desk is erased. `offboard`: it sends what is unsent first. `stolen`: at once, what is unsent goes with it.
 */
export const ERASE_MODES = ['offboard', 'stolen'] as const;
export type EraseMode = (typeof ERASE_MODES)[number];

/** The service's order to one desk to erase itself, signed: nobody between them can give it. */
export const eraseOrderSchema = z.strictObject({
  orderId: idField,
  deviceId: idField,
  mode: z.enum(ERASE_MODES),
  at: instantField,
  /** Ed25519 over {@link eraseOrderBytes}, base64. */
  signature: z.base64(),
});
export type EraseOrder = z.infer<typeof eraseOrderSchema>;

/** What is signed of an order. */
export function eraseOrderBytes(order: Omit<EraseOrder, 'signature'>): Uint8Array {
  const { deviceId, orderId, mode, at } = order;
  return utf8(['sivis erase order 1', deviceId, orderId, mode, at, ''].join('\n'));
}

/**
 * Whether an order is for this desk and from its service.
 * @param publicKey of the service, 32 bytes, base64, as this desk learnt it when it was enrolled
 */
export async function isOrderFor(
  order: EraseOrder,
  deviceId: string,
  publicKey: string,
  verify: Ed25519Verify,
): Promise<boolean> {
  const key = fromBase64(publicKey);
  const signature = fromBase64(order.signature);
  if (order.deviceId !== deviceId || key === undefined || signature === undefined) return false;
  return verify(key, eraseOrderBytes(order), signature);
}
