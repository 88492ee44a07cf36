import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { addDays, rigaDate } from '@sivis/shared/time/plainDate.ts';
import { serviceWho } from '../src/audit/auditLog.ts';
import { issueDeviceCode } from '../src/identity/enrolment.ts';
import { PASSWORD, startService, type LiveService } from './liveService.ts';

const CLIENT = path.join(import.meta.dirname, '../../conformance/client.py');

/** A house with one guest, and a place to sleep for the guests to come. */
async function furnish(service: LiveService): Promise<void> {
  const buildingId = await service.put('building', { name: 'Korpuss', code: 'K', order: 1 });
  const floorId = await service.put('floor', { buildingId, number: 1, order: 1 });
  for (const [order, number] of ['101', '102', '103'].entries()) {
    const roomId = await service.put('room', {
      buildingId,
      floorId,
      number,
      roomType: 'Divvietīgs',
      sexPolicy: 'any',
      adapted: false,
      order,
    });
    for (const label of ['A', 'B']) await service.put('bed', { roomId, label, bedKind: 'fixed', order: 1 });
  }
  const today = rigaDate(Date.now());
  const arriveDate = addDays(today, 1);
  const departDate = addDays(today, 8);
  const personId = await service.put('person', { familyName: 'Viesis', givenName: 'Testa' });
  const reservationId = await service.put('reservation', { reservationKind: 'state', state: 'confirmed' });
  await service.put('stay', {
    reservationId,
    personId,
    arriveDate,
    departDate,
    segments: [{ id: newId(), bedId: null, from: arriveDate, to: departDate }],
    state: 'expected',
    boardPlan: 'full',
  });
}

describe('the protocol as its page says it', () => {
  let service: LiveService;
  beforeAll(async () => {
    service = await startService({ openEnrolment: false });
    await furnish(service);
    await service.user('recepcija', 'reception');
    await service.user('speciaalists', 'specialist');
  });
  afterAll(() => service.stop());

  it('is spoken by a client that was written from the page alone', async () => {
    const checks = readFileSync(CLIENT, 'utf8').match(/^@check$/gm)?.length ?? 0;
    expect(checks).toBeGreaterThan(5);
    const python = process.platform === 'win32' ? 'python' : 'python3';
    const codes: string[] = [];
    for (const name of ['A', 'B', 'C'])
      codes.push((await issueDeviceCode(service.deps, serviceWho(Date.now(), ''), { name })).code);
    const args = [CLIENT, service.base, 'recepcija', PASSWORD, 'speciaalists', PASSWORD, ...codes];
    const told = await new Promise<string>((resolve) => {
      execFile(python, args, { timeout: 60_000 }, (error, stdout, stderr) => {
        resolve(`${stdout}${stderr}${error === null ? 'exit 0' : `exit ${String(error.code)}`}`);
      });
    });
    expect(told.trim()).toContain(`\n${checks} passed, 0 failed\n`);
    expect(told).toContain('exit 0');
  }, 90_000);
});
