import path from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../scripts/lib/postgres.mjs';
import { systemClock } from '../../shared/src/time/clock.ts';
import { newId } from '../../shared/src/ids/ids.ts';
import { openDataFolder, type DataFolder } from '../../sync-service/src/cli/dataFolder.ts';
import { ensureDemo } from '../../sync-service/src/demo/ensure.ts';
import { syncEntries } from '../../sync-service/src/http/sync.ts';
import { subjectOf, type RequestContext } from '../../sync-service/src/identity/context.ts';
import { createSyncService } from '../../sync-service/src/sync/service.ts';
import { as, createCluster, createDatabase, TEMPLATE } from '../../sync-service/test/postgres/cluster.ts';
import { median, scaled, type Figure, type Measured } from '../lib/figure.ts';
import { inventPeople, putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';

const SECONDS = 3;
const ROUNDS = 5;
const WRITERS = 16;
const PEOPLE = 5_000;
const DESKS = 100;

/** Runs the work in `width` lanes for some seconds, some rounds long. Gives how often a second it was done. */
async function perSecond(width: number, work: (lane: number) => Promise<unknown>): Promise<number[]> {
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    const end = begin + scaled(SECONDS * 1_000);
    let done = 0;
    const lanes = Array.from({ length: width }, async (_, lane) => {
      while (performance.now() < end) {
        await work(lane);
        done += 1;
      }
    });
    await Promise.all(lanes);
    runs.push((done * 1_000) / (performance.now() - begin));
  }
  return runs;
}

/** One document and one entry by bare SQL; with the writers' turn, or with numbers from a sequence and no turn. */
function bareWriter(clients: readonly pg.Client[], inTurn: boolean): (lane: number) => Promise<unknown> {
  return async (lane) => {
    const client = clients[lane];
    if (client === undefined) return;
    await client.query('BEGIN');
    if (inTurn) await client.query('SELECT pg_advisory_xact_lock(1)');
    await client.query(
      `INSERT INTO bare_doc (id, seq, fields) VALUES ($1, nextval('bare_seq'), $2)
       ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, fields = excluded.fields`,
      [`${lane}-${Math.floor(Math.random() * 1_000)}`, 'x'.repeat(600)],
    );
    await client.query('INSERT INTO bare_entry (envelope) VALUES ($1)', ['x'.repeat(600)]);
    await client.query('COMMIT');
  };
}

