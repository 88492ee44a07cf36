import { describe, expect, it } from 'vitest';
import { pendingFile, type PendingRow } from '../desktop/src/renderer/data/export/pendingFile.ts';
import { newDeskKey } from '../desktop/src/renderer/data/net/deskKey.ts';
import {
  newRecoveryKey,
  openRecoveryFile,
  recoveryPublicKey,
} from '../sync-service/src/identity/recovery.ts';

const ROW: PendingRow = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  kind: 'person',
  siteId: '01890a5d-ac96-774b-bcce-b302099a8058',
  ops: [
    {
      opId: '01890a5d-ac96-774b-bcce-b302099a8059',
      kind: 'update',
      at: '2026-11-21T10:00:00.000Z',
      actor: '01890a5d-ac96-774b-bcce-b302099a805a',
      device: '01890a5d-ac96-774b-bcce-b302099a805b',
      changes: { country: { before: 'Latvija', after: 'Lietuva' } },
    },
  ],
};

describe('the file of what was not sent', () => {
  const service = newRecoveryKey();
  const sealed = async () =>
    pendingFile([ROW], {
      recoveryKey: recoveryPublicKey(service),
      deskKey: await newDeskKey(),
      deviceId: ROW.ops[0]?.device ?? '',
      nowMs: Date.parse('2026-11-21T10:00:00Z'),
    });

  it('is opened by the service alone and says what the desk wrote', async () => {
    const { name, text, count } = await sealed();
    expect([name, count]).toEqual(['sivis-nenosutitais-2026-11-21T10-00-00.sivis', 1]);
    for (const word of ['Lietuva', ROW.id, 'country']) expect(text).not.toContain(word);
    const { payload } = openRecoveryFile(service, text);
    expect((JSON.parse(payload) as { rows: unknown }).rows).toEqual([ROW]);
    expect(() => openRecoveryFile(newRecoveryKey(), text)).toThrow();
  });

  it('is refused when a byte of it was changed', async () => {
    const file = JSON.parse((await sealed()).text) as { body: string };
    const body = Buffer.from(file.body, 'base64');
    body[40] = (body[40] ?? 0) ^ 1;
    const changed = JSON.stringify({ ...file, body: body.toString('base64') });
    expect(() => openRecoveryFile(service, changed)).toThrow();
  });
});
