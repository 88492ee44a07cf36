import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditPageSchema } from '@sivis/shared/protocol/messages/audit.ts';
import { errorBodySchema } from '@sivis/shared/protocol/messages/errorBody.ts';
import { noticeSchema } from '@sivis/shared/protocol/messages/live.ts';
import { logHeadSchema } from '@sivis/shared/protocol/messages/log.ts';
import { tokensSchema } from '@sivis/shared/protocol/messages/signIn.ts';
import {
  idsResponseSchema,
  pullResponseSchema,
  pushResponseSchema,
} from '@sivis/shared/protocol/messages/sync.ts';
import { APP_PAGE } from '../../desktop/src/main/app-url.ts';
import { answer } from '../../desktop/src/main/ipc/handle.ts';
import { resolvePolicies } from '../../desktop/src/main/policies.ts';
import { readPolicyFiles } from '../../desktop/src/main/policy-files.ts';
import { parseRegistryAnswer } from '../../desktop/src/main/policy-registry.ts';
import { parseServerAddress } from '../../desktop/src/main/server-address.ts';
import { readSettings } from '../../desktop/src/main/settings.ts';
import { readWindowState } from '../../desktop/src/main/window-state.ts';
import { CHANNELS, type ChannelName } from '../../desktop/src/preload/channels.ts';
import { readPreferences } from '../../desktop/src/renderer/app/readPreferences.ts';
import { createCipher } from '../../desktop/src/renderer/data/keys/cipher.ts';
import { readAnswer } from '../../desktop/src/renderer/data/net/http.ts';
import { readLease } from '../../desktop/src/renderer/data/session/lease.ts';
import { bytesOf, textOf, type Target } from '../lib/target.ts';
import { AT, ID, ROOT } from './requests.ts';

const MOST = 16_777_216;
const doc = {
  id: ID,
  kind: 'person',
  siteId: ID,
  rev: 1,
  deleted: false,
  fields: { familyName: 'Liepa', codes: [1] },
};
const rejection = { rule: 'I15', code: 'malformed', params: { a: 'b' }, message: 'Nē' };
const user = { id: ID, user: 'anna', name: 'Anna', role: 'reception', siteIds: [ID] };

const ANSWERS = [
  [
    'pull answer',
    pullResponseSchema,
    { documents: [doc], checkpoint: 'a.b', more: false, removals: 0, held: 1, resync: 'no', serverTime: AT },
  ],
  [
    'push answer',
    pushResponseSchema,
    {
      rows: [
        { id: ID, outcome: 'rejected', ops: [{ opId: ID, outcome: 'rejected', rejection }], master: doc },
      ],
      serverTime: AT,
    },
  ],
  ['ids answer', idsResponseSchema, { ids: [ID], more: false, serverTime: AT }],
  [
    'tokens',
    tokensSchema,
    {
      accessToken: 'a.b.c',
      accessExpiresAt: AT,
      refreshToken: 'r',
      user,
      epoch: ID,
      deviceName: 'A',
      recoveryKey: 'AAAA',
      unlockShare: 'AAAA',
      offlineUntil: AT,
      serverTime: AT,
    },
  ],
  ['log head answer', logHeadSchema, { key: 'k', checkpoint: 'c', proof: [ROOT], serverTime: AT }],
  ['audit page', auditPageSchema, { entries: [], more: false, total: 0, size: 0, serverTime: AT }],
  [
    'error answer',
    errorBodySchema,
    { code: 'MALFORMED', message: 'Nē', detail: { field: 'a' }, requestId: ID },
  ],
] as const;

/** As the desk reads a body: no JSON is `undefined`. */
function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input)) as unknown;
  } catch {
    return undefined;
  }
}

/** A file in a folder of its own, read by what the desktop reads it with. */
function fileIn(name: string): { folder: string; put(input: Uint8Array): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-fuzz-'));
  return { folder, put: (input) => writeFileSync(path.join(folder, name), input, { mode: 0o600 }) };
}

