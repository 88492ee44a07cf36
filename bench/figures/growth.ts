import path from 'node:path';
import { newId } from '../../shared/src/ids/ids.ts';
import type { NewDoc } from '../../sync-service/src/store/store.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { clientOf } from '../../desktop/e2e/support/serviceClient.ts';
import type { Json } from '../../shared/src/docs/json.ts';
import { signIn } from '../lib/client.ts';
import { median, scaled, timed, type Figure, type Measured } from '../lib/figure.ts';
import { putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';

const SIZES = [10_000, scaled(3_000_000)] as const;
const WRITES = 200;

/** Documents of a long life: stays that ended years ago, out of every desk's reach. */
function* past(count: number, like: NewDoc, reservationId: string): Generator<NewDoc> {
  for (let made = 0; made < count; made += 1) {
    const year = 2005 + (made % 20);
    const fields = {
      ...like.fields,
      reservationId,
      personId: newId(),
      arriveDate: `${year}-03-01`,
      departDate: `${year}-03-15`,
      segments: [{ id: newId(), bedId: null, from: `${year}-03-01`, to: `${year}-03-15` }],
      state: 'departed',
    };
    yield { ...like, id: newId(), rev: 1, fields };
  }
}

export const figure: Figure = {
  name: 'growth',
  title: 'Cost as the store grows',
  how:
    `One desk edits a person and pulls the change over HTTP, ${WRITES} times one after the other, at the delivered service ` +
    `with ${SIZES[0]} and with ${SIZES[1]} documents in its store (node:sqlite), most of them old stays; ms for both calls.`,
  run: (log) =>
    inFolder(async (folder) => {
      const rows: Measured[] = [];
      for (const size of SIZES) {
        const data = path.join(folder, String(size));
        await makeCentre(data, 'small', async ({ store }) => {
          const [like] = await store.read((tx) => tx.docsOfKind('stay'));
          if (like === undefined) throw new Error('the centre has no stay');
          const siteId = await siteOf(store);
          await putAll(store, past(size, { ...like, siteId }, String(like.fields['reservationId'])));
        });
        log(`${size} documents are written`);
        const service = await serveCentre(data, folder);
        try {
          const account = accountOf(service, 'reception');
          const held = [...(await (await clientOf(service.url, account)).everything()).values()];
          const person = held.find(({ kind }) => kind === 'person');
          if (person === undefined) throw new Error('the desk holds nobody');
          const desk = await signIn(service.url, account);
          let checkpoint: string | null = null;
          for (let more = true; more;) ({ checkpoint, more } = await desk.pull('people', checkpoint));
          let before = (person.fields['country'] ?? null) as Json;
          const runs: number[] = [];
          for (let run = 0; run < WRITES; run += 1) {
            const after = `Valsts ${run}`;
            const op = desk.op('edit', { country: { before, after } });
            const row = { id: person.id, kind: 'person', siteId: person.siteId, ops: [op] };
            runs.push(
              ...(await timed(1, async () => {
                await desk.push('people', [row]);
                checkpoint = (await desk.pull('people', checkpoint)).checkpoint;
              })),
            );
            before = after;
            // 20 requests a second are a device's share.
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          rows.push({ name: `${size} documents`, role: 'sivis', unit: 'ms', runs });
          log(`${size} documents: ${median(runs).toFixed(2)} ms`);
        } finally {
          await service.stop();
        }
      }
      const [small, large] = rows;
      return {
        rows,
        goals: [
          {
            text: `${SIZES[1]} beside ${SIZES[0]} documents`,
            value: median(large?.runs ?? []) / median(small?.runs ?? []),
            unit: '×',
            limit: 1.3,
            at: 'most',
          },
        ],
      };
    }),
};
