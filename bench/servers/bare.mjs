// The bare engine: documents in node:sqlite (WAL, synchronous=FULL) behind Fastify, no rights, rules or log:
// node bare.mjs FILE. POST /push {rows:[{id, doc}]} is one SELECT and one INSERT … ON CONFLICT in one transaction.
import { DatabaseSync } from 'node:sqlite';
import fastify from 'fastify';

const db = new DatabaseSync(process.argv[2]);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
db.exec(
  'CREATE TABLE docs (id TEXT PRIMARY KEY, seq INTEGER, rev INTEGER, deleted INTEGER, doc TEXT) WITHOUT ROWID',
);
db.exec('CREATE INDEX docs_seq ON docs (seq)');
const known = db.prepare('SELECT id, rev FROM docs WHERE id IN (SELECT value FROM json_each(?))');
const put = db.prepare(
  `INSERT INTO docs (id, seq, rev, deleted, doc)
   SELECT value ->> 'id', ? + key, value ->> 'rev', 0, value ->> 'doc' FROM json_each(?) WHERE true
   ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, rev = excluded.rev, doc = excluded.doc`,
);
let seq = 1;
const app = fastify({ bodyLimit: 10 * 2 ** 20 });
app.post('/push', (request, reply) => {
  const { rows } = request.body;
  db.exec('BEGIN IMMEDIATE');
  const revs = new Map(known.all(JSON.stringify(rows.map(({ id }) => id))).map(({ id, rev }) => [id, rev]));
  const next = rows.map(({ id, doc }) => ({ id, doc, rev: (revs.get(id) ?? 0) + 1 }));
  put.run(seq, JSON.stringify(next));
  seq += rows.length;
  db.exec('COMMIT');
  reply.send({ rows: next.map(({ id, rev }) => ({ id, rev })) });
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${app.server.address().port}\n`);
process.on('SIGTERM', () => process.exit(0));