export const figure: Figure = {
  name: 'stores',
  title: 'SQLite and PostgreSQL under the same service',
  how:
    `Pushes of one operation through the service (rights, rules, merge, replay protection, audit log, no HTTP), in ${ROUNDS} ` +
    `rounds of ${SECONDS} s, on ${PEOPLE} people: on node:sqlite, on PostgreSQL (Unix socket, fsync and synchronous_commit on) ` +
    'by one instance and by two at once; pages of 500 documents as a pull reads them. Bare: one document of 600 bytes and ' +
    `one entry in a transaction of four statements, ${WRITERS} connections, with the writers' turn (an advisory lock until ` +
    'the commit) and without it, where numbers come from a sequence and a late commit can be skipped.',
  run: (log) =>
    inFolder(async (folder) => {
      const bin = findPostgres();
      if (bin === undefined) throw new Error('PostgreSQL is not installed here');
      const cluster = await createCluster(bin);
      const rows: Measured[] = [];
      const add = (name: string, role: Measured['role'], runs: readonly number[]): void => {
        rows.push({ name, role, unit: '/s', runs });
        log(`${name}: ${median(runs).toFixed(0)} a second`);
      };
      const pushes = new Map<string, number>();
      try {
        const bare = cluster.url(TEMPLATE, 'sivis_owner');
        await as(bare, (client) =>
          client.query(
            `CREATE TABLE bare_doc (id text PRIMARY KEY, seq bigint UNIQUE, fields text); CREATE SEQUENCE bare_seq;
             CREATE TABLE bare_entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, envelope text)`,
          ),
        );
        const clients = Array.from({ length: WRITERS }, () => new pg.Client({ connectionString: bare }));
        for (const client of clients) await client.connect();
        add(`bare, ${WRITERS} writers in turn`, 'bare', await perSecond(WRITERS, bareWriter(clients, true)));
        add(
          `bare, ${WRITERS} writers at once, order of commits lost`,
          'bare',
          await perSecond(WRITERS, bareWriter(clients, false)),
        );
        for (const client of clients) await client.end();
        await as(bare, (client) => client.query('DROP TABLE bare_doc, bare_entry; DROP SEQUENCE bare_seq'));

        const measure = async (
          name: string,
          open: () => Promise<DataFolder>,
          instances: number,
        ): Promise<void> => {
          const homes = await Promise.all(Array.from({ length: instances }, open));
          const [home] = homes;
          if (home === undefined) return;
          await ensureDemo(home.store, { clock: systemClock, dataDir: home.dir, size: 'small' });
          const people = [...inventPeople(PEOPLE, await siteOf(home.store), PEOPLE + instances)];
          await putAll(home.store, people);
          const user = (await home.store.read((tx) => tx.users())).find(({ role }) => role === 'reception');
          if (user === undefined) throw new Error('the centre has no reception');
          const deviceId = newId();
          const context: RequestContext = {
            subject: subjectOf(user),
            user,
            deviceId,
            sessionId: newId(),
            thumbprint: '',
            ip: '127.0.0.1',
            app: 'bench',
            requestId: newId(),
            nowMs: Date.now(),
          };
          const services = homes.map(({ store, audit, keys }) =>
            createSyncService({
              store,
              clock: systemClock,
              key: keys.checkpoint,
              newId,
              ...syncEntries(audit),
            }),
          );
          const values = new Map<string, string>();
          let turn = 0;
          const push = async (lane: number): Promise<void> => {
            const person = people[(turn += 1) % people.length];
            const service = services[lane % services.length];
            if (person === undefined || service === undefined) return;
            const before = values.get(person.id) ?? person.fields['country'] ?? null;
            const after = `Valsts ${turn}`;
            values.set(person.id, after);
            const op = {
              opId: newId(),
              kind: 'edit',
              at: new Date().toISOString(),
              actor: user.id,
              device: deviceId,
              changes: { country: { before, after } },
            };
            const row = { id: person.id, kind: 'person', siteId: person.siteId, ops: [op] };
            const { rows: answers } = await service.push(context, 'people', [row]);
            if (answers[0]?.outcome !== 'accepted') throw new Error(JSON.stringify(answers));
          };
          const one = await perSecond(1, push);
          add(`${name}: pushes of one desk`, 'sivis', one);
          const many = await perSecond(WRITERS, push);
          add(`${name}: pushes of ${WRITERS} desks at once`, 'sivis', many);
          pushes.set(name, median(many));
          const desk = { deviceId, userId: user.id };
          const everything = { sql: '1 = 1', params: [] };
          if (instances === 1) {
            add(
              `${name}: pages of 500`,
              'sivis',
              await perSecond(4, () => home.store.read((tx) => tx.page('people', 0, 500, desk, everything))),
            );
          }
          for (const { store } of homes) await store.close();
        };
        const data = path.join(folder, 'data');
        await measure('SQLite', () => openDataFolder(data), 1);
        for (const instances of [1, 2]) {
          const url = cluster.url(await createDatabase(cluster.url));
          const name = instances === 1 ? 'PostgreSQL' : 'PostgreSQL, two instances';
          await measure(name, () => openDataFolder(path.join(folder, `pg${instances}`), url), instances);
        }
      } finally {
        await cluster.stop();
      }
      return {
        rows,
        goals: [
          {
            text: `pushes on PostgreSQL, ${DESKS} desks with one a second`,
            value: pushes.get('PostgreSQL') ?? 0,
            unit: '/s',
            limit: DESKS,
            at: 'least',
          },
          {
            text: 'two instances do not stand in each other’s way',
            value: (pushes.get('PostgreSQL, two instances') ?? 0) / (pushes.get('PostgreSQL') ?? 1),
            unit: '×',
            limit: 0.8,
            at: 'least',
          },
        ],
        notes: ['One process makes all pushes; its processor time is part of what is measured.'],
      };
    }),
};
