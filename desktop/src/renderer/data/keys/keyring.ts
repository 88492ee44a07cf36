import { z } from 'zod';
import { fromBase64, randomBytes, toBase64, toHex, utf8 } from './bytes.ts';
import { CipherError, createCipher, type Cipher } from './cipher.ts';
import { KDF_PARAMS, type DeriveBytes, type KdfParams } from './kdf.ts';
import type { SlotStore } from './slotStore.ts';

const slotSchema = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    algorithm: z.literal('argon2id'),
    memoryKiB: z.int().min(19_456).max(1_048_576),
    iterations: z.int().min(1).max(20),
    parallelism: z.int().min(1).max(8),
  }),
  salt: z.base64(),
  /** True when the secret of the computer takes part in the password key. */
  device: z.boolean(),
  iv: z.base64(),
  /** The data key, wrapped by AES-256-GCM under the password key. */
  wrapped: z.base64(),
});
type Slot = z.infer<typeof slotSchema>;

const failuresSchema = z.strictObject({ count: z.int().min(0), atMs: z.number() });
const generationSchema = z.strictObject({ generation: z.int().min(1) });

/**
 * What is known about a user's key on this desk. `unreadable` is never treated as `absent`: the slot may be whole
 * and its store only unavailable now, and behind it may lie work that nobody else has (local-first.md, finding 11).
 */
export type SlotState = 'absent' | 'unreadable' | 'ok';

/** An opened key: the cipher over all that the user keeps on this desk. */
export interface OpenKey {
  /** Opaque name of the user on this desk; also names the database. */
  readonly place: string;
  readonly cipher: Cipher;
}

export type OpenResult =
  | { readonly ok: true; readonly key: OpenKey }
  | { readonly ok: false; readonly reason: 'absent' | 'unreadable' | 'wrongPassword' };

export interface Keyring {
  state(user: string): Promise<SlotState>;
  /** Opens the user's key. Success is that the data key unwraps; nothing on disk verifies a password. */
  open(user: string, password: string): Promise<OpenResult>;
  /** Makes a key for a user who has none here. Throws when a slot exists in any state but `absent`. */
  create(user: string, password: string): Promise<OpenKey>;
  /** Wraps the key anew after a password change; the data stay as they are. */
  rewrap(user: string, oldPassword: string, newPassword: string): Promise<OpenResult>;
  /**
   * Starts anew beside a slot that cannot be opened, and leaves that slot and its database as they are, for a
   * recovery: nothing unsent is ever wiped (decision 16).
   */
  startAnew(user: string, password: string): Promise<OpenKey>;
  /** Wrong passwords since the last right one, and when the last was. Stands beside the slot: a reload forgets nothing. */
  failures(user: string): Promise<{ readonly count: number; readonly atMs: number }>;
  noteFailure(user: string, atMs: number): Promise<void>;
  forgetFailures(user: string): Promise<void>;
  /** Reads and writes what belongs to the opened user beside the key: sealed by it. */
  readSealed(key: OpenKey, name: string): Promise<string | null>;
  writeSealed(key: OpenKey, name: string, text: string): Promise<void>;
}

/** The computer's secret; `null` where the host has none. Rejects while the host cannot give the one that it has. */
export type DeviceSecretSource = () => Promise<Uint8Array<ArrayBuffer> | null>;

const DATA_KEY_BYTES = 32;
const IV_BYTES = 12;

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** The password key: HKDF over the Argon2id output and, where the host has one, the computer's secret. */
async function wrappingKey(
  derived: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  secret: Uint8Array<ArrayBuffer> | null,
): Promise<CryptoKey> {
  const input = new Uint8Array(derived.length + (secret?.length ?? 0));
  input.set(derived);
  if (secret !== null) input.set(secret, derived.length);
  const material = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveKey']);
  derived.fill(0);
  input.fill(0);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt, info: utf8('sivis/kek/1') },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/** Cipher and key id of a raw data key, which is zeroed. The id is derived, so that it tells one key from another. */
async function cipherOf(dataKey: Uint8Array<ArrayBuffer>): Promise<Cipher> {
  const marked = new Uint8Array(DATA_KEY_BYTES + 8);
  marked.set(dataKey);
  marked.set(utf8('sivis/id'), DATA_KEY_BYTES);
  const keyId = toHex((await sha256(marked)).subarray(0, 6));
  marked.fill(0);
  const root = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveKey']);
  dataKey.fill(0);
  return createCipher(root, keyId);
}

/**
 * The key slots of a desk, one per user (security.md 5.4): a random 256-bit data key, wrapped by a key from the
 * password by Argon2id. Users appear on disk as salted hashes only.
 */
