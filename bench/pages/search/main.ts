/** The search of the desk over invented people, key by key, beside a plain scan and beside MiniSearch as it comes. */
import MiniSearch from 'minisearch';
import { createDesk } from '../../../desktop/src/renderer/data/desk/desk.ts';
import { testStore, type TestDoc } from '../../../desktop/src/renderer/data/desk/testStore.ts';
import { createPeopleSearch } from '../../../desktop/src/renderer/data/search/peopleSearch.ts';
import { newId } from '../../../shared/src/ids/ids.ts';
import { fold } from '../../../shared/src/text/fold.ts';
import { createPeople } from '../../../sync-service/src/demo/people.ts';
import { createRandom } from '../../../sync-service/src/demo/random.ts';
import { offerWork } from '../stopwatch.ts';

const SHOWN = 20;
const ASKED = 60;

const p95 = (runs: number[]): number => {
  const sorted = runs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
};

/** Gives the p95 of a key in ms. */
offerWork(async (who: 'sivis' | 'scan' | 'plain', count: number) => {
  const random = createRandom(count);
  const source = createPeople(random, newId);
  const docs: TestDoc[] = [];
  for (let made = 0; made < count; made += 1) {
    const { id, familyName, givenName, fields, contacts } = source.next(random.chance(0.55) ? 'F' : 'M');
    docs.push({ id, kind: 'person', siteId: 's', fields: { familyName, givenName, ...fields } });
    for (const contact of contacts) docs.push({ ...contact, siteId: 's' });
  }
  const people = docs
    .filter(({ kind }) => kind === 'person')
    .map(({ id, fields }) => ({
      id,
      ...(fields as { familyName: string; givenName: string; personalCode?: string }),
    }));
  const typed = Array.from({ length: ASKED }, (_, at) => {
    const { familyName, givenName, personalCode } = random.pick(people);
    return at % 4 === 3 && personalCode !== undefined
      ? personalCode
      : `${familyName} ${givenName.slice(0, 3)}`.toLowerCase();
  });

  let ask: (text: string) => unknown;
  if (who === 'sivis') {
    const search = createPeopleSearch(createDesk(testStore(docs)), () => '2026-11-21');
    await search.ready;
    ask = (text) => search.query(text, SHOWN);
  } else if (who === 'plain') {
    const fields = ['familyName', 'givenName', 'personalCode'];
    const index = new MiniSearch<(typeof people)[number]>({ fields });
    index.addAll(people);
    ask = (text) => index.search(text, { prefix: true, fuzzy: 0.2, combineWith: 'AND' }).slice(0, SHOWN);
  } else {
    const lines = people.map((person) =>
      fold(`${person.familyName} ${person.givenName} ${person.personalCode ?? ''}`),
    );
    ask = (text) => {
      const words = fold(text).split(' ');
      return lines.filter((line) => words.every((word) => line.includes(word))).slice(0, SHOWN);
    };
  }

  const keys: number[] = [];
  for (const text of typed) {
    for (let length = 1; length <= text.length; length += 1) {
      const start = performance.now();
      ask(text.slice(0, length));
      keys.push(performance.now() - start);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return p95(keys);
});
