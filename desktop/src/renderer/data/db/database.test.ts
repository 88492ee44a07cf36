import { newId } from '@sivis/shared/ids/ids.ts';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { expect, it } from 'vitest';
import { testCipher } from '../storage/testStorage.ts';
import { openDatabase, type AnyStorage } from './database.ts';
import { createOutbox } from './outbox.ts';
import { testKey } from './testDesk.ts';

it('does not open with another key, and leaves everything as it is', async () => {
  const inner = getRxStorageMemory() as unknown as AnyStorage;
  const key = await testKey();
  const options = { inner, quarantined: () => undefined };
  const id = newId();
  const first = await openDatabase({ ...options, key });
  await createOutbox(first.outbox).put([{ id, kind: 'draft', data: { text: 'unsent' } }]);
  await first.close();

  const other = { escrow: null, place: key.place, cipher: await testCipher('another1') };
  await expect(openDatabase({ ...options, key: other })).rejects.toBeDefined();

  // Beside it another one can be begun, which leaves it as it is.
  const second = await openDatabase({ ...options, key: other, store: 2 });
  expect(await createOutbox(second.outbox).get(id)).toBeNull();
  await second.close();

  const again = await openDatabase({ ...options, key });
  expect(await createOutbox(again.outbox).get(id)).toEqual({ text: 'unsent' });
  await again.close();
});