/** What a workstation reads and has not written just now: answers, its own files, the policies, messages of its page. */
export async function deskTargets(): Promise<Target[]> {
  const target = (
    name: string,
    door: string,
    seeds: readonly unknown[],
    run: Target['run'],
    json = true,
  ): Target => ({
    name,
    door,
    seeds: seeds.map(bytesOf),
    json,
    limit: MOST,
    run,
  });
  const answers = ANSWERS.map(([name, schema, seed]) =>
    target(name, 'an answer of the service', [seed], (input) => {
      readAnswer(schema, parsed(input));
      return 'taken';
    }),
  );
  const notices = [
    { type: 'hello', epoch: ID, serverTime: AT },
    { type: 'changed', collections: ['people', 'lodging'] },
  ];

  const material = Uint8Array.from({ length: 32 }, (_, at) => at);
  const dataKey = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveKey']);
  const cipher = createCipher(dataKey, 'k1');
  const sealed = await cipher.seal('people', 'people|1|id', JSON.stringify(doc));

  const settings = fileIn('settings.json');
  const window = fileIn('window.json');
  const managed = mkdtempSync(path.join(tmpdir(), 'sivis-fuzz-'));
  const policyFolder = path.join(managed, 'managed');
  mkdirSync(policyFolder, { mode: 0o700 });
  const owner = process.getuid?.() ?? 0;

  const frame = { url: APP_PAGE, parent: null };
  const channels = Object.keys(CHANNELS) as ChannelName[];
  const silent = (): void => undefined;
  const ipc = channels.map((name) =>
    answer(name, () => Promise.reject(new TypeError('no handler is asked')), silent),
  );

  return [
    ...answers,
    target('live notice', 'WebSocket, the service', notices, (input) =>
      noticeSchema.safeParse(parsed(input)).success ? 'taken' : 'malformed',
    ),
    target(
      'encrypted blob',
      'the disk of a workstation',
      [sealed],
      async (input) => {
        const text = await cipher.open('people', 'people|1|id', textOf(input));
        if (text !== JSON.stringify(doc)) throw new TypeError('a changed blob was opened');
        return 'taken';
      },
      false,
    ),
    target(
      'lease',
      'the disk of a workstation',
      [{ user, refreshToken: null, offlineUntil: AT, serverTime: AT, offsetMs: 0, epoch: ID, seenMs: 1 }],
      (input) => (readLease(textOf(input)) === null ? 'none' : 'taken'),
    ),
    target(
      'preferences',
      'the disk of a workstation',
      [{ theme: 'dark', density: 'touch', locale: 'en' }],
      (input) => {
        readPreferences(textOf(input));
        return 'taken';
      },
    ),
    target(
      'desktop settings',
      'the disk of a workstation',
      [{ ServerUrl: 'https://sivis.example' }],
      (input) => {
        settings.put(input);
        readSettings(settings.folder);
        return 'taken';
      },
    ),
    target(
      'window state',
      'the disk of a workstation',
      [{ bounds: { x: 1, y: 2, width: 900, height: 700 }, maximized: false }],
      (input) => {
        window.put(input);
        return readWindowState(window.folder) === undefined ? 'none' : 'taken';
      },
    ),
    target(
      'policy file',
      'a file of the administration',
      [{ ServerUrl: 'https://sivis.example', LockAfterMinutes: 5 }],
      (input) => {
        writeFileSync(path.join(policyFolder, '10.json'), input, { mode: 0o600 });
        const { sources, refused } = readPolicyFiles(managed, owner);
        resolvePolicies(sources);
        return refused.length === 0 ? 'taken' : (refused[0]?.problem ?? '');
      },
    ),
    target(
      'policies of the registry',
      'the registry',
      [
        '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\r\n    ServerUrl    REG_SZ    https://a\r\n    X    REG_DWORD    0x5\r\n',
      ],
      (input) => {
        resolvePolicies([{ level: 'mandatory', name: 'x', values: parseRegistryAnswer(textOf(input)) }]);
        return 'taken';
      },
      false,
    ),
    target(
      'server address',
      'a person or a policy',
      ['https://sivis.example:8443', 'http://127.0.0.1:4310'],
      (input) => {
        const address = parseServerAddress(textOf(input));
        return address.ok ? 'taken' : address.reason;
      },
      false,
    ),
    target(
      'IPC message',
      'the page of a workstation',
      [
        [channels.indexOf('setServerUrl'), { url: 'https://sivis.example' }],
        [channels.indexOf('keyRead'), { slot: 'people-1' }],
        [channels.indexOf('print'), { landscape: true }],
      ],
      async (input) => {
        const value = parsed(input);
        const [channel, ...args] = Array.isArray(value) ? (value as unknown[]) : [0, value];
        const reply = ipc[typeof channel === 'number' ? channel : 0] ?? ipc[0];
        const said = await reply?.(frame, args);
        if (said === undefined || said.ok) throw new TypeError('answered without a handler');
        return said.code === 'failed' ? 'taken' : said.code;
      },
    ),
  ];
}
