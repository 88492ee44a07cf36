import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditPageSchema } from '@sivis/shared/protocol/messages/audit.ts';
import { helloResponseSchema } from '@sivis/shared/protocol/messages/desk.ts';
import { errorBodySchema } from '@sivis/shared/protocol/messages/errorBody.ts';
import { noticeSchema } from '@sivis/shared/protocol/messages/live.ts';
import { logHeadSchema } from '@sivis/shared/protocol/messages/log.ts';
import { tokensSchema } from '@sivis/shared/protocol/messages/signIn.ts';
import {
  idsResponseSchema,
  pullResponseSchema,
  pushResponseSchema,
} from '@sivis/shared/protocol/messages/sync.ts';
import { isOrderFor } from '@sivis/shared/fleet/eraseOrder.ts';
import { APP_PAGE } from '../../desktop/src/main/app-url.ts';
import { answer } from '../../desktop/src/main/ipc/handle.ts';
import { frame, scan } from '../../desktop/src/main/journal/record.ts';
import { createKeystore } from '../../desktop/src/main/keystore.ts';
import { resolvePolicies } from '../../desktop/src/main/policies.ts';
import { readPolicyFiles } from '../../desktop/src/main/policy-files.ts';
import { parseRegistryAnswer } from '../../desktop/src/main/policy-registry.ts';
import { parseServerAddress } from '../../desktop/src/main/server-address.ts';
import { readSettings } from '../../desktop/src/main/settings.ts';
import { readWindowState } from '../../desktop/src/main/window-state.ts';
import { CHANNELS, type ChannelName } from '../../desktop/src/preload/channels.ts';
import { readPreferences } from '../../desktop/src/renderer/app/readPreferences.ts';
import { matchRoute, parentPath, pathOf } from '../../desktop/src/renderer/app/routes.ts';
import { enrolCode, oidcState } from '../../desktop/src/renderer/app/startAddress.ts';
import { openDeskJournal } from '../../desktop/src/renderer/data/journal/deskJournal.ts';
import { createCipher } from '../../desktop/src/renderer/data/keys/cipher.ts';
import { createKeyring } from '../../desktop/src/renderer/data/keys/keyring.ts';
import { memorySlots } from '../../desktop/src/renderer/data/keys/slotStore.ts';
import { readAnswer } from '../../desktop/src/renderer/data/net/http.ts';
import { finishErase, mayErase } from '../../desktop/src/renderer/data/session/erase.ts';
import { readLease } from '../../desktop/src/renderer/data/session/lease.ts';
import { firstAdminToken } from '../../desktop/src/renderer/modules/fleet/firstAdminToken.ts';
import { ed25519Verify } from '../../sync-service/src/audit/nodeCrypto.ts';
import { bytesOf, jsonText, textOf, type Target } from '../lib/target.ts';
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
      lease: { userId: ID, deviceId: ID, issuedAt: AT, until: AT, signature: 'AAAA' },
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

const order = {
  orderId: ID,
  deviceId: ID,
  mode: 'stolen',
  at: AT,
  signature: Buffer.alloc(64, 1).toString('base64'),
} as const;

