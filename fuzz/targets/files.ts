import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readManifest } from '../../sync-service/src/cli/backup.ts';
import { readSetting, settingsIn, SETTINGS, type SettingName } from '../../sync-service/src/cli/config.ts';
import { import4Hotel } from '../../sync-service/src/exchange/hotel/import4Hotel.ts';
import { readKeys } from '../../sync-service/src/identity/keys.ts';
import { decodeWindows1257 } from '../../sync-service/src/exchange/windows1257.ts';
import { bytesOf, textOf, type Target } from '../lib/target.ts';
import { AT } from './requests.ts';

const MOST = 16_777_216;
const FIXTURE = path.join(import.meta.dirname, '../../sync-service/test/fixtures/4hotel');

/** The first lines of a file: small enough to be changed thousands of times a second. */
function head(file: string, lines: number): Uint8Array {
  const bytes = readFileSync(path.join(FIXTURE, file));
  let end = 0;
  for (let line = 0; line < lines; line += 1) end = bytes.indexOf(0x0a, end) + 1;
  return bytes.subarray(0, end);
}

/** Files that somebody brings: of 4Hotel, settings, keys and the manifest of a backup. */
export function fileTargets(): Target[] {
  const files = {
    numuri: head('4hotel_numuri.csv', 8),
    viesi: head('4hotel_viesi.csv', 12),
    rezervacijas: head('4hotel_rezervacijas.csv', 12),
  };
  const hotel = (Object.keys(files) as (keyof typeof files)[]).map((name): Target => ({
    name: `4Hotel ${name}`,
    door: 'a file, the command line',
    seeds: [files[name]],
    json: false,
    limit: MOST,
    run(input) {
      const { rejected } = import4Hotel({ ...files, [name]: input }, { asOf: '2026-11-20' });
      return rejected.length === 0 ? 'taken' : 'taken with rejected rows';
    },
  }));
  const hash = 'ab'.repeat(32);
  const manifest = {
    version: '0.1.0',
    createdAt: AT,
    epoch: 'e',
    audit: 3,
    headSeq: 9,
    files: { 'sivis.db': hash, 'keys.json': hash },
  };
  const key = Buffer.alloc(32, 7).toString('base64');
  return [
    ...hotel,
    {
      name: 'Windows-1257',
      door: 'a file, the command line',
      seeds: [files.viesi],
      json: false,
      limit: MOST,
      run(input) {
        decodeWindows1257('x.csv', input);
        return 'taken';
      },
    },
    {
      name: 'settings file',
      door: 'a file of the data folder',
      seeds: [
        bytesOf(
          "port = 4310\nhost = '127.0.0.1'\ndemo = false\ntrusted_proxies = ['10.0.0.1']\naudit_retention_months = 18\n",
        ),
        bytesOf('log_level = "info"\npublic_url = """https://sivis.example"""\n# words\n'),
      ],
      json: false,
      limit: MOST,
      run(input) {
        for (const [name, [raw]] of settingsIn(textOf(input), 'server.toml'))
          readSetting(name, raw, 'server.toml');
        return 'taken';
      },
    },
    {
      name: 'setting of the environment',
      door: 'the environment',
      seeds: [
        bytesOf(['port', '4310']),
        bytesOf(['trusted_proxies', '10.0.0.1, 10.0.0.2']),
        bytesOf(['demo', 'true']),
      ],
      json: true,
      limit: MOST,
      run(input) {
        let given: unknown;
        try {
          given = JSON.parse(textOf(input));
        } catch {
          return 'no case';
        }
        const [name, raw] = Array.isArray(given) ? (given as unknown[]) : [];
        if (typeof name !== 'string' || !Object.hasOwn(SETTINGS, name)) return 'no case';
        readSetting(name as SettingName, raw, 'SIVIS_X');
        return 'taken';
      },
    },
    {
      name: 'keys file',
      door: 'a file of the data folder',
      seeds: [bytesOf({ token: key, checkpoint: key, subject: key, secrets: key, recovery: key })],
      json: true,
      limit: MOST,
      run(input) {
        readKeys(textOf(input));
        return 'taken';
      },
    },
    {
      name: 'backup manifest',
      door: 'a file, the command line',
      seeds: [bytesOf(manifest)],
      json: true,
      limit: MOST,
      run: (input) => (readManifest(textOf(input)) === undefined ? 'damaged' : 'taken'),
    },
  ];
}
