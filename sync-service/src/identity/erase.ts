import type { z } from 'zod';
import { eraseOrderBytes, type EraseOrder } from '@sivis/shared/fleet/eraseOrder.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { deviceEraseSchema, DeviceView } from '@sivis/shared/protocol/messages/administration.ts';
import type { erasedRequestSchema } from '@sivis/shared/protocol/messages/desk.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditWho } from '../audit/auditLog.ts';
import type { ReadTx } from '../store/store.ts';
import { signForDesks } from './deskOrders.ts';
import { eraseView, noteOf, putNote } from './eraseNote.ts';
import { technical, throttleAddress, whoOf, type Caller, type IdentityDeps } from './parts.ts';
import { deviceView } from './users.ts';

/** The order that a desk with this key has not carried out. */
export async function eraseOrder(
  tx: ReadTx,
  deps: Pick<IdentityDeps, 'keys'>,
  deviceId: string,
  thumbprint: string,
): Promise<EraseOrder | null> {
  const note = await noteOf(tx, deviceId);
  if (note === null || note.doneAt !== null) return null;
  if ((await tx.device(deviceId))?.keyThumbprint !== thumbprint) return null;
  const order = { orderId: note.orderId, deviceId, mode: note.mode, at: note.at };
  const signature = signForDesks(deps.keys, eraseOrderBytes(order));
  return { ...order, signature };
}

/**
 * Orders a desk to erase itself at its next contact, or takes an order back. A stolen desk signs nobody in any more; one
 * that is taken out of use may still send what it has. Throws NOT_FOUND, and CONFLICT when there is nothing to take back.
 */
export async function orderErase(
  deps: IdentityDeps,
  who: AuditWho,
  { id, mode }: z.infer<typeof deviceEraseSchema>,
): Promise<DeviceView> {
  const view = await deps.store.write(async (tx) => {
    const device = await tx.device(id);
    if (device === undefined) throw new SivisError('NOT_FOUND');
    const before = await noteOf(tx, id);
    if (mode === null && (before === null || before.doneAt !== null))
      throw new SivisError('CONFLICT', { field: 'erase' });
    const at = toInstant(deps.clock.now());
    await putNote(tx, id, mode === null ? null : { orderId: newId(), mode, at, doneAt: null });
    const after = mode === 'stolen' ? { ...device, revoked: true } : device;
    if (mode === 'stolen') {
      await tx.putDevice(after);
      await tx.revokeDeviceSessions(id, at);
    }
    await deps.audit.recordAudit(
      tx,
      who,
      technical(mode === null ? 'eraseCancelled' : 'eraseOrdered', 'ok', {
        kind: 'device',
        objectId: id,
        detail: { mode: mode ?? before?.mode ?? '' },
      }),
    );
    const user = after.lastUserId === null ? undefined : await tx.user(after.lastUserId);
    return deviceView(
      after,
      new Map(user === undefined ? [] : [[user.id, user.name]]),
      await eraseView(tx, id),
    );
  });
  deps.accessChanged();
  return view;
}

/** Takes the receipt of a desk that has erased itself; it signs nobody in afterwards. Throws FORBIDDEN, TOO_MANY_REQUESTS. */
export async function takeReceipt(
  deps: IdentityDeps,
  { device: { id }, orderId, keysMs, dataMs, unsent }: z.infer<typeof erasedRequestSchema>,
  thumbprint: string,
  caller: Caller,
): Promise<void> {
  const who = whoOf(deps, undefined, id, '', caller);
  await throttleAddress(deps, caller);
  await deps.store.write(async (tx) => {
    const device = await tx.device(id);
    const note = await noteOf(tx, id);
    if (device?.keyThumbprint !== thumbprint || note?.orderId !== orderId) throw new SivisError('FORBIDDEN');
    // The desk asks again when it did not hear that its receipt arrived.
    if (note.doneAt !== null) return;
    const at = toInstant(deps.clock.now());
    await putNote(tx, id, { ...note, doneAt: at });
    await tx.putDevice({ ...device, revoked: true });
    await tx.revokeDeviceSessions(id, at);
    await deps.audit.recordAudit(
      tx,
      who,
      technical('erased', 'ok', {
        kind: 'device',
        objectId: id,
        detail: { mode: note.mode, keysMs, dataMs, ...(unsent === null ? {} : { unsent }) },
      }),
    );
  });
  deps.accessChanged();
}
