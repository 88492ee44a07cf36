import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logFolder } from '../src/audit/logFiles.ts';
import { ed25519Verify, sha256 } from '../src/audit/nodeCrypto.ts';
import { verifyPath } from '../src/audit/offline.ts';
import { verifyLog } from '@sivis/shared/tlog/verifyLog.ts';
import { runCampaign } from './tamper/campaign.ts';
import { clean, TAMPERS } from './tamper/tampers.ts';
import { logWorld, seeded, type LogWorld } from './tamper/world.ts';

/** Every way of the corpus is noticed, and nothing is where nobody was. `npm run tamper` runs a thousand. */
const SECOND = path.join(import.meta.dirname, '../../conformance/verify_audit.py');
const CODES = { ok: 0, tampered: 3, incomplete: 4 } as const;

describe('tampered logs', () => {
  it('are noticed a hundred times out of a hundred; clean ones never are', async () => {
    const campaign = await runCampaign(1, 100);
    expect(campaign.undetected).toEqual([]);
    expect(campaign.falseAlarms).toEqual([]);
    expect(campaign.tamperedTotal).toBe(100);
    expect(Object.keys(campaign.tampered).length).toBe(Object.keys(TAMPERS).length);
  }, 180_000);

  it('are the same for the same seed', async () => {
    const [one, other] = [await logWorld(7, seeded(7)), await logWorld(7, seeded(7))];
    expect(one.entries).toEqual(other.entries);
    expect(one.slice).toEqual(other.slice);
  });
});

describe('the second verifier', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'sivis-tamper-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const python = (args: readonly string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(
        process.platform === 'win32' ? 'python' : 'python3',
        [SECOND, ...args],
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, out: `${stdout}${stderr}` });
        },
      );
    });
  const put = (name: string, files: ReadonlyMap<string, Uint8Array>): string => {
    const folder = path.join(dir, name.replaceAll(/[^a-z]/gi, '-'));
    for (const [file, bytes] of files) {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
    return folder;
  };

  it('is short enough to be read, and needs nothing but Python', () => {
    const source = readFileSync(SECOND, 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    expect(source.match(/^(?:import|from) .+$/gm)).toEqual([
      'import argparse, base64, hashlib, json, os, re, sys',
    ]);
  });

  it('says of clean logs and of each way of the corpus what ours says', async () => {
    const ask = async (
      name: string,
      world: LogWorld,
      files: ReadonlyMap<string, Uint8Array>,
      slice: object,
    ) => {
      const folder = put(name, files);
      const witness = path.join(dir, 'witness');
      const part = path.join(dir, 'part.json');
      writeFileSync(witness, world.witnessNote);
      writeFileSync(part, JSON.stringify(slice));
      const options = { sha256, verify: ed25519Verify, key: world.key, known: [world.witness] };
      const ours = await verifyLog(logFolder(folder), options);
      const theirs = await python([folder, '--witness', witness]);
      expect([name, theirs.code, theirs.out]).toEqual([name, CODES[ours.verdict], expect.any(String)]);
      const oursOfPart = await verifyPath(part);
      // Where nobody was at the part both are asked about it once.
      if (slice === world.slice && name !== 'clean') return [ours.verdict, oursOfPart.verdict];
      expect([name, (await python([part])).code]).toEqual([name, CODES[oursOfPart.verdict]]);
      return [ours.verdict, oursOfPart.verdict];
    };
    const clear = await logWorld(11, seeded(11));
    expect(await ask('clean', clear, clear.files, clear.slice)).toEqual(['ok', 'ok']);
    const big = await logWorld(6, seeded(6));
    expect(await ask('clean big', big, big.files, big.slice)).toEqual(['ok', 'ok']);
    for (const [at, [name, tamper]] of Object.entries(TAMPERS).entries()) {
      if (name.startsWith("desk's event") && !name.includes('log')) continue;
      const random = seeded(500 + at);
      const world = await logWorld(500 + at, random);
      const handed = await tamper(world, random);
      const verdicts = await ask(name, world, handed.files, handed.slice);
      expect([name, verdicts.every((verdict) => verdict === 'ok')]).toEqual([name, false]);
      if (at === 0) expect(clean(world).files).not.toEqual(handed.files);
    }
  }, 240_000);
});
