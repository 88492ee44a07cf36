import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Role } from '@sivis/shared/access/roles.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { argon2Bytes } from '../desktop/src/renderer/data/keys/argon2.ts';
import { KDF_PARAMS } from '../desktop/src/renderer/data/keys/kdf.ts';
import { createKeyring } from '../desktop/src/renderer/data/keys/keyring.ts';
import { memorySlots } from '../desktop/src/renderer/data/keys/slotStore.ts';
import { createAuditLog, serviceWho } from '../sync-service/src/audit/auditLog.ts';
import { recoverKey } from '../sync-service/src/cli/recover.ts';
import { loadKeys } from '../sync-service/src/identity/keys.ts';
import type { IdentityDeps } from '../sync-service/src/identity/parts.ts';
import { recoveryPublicKey } from '../sync-service/src/identity/recovery.ts';
import { createUser } from '../sync-service/src/identity/users.ts';
import { openSqliteStore } from '../sync-service/src/store/sqlite/open.ts';

/** A key that no password opens any more, from the desk over two people at the service back to the desk. */

const SITE = newId();
const DEVICE = newId();
const FORGOTTEN = 'zaļa egle pie jūras';
const NEW = 'balta kļava kalna galā';
/** Of a member of staff; it may not hold the user's name. */
const passwordOf = (user: string): string => `egle ${user.length} aug ${user.at(-1) ?? ''} kalnā`;
const QUICK = { ...KDF_PARAMS, memoryKiB: 19_456, iterations: 1 };

async function setUp() {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'sivis-recover-'));
  const keys = loadKeys(dataDir);
  const store = await openSqliteStore({ file: ':memory:' });
  const clock = { now: () => Date.parse('2026-11-21T10:00:00.000Z') };
  const audit = createAuditLog(keys.subject);
  const deps: IdentityDeps = {
    store,
    clock,
    keys,
    audit,
    addressAttempts: 10,
    openEnrolment: false,
    accessChanged: () => undefined,
  };
  const people: [string, Role][] = [
    ['it.one', 'it'],
    ['it.two', 'it'],
    ['manager', 'dutyManager'],
  ];
  for (const [user, role] of people)
    await createUser(deps, serviceWho(clock.now(), 'test'), {
      user,
      name: user,
      role,
      siteIds: [SITE],
      password: passwordOf(user),
    });
  await store.write((tx) =>
    tx.putDevice({
      id: DEVICE,
      name: 'Galds',
      createdAt: '2026-11-21T10:00:00.000Z',
      lastSeenAt: null,
      lastUserId: null,
      appVersion: '',
      revoked: false,
      keyThumbprint: 'x',
    }),
  );
  const said: string[] = [];
  const context = {
    store,
    clock,
    audit,
    dataDir,
    accessChanged: () => undefined,
    say: (line: string) => {
      said.push(line);
    },
  };
  const file = path.join(dataDir, 'request.json');
  const release = async (users: readonly string[], passwords: readonly string[] = users.map(passwordOf)) => {
    const { exit, value } = await recoverKey(context, { file, users: [...users], passwords: [...passwords] });
    return { exit, ...(value as { code?: string; error?: { code: string } }) };
  };
  const slots = new Map<string, unknown>();
  const service = { unlockShare: 'c2hhcmU=', recoveryKey: recoveryPublicKey(keys.recovery) };
  const keyring = createKeyring(memorySlots(slots), argon2Bytes, QUICK);
  /** What the audit log has of releases: how each ended. */
  const results = async () =>
    (await store.read((tx) => tx.auditRange(0, 100)))
      .map(({ envelope }) => JSON.parse(envelope) as { action: string; result: string })
      .filter(({ action }) => action === 'keyRelease')
      .map(({ result }) => result);
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });
  return { file, release, said, slots, service, keyring, results };
}

it('is released by IT and a manager together, and opens the data with a new password', async () => {
  const { keyring, service, file, release, slots, said, results } = await setUp();
  expect(await keyring.recoveryRequest('anna')).toBeNull();
  const made = await keyring.create('anna', FORGOTTEN, service);
  await keyring.writeSealed(made, 'session', 'unsent');
  const blob = await made.cipher.seal('people', 'id', 'Anna');
  const request = await keyring.recoveryRequest('anna');
  writeFileSync(file, JSON.stringify({ format: 'sivis-key-request/1', deviceId: DEVICE, ...request }));

  const refused: [users: readonly string[], code: string, passwords?: readonly string[]][] = [
    [['it.one', 'it.one'], 'same-person'],
    [['it.one', 'it.two'], 'roles'],
    [['it.one', 'manager'], 'password', [passwordOf('it.one'), 'nepareiza parole']],
    [['it.one', 'nobody'], 'password', [passwordOf('it.one'), 'x']],
    [['it.one'], 'usage'],
  ];
  for (const [users, code, passwords] of refused)
    expect((await release(users, passwords)).error?.code, users.join()).toBe(code);
  expect(said.some((line) => /^[A-Za-z0-9+/]{43}=$/.test(line))).toBe(false);

  const { code = '' } = await release(['manager', 'it.one']);
  expect(await results()).toEqual([...refused.map(([, why]) => why), 'ok']);
  expect(code).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  // Destroyed by wrong passwords, unreadable, or whole: the released key is the way in.
  for (const broken of [undefined, { version: 1, destroyed: true }, { broken: true }]) {
    if (broken !== undefined) slots.set(`slot-${made.place}`, broken);
    const opened = await keyring.recover('anna', `${code.slice(0, 20)} ${code.slice(20)}\n`, NEW, service);
    expect(opened.ok && (await opened.key.cipher.open('people', 'id', blob))).toBe('Anna');
    expect((await keyring.open('anna', NEW)).ok).toBe(true);
    expect((await keyring.open('anna', FORGOTTEN)).ok).toBe(false);
  }
  for (const wrong of ['', 'x', Buffer.alloc(32).toString('base64')])
    expect(await keyring.recover('anna', wrong, FORGOTTEN, service)).toEqual({
      ok: false,
      reason: 'wrongPassword',
    });
  expect((await keyring.open('anna', NEW)).ok).toBe(true);
});

it('is released for nothing but a request to this service from one of its desks', async () => {
  const { keyring, service, file, release } = await setUp();
  await keyring.create('anna', FORGOTTEN, service);
  const request = await keyring.recoveryRequest('anna');
  const whole = { format: 'sivis-key-request/1', deviceId: DEVICE, ...request };
  const cases: [object, string][] = [
    [{ ...whole, place: 'another-1' }, 'unreadable'],
    [{ ...whole, sealed: '{}' }, 'unreadable'],
    [{ ...whole, format: 'sivis-pending/1' }, 'unreadable'],
    [{ ...whole, deviceId: newId() }, 'unknown-device'],
  ];
  for (const [content, code] of cases) {
    writeFileSync(file, JSON.stringify(content));
    expect((await release(['it.one', 'manager'])).error?.code).toBe(code);
  }
});
