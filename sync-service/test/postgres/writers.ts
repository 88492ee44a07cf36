/**
 * One of several processes that write at the same time: `writers.ts URL NAME COUNT WIDTH`. Writes documents, `WIDTH`
 * transactions at once, and prints the id and the number of each after its commit.
 */
import { makeDoc, SITES } from '../../src/store/contractWorld.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';

const [url = '', name = '0', count = '0', width = '1'] = process.argv.slice(2);
const store = await openPostgresStore({ url });
let next = 0;

async function write(at: number): Promise<void> {
  const id = `00000000-0000-7000-8000-${name.padStart(4, '0')}${String(at).padStart(8, '0')}`;
  const seq = await store.write(async (tx) => {
    const given = await tx.putDoc(
      makeDoc(id, 'person', SITES[0], { familyName: 'Liepa', givenName: `N${at}` }),
    );
    // Some take longer between number and commit than others: the order of commits is put to the test.
    if (at % 7 === 0) await new Promise((resolve) => setTimeout(resolve, at % 5));
    if (at % 11 === 0) await tx.touchDocs([id]);
    return given;
  });
  process.stdout.write(`${id} ${seq}\n`);
}

async function lane(): Promise<void> {
  while (next < Number(count)) await write((next += 1));
}

await Promise.all(Array.from({ length: Number(width) }, lane));
await store.close();