/** What stands in a workstation's own stores and might have been changed there: journal, key slots, orders. */
async function ownStores(): Promise<Target[]> {
  const dataKey = await crypto.subtle.importKey('raw', Buffer.alloc(32, 6), 'HKDF', false, ['deriveKey']);
  const cipher = createCipher(dataKey, 'k1');
  const place = 'ab12-1';
  const seal = async (what: string, text: string): Promise<Uint8Array<ArrayBuffer>> =>
    new TextEncoder().encode(await cipher.seal('journal', `${place}/${what}`, text));
  const nothing = (): Promise<never> => Promise.reject(new TypeError('nothing is written here'));
  const journal = async (
    states: readonly Uint8Array<ArrayBuffer>[],
    records: readonly Uint8Array<ArrayBuffer>[],
    lost: number,
  ): Promise<string> => {
    const read = (): Promise<never> =>
      Promise.resolve({
        snapshots: states.map((state) => ({ from: 1, state })),
        records: records.map((record) => ({ segment: 1, record })),
        lost,
      } as never);
    const opened = await openDeskJournal(
      { read, append: nothing, turn: nothing, snapshot: nothing, erase: nothing },
      { place, cipher },
    );
    return opened.lost ? 'damaged' : 'taken';
  };
  const op = {
    opId: ID,
    kind: 'edit',
    at: AT,
    actor: ID,
    device: ID,
    changes: { familyName: { before: 'Liepa', after: 'Ozola' } },
  };
  const write = { id: ID, kind: 'person', siteId: ID, op };
  const notes = [{ keep: [write] }, { done: [ID] }];
  const state = { writes: [write], records: [{ id: ID, kind: 'person', data: { fields: {} } }] };
  const segment = Buffer.concat(
    await Promise.all(notes.map(async (note) => frame(await seal('note', JSON.stringify(note))))),
  );

  const keys = mkdtempSync(path.join(tmpdir(), 'sivis-fuzz-'));
  const keystore = createKeystore({
    folder: keys,
    platform: 'win32',
    storage: {
      isAsyncEncryptionAvailable: () => Promise.resolve(true),
      getSelectedStorageBackend: () => 'dpapi',
      encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(text)),
      decryptStringAsync: (sealed: Buffer) =>
        Promise.resolve({ result: sealed.toString('utf8'), shouldReEncrypt: false }),
    },
  });
  const inner = Buffer.from(Buffer.alloc(32, 2).toString('base64')).toString('base64');

  const derive = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(new Uint8Array(32).fill(3));
  const slots = new Map<string, unknown>();
  await createKeyring(memorySlots(slots), derive).create('anna', 'garā parole 12');
  const slotName = [...slots.keys()].find((name) => name.startsWith('slot-')) ?? '';
  const hash = slotName.slice('slot-'.length).replace(/-\d+$/, '');

  const routes = ['/klienti', '/klienti/:id', '/sodien'].map((route) => ({ route })) as never;
  const door = 'the disk of a workstation';
  return [
    {
      name: 'journal segment',
      door,
      seeds: [segment],
      json: false,
      limit: MOST,
      run(input) {
        const { bodies, lost } = scan(Uint8Array.from(input));
        return journal([], bodies, lost);
      },
    },
    {
      name: 'journal note',
      door,
      seeds: notes.map(bytesOf),
      json: true,
      limit: MOST,
      run: async (input) => journal([], [await seal('note', textOf(input))], 0),
    },
    {
      name: 'journal snapshot',
      door,
      seeds: [bytesOf(state)],
      json: true,
      limit: MOST,
      run: async (input) => journal([await seal('state', textOf(input))], [], 0),
    },
    {
      name: 'key file',
      door,
      seeds: [bytesOf({ v: 1, backend: 'win32', data: inner })],
      json: true,
      limit: MOST,
      async run(input) {
        writeFileSync(path.join(keys, 'anna.key'), input);
        const answered = await keystore.read('anna');
        return answered.state === 'ok' ? 'taken' : answered.state;
      },
    },
    {
      name: 'key slot',
      door,
      seeds: [
        bytesOf({ slot: slots.get(slotName) }),
        bytesOf({
          slot: slots.get(slotName),
          generation: { generation: 1 },
          failures: { count: 3, atMs: 1 },
        }),
        bytesOf({ slot: { version: 1, destroyed: true } }),
      ],
      json: true,
      limit: MOST,
      async run(input) {
        const value = parsed(input);
        const found = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
        const values = new Map(slots);
        values.set(slotName, found['slot']);
        if ('generation' in found) values.set(`gen-${hash}`, found['generation']);
        if ('failures' in found) values.set(`fails-${hash}`, found['failures']);
        const keyring = createKeyring(memorySlots(values), derive);
        try {
          await keyring.failures('anna');
          const opened = await keyring.open('anna', 'garā parole 12');
          return opened.ok ? 'taken' : opened.reason;
        } catch (error) {
          // It must not be taken for “no key”: the caller shows that the store cannot be read now.
          if (error instanceof Error && error.message.includes('is not readable')) return 'not readable';
          throw error;
        }
      },
    },
    {
      name: 'order to erase',
      door: 'an answer of the service',
      seeds: [
        bytesOf({
          desk: 'known',
          oidc: null,
          erase: order,
          orderKey: Buffer.alloc(32, 1).toString('base64'),
          serverTime: AT,
        }),
      ],
      json: true,
      limit: MOST,
      async run(input) {
        const { erase, orderKey } = readAnswer(helloResponseSchema, parsed(input));
        if (erase !== null && (await isOrderFor(erase, ID, orderKey, ed25519Verify)))
          throw new TypeError('an order that nobody signed was taken');
        return 'taken';
      },
    },
    {
      name: 'erasing that was begun',
      door,
      seeds: [
        bytesOf({
          erasing: { order, startedMs: 1, keysMs: null, dataMs: null, unsent: 2 },
          unsent: { 'ab-1': 2 },
        }),
      ],
      json: true,
      limit: MOST,
      async run(input) {
        const value = parsed(input);
        const found = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
        const kept = new Map<string, string>();
        if ('erasing' in found) kept.set('sivis-erasing', jsonText(found['erasing']));
        if ('unsent' in found) kept.set('sivis-unsent', jsonText(found['unsent']));
        const store = {
          getItem: (key: string) => kept.get(key) ?? null,
          setItem: (key: string, text: string) => void kept.set(key, text),
          removeItem: (key: string) => void kept.delete(key),
        };
        const done = (): Promise<void> => Promise.resolve();
        mayErase({ ...order, mode: 'offboard' }, store);
        const ended = await finishErase({
          store,
          now: () => 5,
          destroyKeys: done,
          destroyData: done,
          forgetDesk: done,
          send: () => Promise.resolve({} as never),
        });
        return ended === 'done' ? 'taken' : ended;
      },
    },
    {
      name: 'address of a start',
      door: 'a link that somebody opens',
      seeds: [
        '#/oidc/c3RhdGUtMQ%0Acode%3Da',
        '#/oidc/%E0%A4%A000000000',
        '#/pieslegt/ABCD-EFGH-JKMN-PQRS-TVWX',
        '#/klienti/0190-a',
      ].map(bytesOf),
      json: false,
      limit: 65_536,
      run(input) {
        const hash = textOf(input);
        matchRoute(routes, pathOf(hash));
        parentPath(pathOf(hash));
        firstAdminToken(hash);
        return oidcState(hash) === null && enrolCode(hash) === null ? 'none' : 'taken';
      },
    },
  ];
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
    ...(await ownStores()),
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
      [
        {
          user,
          refreshToken: null,
          offline: { userId: ID, deviceId: ID, issuedAt: AT, until: AT, signature: 'AAAA' },
          offsetMs: 0,
          epoch: ID,
          seenMs: 1,
        },
      ],
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
