import { describe, expect, it } from 'vitest';
import { argon2Bytes } from './argon2.ts';
import { KDF_PARAMS, type KdfParams } from './kdf.ts';
import { createKeyring } from './keyring.ts';
import { memorySlots, type SlotStore } from './slotStore.ts';

/** The floor of ASVS, so that the tests do not wait. */
const QUICK: KdfParams = { ...KDF_PARAMS, memoryKiB: 19_456, iterations: 1 };
const PASSWORD = 'zaļa egle pie jūras';

function desk(values = new Map<string, unknown>()) {
  return { values, keyring: createKeyring(memorySlots(values), argon2Bytes, QUICK) };
}

describe('keyring', () => {
  it('opens what it made, and only with the password', async () => {
    const { values, keyring } = desk();
    expect(await keyring.state('anna')).toBe('absent');
    const made = await keyring.create('anna', PASSWORD);
    const blob = await made.cipher.seal('area', 'aad', 'text');
    const again = createKeyring(memorySlots(values), argon2Bytes, QUICK);
    const opened = await again.open(' Anna ', PASSWORD);
    if (!opened.ok) throw new Error(opened.reason);
    expect(opened.key.place).toBe(made.place);
    expect(await opened.key.cipher.open('area', 'aad', blob)).toBe('text');
    expect(await again.open('anna', 'nepareiza parole')).toEqual({ ok: false, reason: 'wrongPassword' });
    expect(await again.open('zane', PASSWORD)).toEqual({ ok: false, reason: 'absent' });
  });

  it('takes one password typed in two Unicode forms as the same', async () => {
    const { keyring } = desk();
    await keyring.create('anna', 'ķirši un āboli'.normalize('NFD'));
    expect((await keyring.open('anna', 'ķirši un āboli'.normalize('NFC'))).ok).toBe(true);
  });

  it('keeps neither the user name nor the password nor the key on disk', async () => {
    const { values, keyring } = desk();
    const key = await keyring.create('anna.berzina', PASSWORD);
    await keyring.writeSealed(key, 'session', '{"refreshToken":"canary"}');
    const onDisk = JSON.stringify([...values]);
    expect(onDisk).not.toMatch(/anna|canary/);
    expect(onDisk).not.toContain(PASSWORD);
    expect(await keyring.readSealed(key, 'session')).toBe('{"refreshToken":"canary"}');
  });

  it('never overwrites a slot that it cannot read', async () => {
    const { values, keyring } = desk();
    const made = await keyring.create('anna', PASSWORD);
    const slotKey = `slot-${made.place}`;
    values.set(slotKey, { version: 2, what: 'a later program wrote' });
    expect(await keyring.state('anna')).toBe('unreadable');
    expect(await keyring.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'unreadable' });
    await expect(keyring.create('anna', PASSWORD)).rejects.toThrow();
    const anew = await keyring.startAnew('anna', PASSWORD);
    expect(anew.place).not.toBe(made.place);
    expect(values.get(slotKey)).toEqual({ version: 2, what: 'a later program wrote' });
    expect((await keyring.open('anna', PASSWORD)).ok).toBe(true);
  });

  it('starts anew only where no slot is, also when its generation was not written or is damaged', async () => {
    const { values, keyring } = desk();
    await keyring.create('anna', PASSWORD);
    const second = await keyring.startAnew('anna', PASSWORD);
    const slot = values.get(`slot-${second.place}`);
    const generation = [...values.keys()].find((key) => key.startsWith('gen-')) ?? '';
    values.set(generation, { generation: 'x' });
    expect(await keyring.state('anna')).toBe('unreadable');
    expect(await keyring.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'unreadable' });
    await expect(keyring.create('anna', PASSWORD)).rejects.toThrow();
    const third = await keyring.startAnew('anna', PASSWORD);
    expect(third.place).not.toBe(second.place);
    values.delete(generation);
    expect((await keyring.startAnew('anna', PASSWORD)).place).toMatch(/-4$/);
    expect(values.get(`slot-${second.place}`)).toEqual(slot);
  });

  it('tells a store that cannot be read now from an absent key', async () => {
    const inner = memorySlots();
    let broken = false;
    const store: SlotStore = {
      read: (key) =>
        broken && key.startsWith('slot-') ? Promise.reject(new Error('locked')) : inner.read(key),
      write: (key, value) => inner.write(key, value),
    };
    const keyring = createKeyring(store, argon2Bytes, QUICK);
    await keyring.create('anna', PASSWORD);
    broken = true;
    expect(await keyring.state('anna')).toBe('unreadable');
    await expect(keyring.create('anna', PASSWORD)).rejects.toThrow();
    broken = false;
    expect((await keyring.open('anna', PASSWORD)).ok).toBe(true);
  });

  it('needs the secret of the computer where one took part, and calls its absence unreadable', async () => {
    const store = memorySlots();
    const secret = new Uint8Array(32).fill(7);
    const electron = createKeyring(store, argon2Bytes, QUICK, () => Promise.resolve(secret));
    await electron.create('anna', PASSWORD);
    expect((await electron.open('anna', PASSWORD)).ok).toBe(true);
    const elsewhere = createKeyring(store, argon2Bytes, QUICK, () =>
      Promise.reject(new Error('no key store')),
    );
    expect(await elsewhere.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'unreadable' });
    const other = createKeyring(store, argon2Bytes, QUICK, () => Promise.resolve(new Uint8Array(32)));
    expect(await other.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'wrongPassword' });
  });

  it('wraps the same key anew after a password change', async () => {
    const { keyring } = desk();
    const made = await keyring.create('anna', PASSWORD);
    const blob = await made.cipher.seal('area', 'aad', 'kept');
    expect(await keyring.rewrap('anna', 'cita parole pavisam', 'jauna parole te ir')).toMatchObject({
      ok: false,
    });
    expect((await keyring.rewrap('anna', PASSWORD, 'jauna parole te ir')).ok).toBe(true);
    expect((await keyring.open('anna', PASSWORD)).ok).toBe(false);
    const opened = await keyring.open('anna', 'jauna parole te ir');
    if (!opened.ok) throw new Error(opened.reason);
    expect(await opened.key.cipher.open('area', 'aad', blob)).toBe('kept');
  });

  it('forgets the keys when it is closed', async () => {
    const { keyring } = desk();
    const { cipher } = await keyring.create('anna', PASSWORD);
    const blob = await cipher.seal('area', 'aad', 'text');
    cipher.close();
    await expect(cipher.open('area', 'aad', blob)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('binds a blob to its area and what it is sealed with', async () => {
    const { keyring } = desk();
    const { cipher } = await keyring.create('anna', PASSWORD);
    const blob = await cipher.seal('people', 'a|1-x', 'text');
    await expect(cipher.open('lodging', 'a|1-x', blob)).rejects.toMatchObject({ code: 'TAMPERED' });
    await expect(cipher.open('people', 'b|1-x', blob)).rejects.toMatchObject({ code: 'TAMPERED' });
    await expect(cipher.open('people', 'a|1-x', `${blob.slice(0, -4)}AAAA`)).rejects.toMatchObject({
      code: 'TAMPERED',
    });
  });
});
