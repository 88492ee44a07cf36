import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientOf } from '../../desktop/e2e/support/serviceClient.ts';
import { startBrowser } from '../lib/browser.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { startChild } from '../lib/child.ts';
import { median, type Figure } from '../lib/figure.ts';
import { buildPages, pageAt } from '../lib/pages.ts';
import { inFolder } from '../lib/temp.ts';
import { inPage } from '../lib/work.ts';

const RUNS = 5;

export const figure: Figure = {
  name: 'first-sync',
  title: 'First sync of a desk',
  how:
    'A desk of reception receives what it may hold of the demonstration centre (about 10 000 documents), in Chromium, ' +
    'pages of 1 000, strict durability. SIVIS: the whole data layer of the workstation against the delivered service ' +
    '(rights, redaction, audit), into the encrypted store, from the first page asked for to the last document on disk, ' +
    'key derivation apart. Bare limit: RxDB `bulkInsert` of the same rows, already in memory, into unencrypted Dexie. ' +
    'Peer: PouchDB in the same Chromium replicates the same documents from express-pouchdb on LevelDB, unencrypted.',
  run: (log) =>
    inFolder(async (folder) => {
      const pages = await buildPages('desk', 'bare');
      const peerPages = await buildPages('pouch');
      const data = path.join(folder, 'data');
      await makeCentre(data, 'full');
      const service = await serveCentre(data, pages);
      const browser = await startBrowser();
      const account = accountOf(service, 'reception');
      const docs = [...(await (await clientOf(service.url, account)).everything()).values()];
      const text = JSON.stringify(docs);
      await writeFile(path.join(pages, 'docs.json'), text);
      const pouch = await startChild('pouch.mjs', folder, peerPages, path.join(pages, 'docs.json'));
      const [own, strict, relaxed, peer]: [number[], number[], number[], number[]] = [[], [], [], []];
      try {
        for (let run = 0; run < RUNS; run += 1) {
          own.push(
            await inPage(
              browser,
              `${service.url}${pageAt('desk')}`,
              account.user,
              account.password,
              docs.length,
            ),
          );
          strict.push(await inPage(browser, `${service.url}${pageAt('bare')}`, 'strict'));
          relaxed.push(await inPage(browser, `${service.url}${pageAt('bare')}`, 'relaxed'));
          peer.push(await inPage(browser, `${pouch.url}${pageAt('pouch')}`, docs.length));
          const last = [own, strict, relaxed, peer].map((runs) => `${runs.at(-1)?.toFixed(0)} ms`);
          log(`run ${run + 1}: SIVIS, bare strict, bare relaxed, PouchDB: ${last.join(', ')}`);
        }
      } finally {
        await browser.close();
        await pouch.stop();
        await service.stop();
      }
      const times = (a: number[], b: number[]): number => median(a) / median(b);
      return {
        rows: [
          { name: 'SIVIS, encrypted, rights and audit', role: 'sivis', unit: 'ms', runs: own },
          { name: 'RxDB bulkInsert, Dexie, strict', role: 'bare', unit: 'ms', runs: strict },
          { name: 'RxDB bulkInsert, Dexie, relaxed', role: 'bare', unit: 'ms', runs: relaxed },
          { name: 'PouchDB from express-pouchdb', role: 'peer', unit: 'ms', runs: peer },
        ],
        goals: [
          { text: 'beside the bare limit', value: times(own, strict), unit: '×', limit: 1.4, at: 'most' },
          { text: 'faster than PouchDB', value: times(peer, own), unit: '×', limit: 5, at: 'least' },
        ],
        notes: [
          `${docs.length} documents, ${Math.round(text.length / docs.length)} bytes each as JSON on the wire.`,
        ],
      };
    }),
};