export function createKeyring(
  store: SlotStore,
  derive: DeriveBytes,
  params: KdfParams = KDF_PARAMS,
  deviceSecret: DeviceSecretSource = () => Promise.resolve(null),
): Keyring {
  let saltOnce: Promise<string> | null = null;

  /** A salt per desk, so that the hash of a user name cannot be looked up in a table. */
  const deskSalt = (): Promise<string> => {
    saltOnce ??= (async () => {
      const known = await store.read('desk');
      if (typeof known === 'string') return known;
      if (known !== undefined) throw new Error('the salt of this desk is not readable');
      const salt = toBase64(randomBytes(16));
      await store.write('desk', salt);
      return salt;
    })();
    saltOnce.catch(() => {
      saltOnce = null;
    });
    return saltOnce;
  };

  async function userHash(user: string): Promise<string> {
    const salt = await deskSalt();
    return toHex((await sha256(utf8(`${salt}\n${user.trim().toLowerCase()}`))).subarray(0, 16));
  }

  /** Which of the user's slots is in use. Rejects when that was written down and cannot be read. */
  async function generationOf(hash: string): Promise<number> {
    const value = await store.read(`gen-${hash}`);
    if (value === undefined) return 1;
    const known = generationSchema.safeParse(value);
    if (!known.success) throw new Error('the generation of the key slot is not readable');
    return known.data.generation;
  }

  async function placeOf(user: string): Promise<string> {
    const hash = await userHash(user);
    return `${hash}-${await generationOf(hash)}`;
  }

  async function readSlot(place: string): Promise<Slot | 'absent' | 'unreadable'> {
    let value: unknown;
    try {
      value = await store.read(`slot-${place}`);
    } catch {
      return 'unreadable';
    }
    if (value === undefined) return 'absent';
    const parsed = slotSchema.safeParse(value);
    return parsed.success ? parsed.data : 'unreadable';
  }

  async function writeSlot(place: string, dataKey: Uint8Array<ArrayBuffer>, password: string): Promise<void> {
    const salt = randomBytes(32);
    const iv = randomBytes(IV_BYTES);
    const secret = await deviceSecret();
    const key = await wrappingKey(await derive(password, salt, params), salt, secret);
    const additionalData = utf8(`sivis/slot/1/${place}`);
    const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, dataKey);
    const slot: Slot = {
      version: 1,
      kdf: { ...params },
      salt: toBase64(salt),
      device: secret !== null,
      iv: toBase64(iv),
      wrapped: toBase64(new Uint8Array(wrapped)),
    };
    await store.write(`slot-${place}`, slot);
  }

  /** The raw data key, `null` when the password is wrong. */
  async function unwrap(
    place: string,
    slot: Slot,
    password: string,
  ): Promise<Uint8Array<ArrayBuffer> | 'unreadable' | null> {
    const salt = fromBase64(slot.salt);
    const secret = slot.device ? await deviceSecret().catch(() => null) : null;
    if (slot.device && secret === null) return 'unreadable';
    const key = await wrappingKey(await derive(password, salt, slot.kdf), salt, secret);
    try {
      const additionalData = utf8(`sivis/slot/1/${place}`);
      const iv = fromBase64(slot.iv);
      return new Uint8Array(
        await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, fromBase64(slot.wrapped)),
      );
    } catch {
      return null;
    }
  }

  async function make(place: string, password: string): Promise<OpenKey> {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    await writeSlot(place, dataKey, password);
    return { place, cipher: await cipherOf(dataKey) };
  }

  async function openWith(user: string, password: string, newPassword: string | null): Promise<OpenResult> {
    const place = await placeOf(user).catch(() => null);
    if (place === null) return { ok: false, reason: 'unreadable' };
    const slot = await readSlot(place);
    if (slot === 'absent' || slot === 'unreadable') return { ok: false, reason: slot };
    const dataKey = await unwrap(place, slot, password);
    if (dataKey === null) return { ok: false, reason: 'wrongPassword' };
    if (dataKey === 'unreadable') return { ok: false, reason: 'unreadable' };
    if (newPassword !== null) await writeSlot(place, dataKey, newPassword);
    return { ok: true, key: { place, cipher: await cipherOf(dataKey) } };
  }

  async function failures(user: string): Promise<{ count: number; atMs: number }> {
    const known = failuresSchema.safeParse(await store.read(`fails-${await userHash(user)}`));
    return known.success ? known.data : { count: 0, atMs: 0 };
  }

  return {
    failures,
    async noteFailure(user, atMs) {
      const { count } = await failures(user);
      await store.write(`fails-${await userHash(user)}`, { count: count + 1, atMs });
    },
    async forgetFailures(user) {
      if ((await failures(user)).count > 0)
        await store.write(`fails-${await userHash(user)}`, { count: 0, atMs: 0 });
    },
    async state(user) {
      const slot = await placeOf(user).then(readSlot, () => 'unreadable' as const);
      return typeof slot === 'string' ? slot : 'ok';
    },
    open: (user, password) => openWith(user, password, null),
    async create(user, password) {
      const place = await placeOf(user);
      if ((await readSlot(place)) !== 'absent') throw new Error('the user has a key slot on this desk');
      return make(place, password);
    },
    rewrap: (user, oldPassword, newPassword) => openWith(user, oldPassword, newPassword),
    async startAnew(user, password) {
      const hash = await userHash(user);
      let generation = (await generationOf(hash).catch(() => 1)) + 1;
      // A crash may have fallen between a slot and its generation: only an absent slot may be written.
      while ((await readSlot(`${hash}-${generation}`)) !== 'absent') generation += 1;
      const key = await make(`${hash}-${generation}`, password);
      await store.write(`gen-${hash}`, { generation });
      return key;
    },
    async readSealed(key, name) {
      const blob = await store.read(`${name}-${key.place}`);
      if (typeof blob !== 'string') return null;
      try {
        return await key.cipher.open(`slot/${name}`, key.place, blob);
      } catch (error) {
        if (error instanceof CipherError && error.code !== 'LOCKED') return null;
        throw error;
      }
    },
    async writeSealed(key, name, text) {
      await store.write(`${name}-${key.place}`, await key.cipher.seal(`slot/${name}`, key.place, text));
    },
  };
}
