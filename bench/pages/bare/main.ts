/** The bare limit: the same rows into RxDB on Dexie, in memory before, unencrypted, in chunks of a page. */
import { createRxDatabase } from 'rxdb';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { fromWire } from '../../../desktop/src/renderer/data/core/localDoc.ts';
import { COLLECTION_SCHEMAS, toRow } from '../../../desktop/src/renderer/data/db/schema.ts';
import { collectionOf, COLLECTIONS } from '../../../shared/src/docs/kinds.ts';
import type { WireDoc } from '../../../shared/src/protocol/messages/sync.ts';
import { offerWork } from '../stopwatch.ts';

const CHUNK = 1_000;
const wire = (await (await fetch('/docs.json')).json()) as WireDoc[];
const docs = wire.map(fromWire);

offerWork(async (durability: 'strict' | 'relaxed') => {
  const database = await createRxDatabase({
    name: 'bare',
    storage: getRxStorageDexie({ chromeTransactionDurability: durability }),
    multiInstance: false,
    eventReduce: true,
  });
  const collections = await database.addCollections(
    Object.fromEntries(COLLECTIONS.map((name) => [name, { schema: COLLECTION_SCHEMAS[name] }])),
  );
  const rows = COLLECTIONS.map(
    (name) => [name, docs.filter((doc) => collectionOf(doc.kind) === name).map(toRow)] as const,
  );
  const start = performance.now();
  for (const [name, own] of rows) {
    for (let at = 0; at < own.length; at += CHUNK) {
      const result = await collections[name]?.bulkInsert(own.slice(at, at + CHUNK));
      if (result === undefined || result.error.length > 0) throw new Error('not inserted');
    }
  }
  return performance.now() - start;
});
