import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SafeStorage } from './keystore.ts';
import { createKeystore } from './keystore.ts';

/** Stands for the operating system: turns bytes over, and can be made to fail. */
function fakeStorage() {
  const turn = (bytes: Buffer) => Buffer.from(bytes.map((b) => b ^ 0x5a));
  const system = { available: true, backend: 'gnome_libsecret', broken: false, rotated: false };
  const storage: SafeStorage = {
    isAsyncEncryptionAvailable: async () => system.available,
    encryptStringAsync: async (plain) => {
      if (system.broken) throw new Error('broken');
      return turn(Buffer.from(plain));
    },
    decryptStringAsync: async (sealed) => {
      if (system.broken) throw new Error('broken');
      return { result: turn(sealed).toString(), shouldReEncrypt: system.rotated };
    },
    getSelectedStorageBackend: () => system.backend,
  };
  return { system, storage };
}

describe('keystore', () => {
  let folder: string;
  let fake: ReturnType<typeof fakeStorage>;
  const open = (platform: NodeJS.Platform = 'linux') =>
    createKeystore({ folder: path.join(folder, 'keys'), storage: fake.storage, platform });
  const file = (slot: string) => path.join(folder, 'keys', `${slot}.key`);
  const value = new Uint8Array([1, 2, 3, 250]);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sivis-keys-'));
    fake = fakeStorage();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('knows absent, and gives back what was written, also after a restart', async () => {
    expect(await open().read('a')).toEqual({ state: 'absent' });
    expect(await open().write('a', value)).toEqual({ state: 'written' });
    expect(await open().read('a')).toEqual({ state: 'ok', value });
    expect(await open().write('a', new Uint8Array([9]))).toEqual({ state: 'written' });
    expect(await open().read('a')).toEqual({ state: 'ok', value: new Uint8Array([9]) });
    expect(readdirSync(path.join(folder, 'keys'))).toEqual(['a.key']);
  });

  it('writes neither the value nor its base64 to the disk', async () => {
    const secret = new TextEncoder().encode('CANARY of thirty-two bytes lengt');
    await open().write('a', secret);
    const text = readFileSync(file('a'), 'utf8');
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  });

  it.each(['basic_text', 'unknown'])(
    'writes nothing under %s, and reads nothing written elsewhere',
    async (name) => {
      await open().write('a', value);
      const before = readFileSync(file('a'));
      fake.system.backend = name;
      expect(await open().write('b', value)).toEqual({ state: 'refused', reason: 'no-secure-storage' });
      expect(await open().write('a', value)).toEqual({ state: 'refused', reason: 'no-secure-storage' });
      expect(await open().read('a')).toEqual({ state: 'unreadable', reason: 'no-secure-storage' });
      expect(existsSync(file('b'))).toBe(false);
      expect(readFileSync(file('a'))).toEqual(before);
    },
  );

  const troubles = [
    ['the system store does not answer', 'no-secure-storage', () => (fake.system.available = false)],
    ['another store is in use', 'backend-changed', () => (fake.system.backend = 'kwallet6')],
    ['it cannot decrypt', 'decrypt-failed', () => (fake.system.broken = true)],
    ['the file is damaged', 'damaged', () => writeFileSync(file('a'), '{"v":1')],
    ['the file is empty', 'damaged', () => writeFileSync(file('a'), '')],
    ['the file is of a later version', 'damaged', () => writeFileSync(file('a'), '{"v":2}')],
  ] as const;
  it.each(troubles)('says unreadable and never writes over it when %s', async (_when, reason, trouble) => {
    await open().write('a', value);
    trouble();
    const before = readFileSync(file('a'));
    expect(await open().read('a')).toEqual({ state: 'unreadable', reason });
    const written = await open().write('a', new Uint8Array([7]));
    expect(written.state).toBe('refused');
    expect(readFileSync(file('a'))).toEqual(before);
  });

  it('is readable again when the store is back', async () => {
    await open().write('a', value);
    fake.system.available = false;
    expect((await open().read('a')).state).toBe('unreadable');
    fake.system.available = true;
    expect(await open().read('a')).toEqual({ state: 'ok', value });
  });

  it('moves an unreadable key aside without losing it', async () => {
    await open().write('a', value);
    writeFileSync(file('a'), 'damaged');
    expect(await open().setAside('a')).toEqual({ state: 'moved' });
    expect(await open().setAside('a')).toEqual({ state: 'absent' });
    expect(await open().write('a', value)).toEqual({ state: 'written' });
    const aside = readdirSync(path.join(folder, 'keys')).filter((name) => name.endsWith('.aside'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(path.join(folder, 'keys', aside[0]!), 'utf8')).toBe('damaged');
  });

  it('seals anew when the system has a newer key', async () => {
    await open().write('a', value);
    fake.system.rotated = true;
    writeFileSync(file('a'), readFileSync(file('a'), 'utf8').replace('}', ' }'));
    const before = readFileSync(file('a'), 'utf8');
    expect(await open().read('a')).toEqual({ state: 'ok', value });
    expect(readFileSync(file('a'), 'utf8')).not.toBe(before);
    expect(await open().read('a')).toEqual({ state: 'ok', value });
  });

  it('destroys', async () => {
    await open().write('a', value);
    expect(await open().destroy('a')).toEqual({ state: 'gone' });
    expect(await open().destroy('a')).toEqual({ state: 'gone' });
    expect(await open().read('a')).toEqual({ state: 'absent' });
  });

  it('makes the device secret once, even when asked twice at the same time', async () => {
    const store = open();
    const [first, second] = await Promise.all([store.deviceSecret(), store.deviceSecret()]);
    expect(first.state).toBe('ok');
    expect(second).toEqual(first);
    expect(await open().deviceSecret()).toEqual(first);
  });

  it('makes no new device secret while the old one cannot be read', async () => {
    const first = await open().deviceSecret();
    fake.system.broken = true;
    expect(await open().deviceSecret()).toEqual({ state: 'unreadable', reason: 'decrypt-failed' });
    fake.system.broken = false;
    expect(await open().deviceSecret()).toEqual(first);
  });

  it('asks for no backend name where there is only one', async () => {
    fake.system.backend = 'unknown';
    expect(await open('win32').write('a', value)).toEqual({ state: 'written' });
    expect(JSON.parse(readFileSync(file('a'), 'utf8'))).toMatchObject({ backend: 'win32' });
  });
});
