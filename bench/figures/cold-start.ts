import path from 'node:path';
import { build } from 'vite';
import { fromEpochDay, rigaDate, toEpochDay } from '../../shared/src/time/plainDate.ts';
import { newId } from '../../shared/src/ids/ids.ts';
import type { NewDoc } from '../../sync-service/src/store/store.ts';
import { startOwnBrowser } from '../../desktop/e2e/support/browser.ts';
import { meterOf, openPage, startBrowser } from '../lib/browser.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { median, scaled, type Figure } from '../lib/figure.ts';
import { pageAt, servePages } from '../lib/pages.ts';
import { inventPeople, putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';
import { inPage } from '../lib/work.ts';

const PEOPLE = scaled(50_000);
const RUNS = 5;
const FIRST_SYNC_MS = 1_800_000;
const desktop = path.resolve(import.meta.dirname, '../../desktop');

/** People with a stay each, so that a desk of reception holds them all. */
function* guests(siteId: string): Generator<NewDoc> {
  const today = toEpochDay(rigaDate(Date.now()));
  let reservation: NewDoc | undefined;
  let made = 0;
  for (const person of inventPeople(PEOPLE, siteId)) {
    yield person;
    if (made % 1_000 === 0 || reservation === undefined) {
      const fields = { reservationKind: 'state', state: 'confirmed' };
      reservation = { ...person, id: newId(), kind: 'reservation', fields };
      yield reservation;
    }
    const [from, to] = [fromEpochDay(today + 20 + (made % 300)), fromEpochDay(today + 34 + (made % 300))];
    const fields = {
      reservationId: reservation.id,
      personId: person.id,
      arriveDate: from,
      departDate: to,
      segments: [{ id: newId(), bedId: null, from, to }],
      state: 'expected',
      boardPlan: 'full',
    };
    yield { ...person, id: newId(), kind: 'stay', fields };
    made += 1;
  }
}

export const figure: Figure = {
  name: 'cold-start',
  title: 'Cold start and memory of a full desk',
  how:
    `The built workstation in Chromium with a profile that holds ${PEOPLE} people and a stay of each (100 000 encrypted ` +
    'documents), the browser started anew for each run. From the sign-in’s answer (its key derivation, measured by itself ' +
    'in the same browser, is taken off) and from navigation to the sign-in form, both added: until the first key typed ' +
    'stands in the search field; and until the search has answered. Heap after a full collection.',
  run: (log) =>
    inFolder(async (folder) => {
      await build({ configFile: path.join(desktop, 'vite.web.config.ts'), logLevel: 'error' });
      const pages = await servePages('kdf');
      const data = path.join(folder, 'data');
      const profile = path.join(folder, 'profile');
      await makeCentre(data, 'small', async ({ store }) => {
        await putAll(store, guests(await siteOf(store)));
      });
      const service = await serveCentre(data, path.join(desktop, 'out/renderer'));
      const account = accountOf(service, 'reception');
      const [typing, results, heaps, derivations]: [number[], number[], number[], number[]] = [
        [],
        [],
        [],
        [],
      ];
      try {
        const plain = await startBrowser();
        for (let run = 0; run < RUNS; run += 1)
          derivations.push(await inPage(plain, `${pages.url}${pageAt('kdf')}`));
        await plain.close();
        const kdf = median(derivations);
        log(`key derivation ${kdf.toFixed(0)} ms`);
        for (let run = -1; run < RUNS; run += 1) {
          const own = await startOwnBrowser(profile);
          try {
            const start = performance.now();
            const page = await openPage(own.context, service.url);
            const name = page.getByRole('textbox', { name: 'Lietotājs', exact: true });
            await name.waitFor();
            const entrance = performance.now() - start;
            await name.fill(account.user);
            await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(account.password);
            const clicked = performance.now();
            await page.getByRole('button', { name: 'Pierakstīties' }).click();
            await page.getByRole('navigation', { name: 'Skati' }).waitFor({ timeout: 120_000 });
            await page.keyboard.press('Control+k');
            const field = page.getByRole('combobox').first();
            await field.waitFor();
            await page.keyboard.type('b');
            await page.waitForFunction(() =>
              [...document.querySelectorAll('input')].some((input) => input.value === 'b'),
            );
            const first = entrance + performance.now() - clicked - kdf;
            await page.getByRole('option').first().waitFor({ timeout: 600_000 });
            const complete = entrance + performance.now() - clicked - kdf;
            if (run === -1) {
              // The first run fills the profile; it tells nothing of a start.
              await page.keyboard.press('Escape');
              await page
                .getByRole('contentinfo')
                .getByText('Sinhronizēts')
                .first()
                .waitFor({ timeout: FIRST_SYNC_MS });
              log('the desk holds everything');
            } else {
              typing.push(first);
              results.push(complete);
              heaps.push(await (await meterOf(page)).heap());
              log(
                `run ${run + 1}: ${first.toFixed(0)} and ${complete.toFixed(0)} ms, ${heaps.at(-1)?.toFixed(0)} MB`,
              );
            }
          } finally {
            await own.close();
          }
        }
      } finally {
        await service.stop();
        await pages.close();
      }
      return {
        rows: [
          { name: 'first key in the search field', role: 'sivis', unit: 'ms', runs: typing },
          { name: 'results of that key', role: 'sivis', unit: 'ms', runs: results },
          { name: 'key derivation, taken off', role: 'bare', unit: 'ms', runs: derivations },
          { name: 'heap', role: 'sivis', unit: 'MB', runs: heaps },
        ],
        goals: [
          {
            text: 'first key in the search field',
            value: median(typing),
            unit: 'ms',
            limit: 1_500,
            at: 'most',
          },
          { text: 'results complete', value: median(results), unit: 'ms', limit: 3_000, at: 'most' },
          { text: 'heap', value: median(heaps), unit: 'MB', limit: 300, at: 'most' },
        ],
      };
    }),
};
