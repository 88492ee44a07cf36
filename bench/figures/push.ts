import path from 'node:path';
import type { NewDoc } from '../../sync-service/src/store/store.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { startChild } from '../lib/child.ts';
import { signIn } from '../lib/client.ts';
import { median, timed, type Figure } from '../lib/figure.ts';
import { inventPeople, putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';

const EDITS = 10_000;
const BATCH = 1_000;
const RUNS = 5;

const post = async (url: string, body: unknown): Promise<unknown> => {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
  return reply.json();
};

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}

export const figure: Figure = {
  name: 'push',
  title: 'A day of offline work is sent',
  how:
    `${EDITS} people are edited, one field each, and sent over HTTP in batches of ${BATCH}, one after the other, from a ` +
    'client without a browser. SIVIS: the delivered service with rights, rules, merge by field, replay protection and an ' +
    'audit entry per edit, WAL and synchronous=FULL. Bare limit: Fastify and node:sqlite with the same durability, one ' +
    'SELECT and one INSERT … ON CONFLICT per batch, nothing asked. Peer: `_bulk_docs` of express-pouchdb on LevelDB, ' +
    'which does not sync to disk.',
  run: (log) =>
    inFolder(async (folder) => {
      let people: NewDoc[] = [];
      const data = path.join(folder, 'data');
      await makeCentre(data, 'small', async ({ store }) => {
        people = [...inventPeople(EDITS, await siteOf(store))];
        await putAll(store, people);
      });
      const service = await serveCentre(data, folder);
      const bare = await startChild('bare.mjs', path.join(folder, 'bare.db'));
      const pouch = await startChild('pouch.mjs', folder, folder);
      const [own, limit, peer]: [number[], number[], number[]] = [[], [], []];
      let bytes = 0;
      try {
        const desk = await signIn(service.url, accountOf(service, 'reception'));
        let revs = new Map<string, string>();
        const pushBare = async (value: string): Promise<void> => {
          const rows = people.map(({ id, fields }) => ({
            id,
            doc: JSON.stringify({ ...fields, country: value }),
          }));
          for (const batch of batches(rows)) await post(`${bare.url}/push`, { rows: batch });
        };
        const pushPouch = async (value: string): Promise<void> => {
          const docs = people.map(({ id, fields }) => ({
            _id: id,
            ...(revs.has(id) ? { _rev: revs.get(id) } : {}),
            ...fields,
            country: value,
          }));
          const next = new Map<string, string>();
          for (const batch of batches(docs)) {
            const answer = await post(`${pouch.url}/db/centre/_bulk_docs`, { docs: batch });
            for (const { id, rev } of answer as { id: string; rev: string }[]) next.set(id, rev);
          }
          revs = next;
        };
        const value = (run: number): string => (run % 2 === 0 ? 'Igaunija' : 'Somija');
        await pushBare('Latvija');
        await pushPouch('Latvija');
        for (let run = 0; run < RUNS; run += 1) {
          const rows = people.map(({ id, siteId, fields }) => {
            const before = run === 0 ? (fields['country'] ?? null) : value(run - 1);
            return {
              id,
              kind: 'person',
              siteId,
              ops: [desk.op('edit', { country: { before, after: value(run) } })],
            };
          });
          bytes = JSON.stringify(rows).length / EDITS;
          own.push(
            ...(await timed(1, async () => {
              for (const batch of batches(rows)) {
                const answer = await desk.push('people', batch);
                const refused = answer.rows.find(({ outcome }) => outcome !== 'accepted');
                if (refused !== undefined) throw new Error(JSON.stringify(refused));
              }
            })),
          );
          limit.push(...(await timed(1, () => pushBare(value(run)))));
          peer.push(...(await timed(1, () => pushPouch(value(run)))));
          const last = [own, limit, peer].map((runs) => `${runs.at(-1)?.toFixed(0)} ms`);
          log(`run ${run + 1}: SIVIS, bare, PouchDB: ${last.join(', ')}`);
        }
      } finally {
        await Promise.all([service.stop(), bare.stop(), pouch.stop()]);
      }
      return {
        rows: [
          { name: 'SIVIS, rights, rules, audit', role: 'sivis', unit: 'ms', runs: own },
          { name: 'Fastify and node:sqlite', role: 'bare', unit: 'ms', runs: limit },
          { name: 'express-pouchdb', role: 'peer', unit: 'ms', runs: peer },
        ],
        goals: [
          {
            text: 'beside the bare engine',
            value: median(own) / median(limit),
            unit: '×',
            limit: 2.5,
            at: 'most',
          },
          {
            text: 'faster than PouchDB',
            value: median(peer) / median(own),
            unit: '×',
            limit: 1,
            at: 'least',
          },
        ],
        notes: [
          `A row is ${Math.round(bytes)} bytes of JSON: an operation with one field, before and after.`,
        ],
      };
    }),
};
