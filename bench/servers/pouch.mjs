// PouchDB's own server on LevelDB, with the pages of the figure: node pouch.mjs DATA PAGES [DOCUMENTS.json]
import { readFileSync } from 'node:fs';
import path from 'node:path';
import express from 'express';
import expressPouchDB from 'express-pouchdb';
import PouchDB from 'pouchdb';

const [data, pages, documents] = process.argv.slice(2);
const Database = PouchDB.defaults({ prefix: `${data}${path.sep}` });
const app = express();
app.use(
  '/db',
  expressPouchDB(Database, {
    mode: 'minimumForPouchDB',
    inMemoryConfig: true,
    logPath: path.join(data, 'pouch.log'),
  }),
);
app.use(express.static(pages));
const database = new Database('centre');
if (documents !== undefined) {
  const all = JSON.parse(readFileSync(documents, 'utf8')).map(({ id, ...doc }) => ({ _id: id, ...doc }));
  for (let at = 0; at < all.length; at += 1000) await database.bulkDocs(all.slice(at, at + 1000));
} else await database.info();
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
