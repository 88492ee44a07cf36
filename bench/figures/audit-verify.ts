import path from 'node:path';
import { bundlePath, createTileTree, splitBundle, TILE_WIDTH } from '../../shared/src/tlog/tiles.ts';
import { logFolder } from '../../sync-service/src/audit/logFiles.ts';
import { hasher } from '../../sync-service/src/audit/nodeCrypto.ts';
import { openLog, proveEntry, verifyPath } from '../../sync-service/src/audit/offline.ts';
import { writeBigLog } from '../lib/bigLog.ts';
import { median, percentile, scaled, timed, type Figure } from '../lib/figure.ts';
import { inFolder } from '../lib/temp.ts';

const ENTRIES = scaled(1_000_000);
const RUNS = 5;
const PROOFS = 1_000;

/** How long the hashes alone take: every leaf and every node above, of entries that are in memory already. */
async function hashing(folder: string): Promise<number> {
  const files = logFolder(folder);
  const tree = createTileTree(hasher, () => undefined);
  let ms = 0;
  for (let at = 0; at < ENTRIES; at += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, ENTRIES - at);
    const bytes = await files.read(bundlePath(at / TILE_WIDTH, width));
    const entries = (bytes && splitBundle(bytes, width)) ?? [];
    const start = performance.now();
    for (const entry of entries) tree.append(hasher.leaf(entry));
    ms += performance.now() - start;
  }
  const start = performance.now();
  tree.root();
  return ms + performance.now() - start;
}

export const figure: Figure = {
  name: 'audit-verify',
  title: 'The audit log is verified',
  how:
    `A log of ${ENTRIES} entries as files (tiles, bundles, signed checkpoint): signature, every entry against its hash, ` +
    'every tile, the root, the desks’ sequences, as `sivis-server audit verify FOLDER` does it, reading from disk. Beside ' +
    'it the same hashes (RFC 6962 leaves and nodes) of entries that lie in memory, with nothing read and nothing compared. ' +
    `A proof that one entry stands in the log: ${PROOFS} entries here and there, from the files, p95 of each run.`,
  run: (log) =>
    inFolder(async (folder) => {
      const dir = path.join(folder, 'log');
      const bytes = await writeBigLog(dir, ENTRIES);
      log(`${ENTRIES} entries of ${bytes} bytes are written`);
      const [own, bare, proofs]: [number[], number[], number[]] = [[], [], []];
      for (let run = 0; run < RUNS; run += 1) {
        own.push(
          ...(await timed(1, async () => {
            const { verdict, entries } = await verifyPath(dir);
            if (verdict !== 'ok' || entries !== ENTRIES) throw new Error(`${verdict}, ${entries} entries`);
          })),
        );
        bare.push(await hashing(dir));
        const opened = await openLog(dir);
        const each = await timed(PROOFS, () => proveEntry(opened, 1 + Math.floor(Math.random() * ENTRIES)));
        proofs.push(percentile(each, 0.95));
        const last = [own, bare, proofs].map((runs) => `${runs.at(-1)?.toFixed(1)} ms`);
        log(`run ${run + 1}: verified, hashed, proof: ${last.join(', ')}`);
      }
      return {
        rows: [
          { name: 'verified from its files', role: 'sivis', unit: 'ms', runs: own },
          { name: 'hashing alone', role: 'bare', unit: 'ms', runs: bare },
          { name: 'proof of one entry, p95', role: 'sivis', unit: 'ms', runs: proofs },
        ],
        goals: [
          {
            text: 'beside hashing alone',
            value: median(own) / median(bare),
            unit: '×',
            limit: 3,
            at: 'most',
          },
          { text: 'a million entries', value: median(own), unit: 'ms', limit: 60_000, at: 'most' },
          { text: 'proof of one entry, p95', value: median(proofs), unit: 'ms', limit: 50, at: 'most' },
        ],
        notes: [`An entry has ${bytes} bytes.`],
      };
    }),
};
