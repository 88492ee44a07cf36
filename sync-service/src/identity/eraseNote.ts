import { z } from 'zod';
import { ERASE_MODES } from '@sivis/shared/fleet/eraseOrder.ts';
import type { DeviceView } from '@sivis/shared/protocol/messages/administration.ts';
import type { ReadTx, WriteTx } from '../store/store.ts';

const noteSchema = z.strictObject({
  orderId: z.string(),
  mode: z.enum(ERASE_MODES),
  at: z.string(),
  doneAt: z.string().nullable(),
});
export type EraseNote = z.infer<typeof noteSchema>;

const noteKey = (deviceId: string): string => `erase:${deviceId}`;

/** The last order to a desk; `null` when there is none. */
export async function noteOf(tx: ReadTx, deviceId: string): Promise<EraseNote | null> {
  const text = await tx.meta(noteKey(deviceId));
  return text === undefined || text === '' ? null : noteSchema.parse(JSON.parse(text));
}

/** Keeps the order; `null` forgets it. */
export const putNote = (tx: WriteTx, deviceId: string, note: EraseNote | null): Promise<void> =>
  tx.setMeta(noteKey(deviceId), note === null ? '' : JSON.stringify(note));

/** The last order to a desk as the list of desks shows it. */
export async function eraseView(tx: ReadTx, deviceId: string): Promise<DeviceView['erase']> {
  const note = await noteOf(tx, deviceId);
  return note === null ? null : { mode: note.mode, at: note.at, doneAt: note.doneAt };
}
