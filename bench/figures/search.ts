import path from 'node:path';
import { PATHS } from '../../shared/src/protocol/paths.ts';
import { startBrowser } from '../lib/browser.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { signIn } from '../lib/client.ts';
import { percentile, scaled, timed, type Figure, median } from '../lib/figure.ts';
import { pageAt, servePages } from '../lib/pages.ts';
import { inventPeople, putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';
import { inPage } from '../lib/work.ts';

const HERE = scaled(50_000);
const THERE = scaled(500_000);
const RUNS = 5;
const NAMES = [
  'bērziņa anna',
  'kalniņš jānis',
  'ozoliņa',
  'liepins peteris',
  'zariņa li',
  'šmits',
  'kruminš an',
];

export const figure: Figure = {
  name: 'search',
  title: 'Search as typed',
  how:
    `On the desk: ${HERE} people with their phones in memory, 60 names and personal codes typed key by key in Chromium, ` +
    'p95 of a key in each run; beside MiniSearch as it comes (prefix, fuzzy 0.2) over names and codes, and beside a plain ' +
    `scan for folded substrings, which ranks nothing. At the service: ${THERE} people, over HTTP with rights and an audit ` +
    'entry per reply, each prefix of seven searches; beside the bare HTTP call that asks nothing.',
  run: (log) =>
    inFolder(async (folder) => {
      const pages = await servePages('search');
      const browser = await startBrowser();
      const desk: Record<'sivis' | 'scan' | 'plain', number[]> = { sivis: [], scan: [], plain: [] };
      try {
        for (let run = 0; run < RUNS; run += 1) {
          for (const who of ['sivis', 'plain', 'scan'] as const)
            desk[who].push(await inPage(browser, `${pages.url}${pageAt('search')}`, who, HERE));
          log(`desk, run ${run + 1}: ${desk.sivis.at(-1)?.toFixed(1)} ms`);
        }
      } finally {
        await browser.close();
        await pages.close();
      }

      const data = path.join(folder, 'data');
      await makeCentre(data, 'small', async ({ store }) => {
        await putAll(store, inventPeople(THERE, await siteOf(store)));
      });
      const service = await serveCentre(data, folder);
      const [there, bare]: [number[], number[]] = [[], []];
      try {
        const client = await signIn(service.url, accountOf(service, 'reception'));
        for (let run = 0; run < RUNS; run += 1) {
          const keys: number[] = [];
          const calls: number[] = [];
          for (const name of NAMES) {
            for (let length = 3; length <= name.length; length += 1) {
              const body = { text: name.slice(0, length), limit: 20 };
              keys.push(...(await timed(1, () => client.post(PATHS.searchPeople, body))));
              calls.push(...(await timed(1, async () => (await fetch(`${service.url}/healthz`)).text())));
              // 20 requests a second are a device's share.
              await new Promise((resolve) => setTimeout(resolve, 60));
            }
          }
          there.push(percentile(keys, 0.95));
          bare.push(percentile(calls, 0.95));
          log(`service, run ${run + 1}: ${there.at(-1)?.toFixed(1)} ms`);
        }
      } finally {
        await service.stop();
      }
      return {
        rows: [
          { name: `desk, ${HERE} people`, role: 'sivis', unit: 'ms', runs: desk.sivis },
          { name: 'MiniSearch as it comes', role: 'peer', unit: 'ms', runs: desk.plain },
          { name: 'plain scan', role: 'bare', unit: 'ms', runs: desk.scan },
          { name: `service, ${THERE} people`, role: 'sivis', unit: 'ms', runs: there },
          { name: 'HTTP call that asks nothing', role: 'bare', unit: 'ms', runs: bare },
        ],
        goals: [
          { text: 'desk, p95 of a key', value: median(desk.sivis), unit: 'ms', limit: 20, at: 'most' },
          { text: 'service, p95 of a key', value: median(there), unit: 'ms', limit: 50, at: 'most' },
        ],
      };
    }),
};
