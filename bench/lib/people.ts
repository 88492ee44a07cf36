/** Invented people in any number, the same in every run but for their ids. */
import { newId } from '../../shared/src/ids/ids.ts';
import { createPeople } from '../../sync-service/src/demo/people.ts';
import { createRandom } from '../../sync-service/src/demo/random.ts';
import { SERVICE_ACTOR_ID } from '../../sync-service/src/sync/env.ts';
import type { NewDoc, Store } from '../../sync-service/src/store/store.ts';

/** People of a site as documents; two draws of one seed give the same names and codes. */
export function* inventPeople(count: number, siteId: string, seed = 50_000): Generator<NewDoc> {
  const random = createRandom(seed);
  const source = createPeople(random, newId);
  for (let made = 0; made < count; made += 1) {
    const person = source.next(random.chance(0.55) ? 'F' : 'M');
    yield {
      id: person.id,
      kind: 'person',
      siteId,
      rev: 1,
      fields: { familyName: person.familyName, givenName: person.givenName, ...person.fields },
      stamps: {},
      createdBy: SERVICE_ACTOR_ID,
    };
  }
}

const CHUNK = 5_000;

/** Writes documents in transactions of 5 000, as they are made. */
export async function putAll(store: Store, docs: Iterable<NewDoc>): Promise<void> {
  let chunk: NewDoc[] = [];
  const flush = (): Promise<void> =>
    store.write(async (tx) => {
      for (const doc of chunk.splice(0)) await tx.putDoc(doc);
    });
  for (const doc of docs) {
    chunk.push(doc);
    if (chunk.length === CHUNK) await flush();
  }
  await flush();
}

export async function siteOf(store: Store): Promise<string> {
  const [site] = await store.read((tx) => tx.docsOfKind('site'));
  if (site === undefined) throw new Error('the centre has no site');
  return site.id;
}
