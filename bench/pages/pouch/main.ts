import PouchDB from 'pouchdb/dist/pouchdb.js';
import { offerWork } from '../stopwatch.ts';

offerWork(async (documents: number) => {
  const local = new PouchDB('centre');
  await local.info();
  const start = performance.now();
  const result = await PouchDB.replicate(`${location.origin}/db/centre`, local, { batch_size: 1_000 });
  if (result.docs_written < documents) throw new Error(`${result.docs_written} documents came`);
  return performance.now() - start;
});
