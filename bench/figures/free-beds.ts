import path from 'node:path';
import { newId } from '../../shared/src/ids/ids.ts';
import { toEpochDay } from '../../shared/src/time/plainDate.ts';
import { openSqliteStore } from '../../sync-service/src/store/sqlite/open.ts';
import { median, percentile, timed, type Figure } from '../lib/figure.ts';
import { inFolder } from '../lib/temp.ts';
import { DatabaseSync } from 'node:sqlite';

const BEDS = 1_000;
const DAYS = 3_650;
const NIGHTS = 14;
const ASKED = 300;
const RUNS = 5;

export const figure: Figure = {
  name: 'free-beds',
  title: 'Free beds at the service',
  how:
    `${BEDS} beds over ten years, 73 % of the nights held (stays of 14 nights, gaps of 5), node:sqlite. Which beds are ` +
    `free for ${NIGHTS} nights, from any day: the store is asked as a bed clash asks it for proposals; ${ASKED} questions a ` +
    'run, p95. Bare limit: one SQL statement on the same file that gives ids only.',
  run: (log) =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'sivis.db');
      const store = await openSqliteStore({ file });
      const first = toEpochDay('2020-01-01');
      const beds = Array.from({ length: BEDS }, () => newId());
      for (const [at, bedId] of beds.entries()) {
        // One holder a bed: the question does not ask who.
        const nights = Array.from({ length: DAYS }, (_, day) => day).filter(
          (day) => (day + at * 7) % 19 < 14,
        );
        await store.write((tx) =>
          tx.holdNights(
            newId(),
            nights.map((day) => ({ bedId, night: first + day })),
          ),
        );
      }
      log('the nights are held');
      const raw = new DatabaseSync(file, { readOnly: true });
      const statement = raw.prepare(
        `SELECT b.value FROM json_each(?) b WHERE NOT EXISTS
           (SELECT 1 FROM bed_night n WHERE n.bed_id = b.value AND n.night >= ? AND n.night < ?)`,
      );
      const list = JSON.stringify(beds);
      const [own, bare]: [number[], number[]] = [[], []];
      try {
        for (let run = 0; run < RUNS; run += 1) {
          const dayOf = (asked: number): number => first + ((asked * 131 + run * 17) % (DAYS - NIGHTS));
          let free = 0;
          const mine = await timed(ASKED, async (asked) => {
            const from = dayOf(asked);
            const held = await store.read((tx) => tx.bedsHeld(beds, from, from + NIGHTS));
            free += beds.filter((id) => !held.has(id)).length;
          });
          const limit = await timed(ASKED, async (asked) => {
            const from = dayOf(asked);
            free -= statement.all(list, from, from + NIGHTS).length;
          });
          if (free !== 0) throw new Error('the answers differ');
          own.push(percentile(mine, 0.95));
          bare.push(percentile(limit, 0.95));
          log(`run ${run + 1}: ${own.at(-1)?.toFixed(2)} and ${bare.at(-1)?.toFixed(2)} ms`);
        }
      } finally {
        raw.close();
        await store.close();
      }
      return {
        rows: [
          { name: 'service, p95', role: 'sivis', unit: 'ms', runs: own },
          { name: 'one SQL statement, p95', role: 'bare', unit: 'ms', runs: bare },
        ],
        goals: [{ text: 'p95', value: median(own), unit: 'ms', limit: 4, at: 'most' }],
      };
    }),
};
