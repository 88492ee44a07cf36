import { describe, expect, it } from 'vitest';
import { argon2Bytes } from './argon2.ts';
import { createCipher } from './cipher.ts';
import { KDF_PARAMS, type KdfParams } from './kdf.ts';
import { createKeyring } from './keyring.ts';
import { memorySlots, type SlotStore } from './slotStore.ts';

/** The floor of ASVS, so that the tests do not wait. */
const QUICK: KdfParams = { ...KDF_PARAMS, memoryKiB: 19_456, iterations: 1 };
const PASSWORD = 'zaļa egle pie jūras';

/** As the service opens it (sync-service/src/identity/recovery.ts). */
async function openSealed(privateKey: CryptoKey, format: string, text: string): Promise<string> {
  const { key, iv, body } = JSON.parse(text) as { key: string; iv: string; body: string };
  const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const utf8 = (value: string) => new TextEncoder().encode(value);
  const EC = { name: 'ECDH', namedCurve: 'P-256' };
  const theirs = await crypto.subtle.importKey('raw', bytes(key), EC, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, privateKey, 256);
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const aes = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: bytes(key), info: utf8(format) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['decrypt'],
  );
  const algorithm = { name: 'AES-GCM', iv: bytes(iv), additionalData: utf8(format) };
  return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, aes, bytes(body)));
}

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
      setAside: (key) => inner.setAside(key),
      clear: () => inner.clear(),
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

  const SERVICE = {
    unlockShare: btoa(String.fromCharCode(...new Uint8Array(32).fill(9))),
    recoveryKey: '',
  };

  async function withRecovery() {
    const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return { pair, service: { ...SERVICE, recoveryKey: btoa(String.fromCharCode(...point)) } };
  }

  it('opens after ten wrong passwords only with the share of the service, and then by itself again', async () => {
    const { service } = await withRecovery();
    const { keyring } = desk();
    const made = await keyring.create('anna', PASSWORD, service);
    const blob = await made.cipher.seal('area', 'aad', 'kept');
    for (let count = 0; count < 10; count += 1) await keyring.noteFailure('anna', count);
    expect(await keyring.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'serviceNeeded' });
    const other = { ...service, unlockShare: btoa('x'.repeat(32)) };
    expect(await keyring.open('anna', PASSWORD, other)).toEqual({ ok: false, reason: 'wrongPassword' });
    expect((await keyring.open('anna', 'nepareiza parole', service)).ok).toBe(false);
    const opened = await keyring.open('anna', PASSWORD, service);
    if (!opened.ok) throw new Error(opened.reason);
    expect(await opened.key.cipher.open('area', 'aad', blob)).toBe('kept');
    expect((await keyring.open('anna', PASSWORD)).ok).toBe(true);
  });

  it('takes the share in at the next sign-in when the slot was made without one', async () => {
    const { service } = await withRecovery();
    const { keyring } = desk();
    await keyring.create('anna', PASSWORD);
    for (let count = 0; count < 10; count += 1) await keyring.noteFailure('anna', count);
    // Without a share there would be no way back.
    expect((await keyring.open('anna', PASSWORD)).ok).toBe(true);
    expect((await keyring.open('anna', PASSWORD, service)).ok).toBe(true);
    await keyring.noteFailure('anna', 0);
    expect(await keyring.open('anna', PASSWORD)).toEqual({ ok: false, reason: 'serviceNeeded' });
  });

  it('is gone after twenty wrong passwords, and its data are not taken for those of a new key', async () => {
    const { service } = await withRecovery();
    const { values, keyring } = desk();
    const made = await keyring.create('anna', PASSWORD, service);
    for (let count = 0; count < 20; count += 1) await keyring.noteFailure('anna', count);
    expect(await keyring.state('anna')).toBe('destroyed');
    expect(await keyring.open('anna', PASSWORD, service)).toEqual({ ok: false, reason: 'destroyed' });
    await expect(keyring.create('anna', PASSWORD)).rejects.toThrow();
    expect(JSON.stringify(values.get(`slot-${made.place}`))).not.toContain('wrapped');
    const anew = await keyring.startAnew('anna', PASSWORD, service);
    expect(anew.place).not.toBe(made.place);
    // What was unsent the organisation's key still opens.
    expect(values.has(`escrow-${made.place}`)).toBe(true);
  });

  it('gives the data key to the recovery key, and to nobody else', async () => {
    const { pair, service } = await withRecovery();
    const { values, keyring } = desk();
    const made = await keyring.create('anna', PASSWORD, service);
    const blob = await made.cipher.seal('journal', 'aad', 'unsent');
    const opened = JSON.parse(await openSealed(pair.privateKey, 'sivis-key/1', made.escrow ?? '')) as {
      place: string;
      dataKey: string;
    };
    expect(opened.place).toBe(made.place);
    const raw = Uint8Array.from(atob(opened.dataKey), (letter) => letter.charCodeAt(0));
    const root = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey']);
    expect(await createCipher(root, made.cipher.keyId).open('journal', 'aad', blob)).toBe('unsent');
    // The same one is kept, also when the service is not asked.
    const later = await keyring.open('anna', PASSWORD);
    expect(later.ok && later.key.escrow).toBe(made.escrow);
    expect(JSON.stringify([...values])).not.toContain(opened.dataKey);
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
