import type { z } from 'zod';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { deviceCodeRequestSchema } from '@sivis/shared/protocol/messages/administration.ts';
import type { deskSchema, enrolRequestSchema, Hello } from '@sivis/shared/protocol/messages/desk.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { DeviceRow, ReadTx, WriteTx } from '../store/store.ts';
import { newCode, plainCode } from './oneTimeCode.ts';
import { technical, throttleAddress, whoOf, type Caller, type IdentityDeps } from './parts.ts';
import { hashSecret } from './tokens.ts';

/** A desk as it names itself. */
export type Desk = z.infer<typeof deskSchema>;

interface CodeNote {
  readonly name: string;
  /** The known desk that gets a new key; null for a new desk. */
  readonly id: string | null;
}

const noteKey = (code: string): string => `enrol:${hashSecret(plainCode(code))}`;

/** Makes a one-time code for a desk, 15 minutes long; shown once, only its hash is kept. Throws NOT_FOUND. */
export async function issueDeviceCode(
  deps: IdentityDeps,
  who: AuditWho,
  request: z.infer<typeof deviceCodeRequestSchema>,
): Promise<{ code: string; expiresAt: string }> {
  const code = newCode();
  const until = deps.clock.now() + SERVICE_LIMITS.enrolMs;
  await deps.store.write(async (tx) => {
    if (request.id !== undefined && (await tx.device(request.id)) === undefined)
      throw new SivisError('NOT_FOUND');
    const note: CodeNote = { name: request.name, id: request.id ?? null };
    await tx.putShortLived(noteKey(code), JSON.stringify(note), until);
    await deps.audit.recordAudit(
      tx,
      who,
      technical('deviceCode', 'ok', {
        kind: 'device',
        objectId: request.id ?? '',
        detail: { name: request.name },
      }),
    );
  });
  return { code, expiresAt: toInstant(until) };
}

/** The name, or the same with the next free number: in the log desks are told apart by their names. */
export function freeName(wanted: string, devices: readonly DeviceRow[]): string {
  const taken = new Set(devices.map((device) => device.name));
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\s*\d+$/, '');
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number += 1;
  return `${stem} ${number}`;
}

/** How this desk with this key stands; one with another key than it was enrolled with is not that desk. */
export async function deskState(
  tx: ReadTx,
  deps: Pick<IdentityDeps, 'openEnrolment'>,
  id: string,
  thumbprint: string,
): Promise<Hello['desk']> {
  const device = await tx.device(id);
  if (device === undefined) return deps.openEnrolment ? 'open' : 'unknown';
  if (device.keyThumbprint !== thumbprint) return 'unknown';
  return device.revoked ? 'revoked' : 'known';
}

/** Writes a new desk with its key. Its name is made one of its own. */
export async function addDevice(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  desk: Desk,
  thumbprint: string,
): Promise<DeviceRow> {
  const device: DeviceRow = {
    id: desk.id,
    name: freeName(desk.name, await tx.devices()),
    createdAt: toInstant(who.nowMs),
    lastSeenAt: null,
    lastUserId: null,
    appVersion: who.app,
    revoked: false,
    keyThumbprint: thumbprint,
  };
  await tx.putDevice(device);
  await deps.audit.recordAudit(
    tx,
    who,
    technical('deviceAdded', 'ok', { kind: 'device', objectId: device.id, detail: { key: thumbprint } }),
  );
  return device;
}

/**
 * Enrols a desk with the key of its proof by a one-time code. A code for a new desk cannot take the place of a known one:
 * that needs a code made for it, and ends its sessions. Throws ENROL_CODE, CONFLICT, TOO_MANY_REQUESTS.
 */
export async function enrol(
  deps: IdentityDeps,
  request: z.infer<typeof enrolRequestSchema>,
  thumbprint: string,
  caller: Caller,
): Promise<{ deviceName: string; serverTime: string }> {
  const who = whoOf(deps, undefined, request.device.id, '', caller);
  await throttleAddress(deps, caller);
  const done = await deps.store.write(async (tx) => {
    const text = await tx.takeShortLived(noteKey(request.code), who.nowMs);
    if (text === undefined) return 'ENROL_CODE';
    const note = JSON.parse(text) as CodeNote;
    const known = await tx.device(request.device.id);
    if (note.id !== null && note.id !== known?.id) return 'ENROL_CODE';
    if (known === undefined)
      return addDevice(deps, tx, who, { ...request.device, name: note.name }, thumbprint);
    if (known.keyThumbprint === thumbprint && !known.revoked) return known;
    if (note.id === null) return 'CONFLICT';
    const renewed: DeviceRow = { ...known, keyThumbprint: thumbprint, revoked: false };
    await tx.putDevice(renewed);
    await tx.revokeDeviceSessions(known.id, toInstant(who.nowMs));
    await deps.audit.recordAudit(
      tx,
      who,
      technical('deviceKey', 'ok', { kind: 'device', objectId: known.id, detail: { key: thumbprint } }),
    );
    return renewed;
  });
  if (typeof done === 'string') {
    await deps.audit.auditRead(
      deps.store,
      who,
      technical('enrolFailed', done === 'CONFLICT' ? 'known-desk' : 'code'),
    );
    throw new SivisError(done, done === 'CONFLICT' ? { field: 'device' } : {});
  }
  deps.accessChanged();
  return { deviceName: done.name, serverTime: toInstant(who.nowMs) };
}
