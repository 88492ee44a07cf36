import { z } from 'zod';
import { fromBase64, randomBytes, toBase64, toHex, utf8 } from './bytes.ts';
import { CipherError, createCipher, type Cipher } from './cipher.ts';
import { lockoutAfter, type LockoutStep } from '../core/lockout.ts';
import { KDF_PARAMS, type DeriveBytes, type KdfParams } from './kdf.ts';
import { sealTo } from './sealTo.ts';
import type { SlotStore } from './slotStore.ts';

const sealedSchema = z.strictObject({ iv: z.base64(), wrapped: z.base64() });
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
  /** The data key, wrapped by AES-256-GCM under the password key; `null` after too many wrong passwords. */
  own: sealedSchema.nullable(),
  /** The same under a key in which the service's share takes part too; `null` before the service has given one. */
  shared: sealedSchema.nullable(),
});
type Slot = z.infer<typeof slotSchema>;
type Sealed = z.infer<typeof sealedSchema>;

/** What is left of a slot whose key was destroyed: no new key may take the place of its data. */
const destroyedSchema = z.strictObject({ version: z.literal(1), destroyed: z.literal(true) });

const failuresSchema = z.strictObject({ count: z.int().min(0), atMs: z.number() });
const generationSchema = z.strictObject({ generation: z.int().min(1) });

/**
 * What is known about a user's key on this desk. `unreadable` is never treated as `absent`: the slot may be whole
 * and its store only unavailable now, and behind it may lie work that nobody else has (local-first.md, finding 11).
 */
export type SlotState = 'absent' | 'unreadable' | 'destroyed' | 'ok';

/** An opened key: the cipher over all that the user keeps on this desk. */
export interface OpenKey {
  /** Opaque name of the user on this desk; also names the database. */
  readonly place: string;
  readonly cipher: Cipher;
  /** The data key encrypted to the organisation's recovery key; `null` as long as the service gave none. */
  readonly escrow: string | null;
}

/**
 * Why a key does not open. `serviceNeeded`: after ten wrong passwords only with the service's share. `destroyed`: after
 * twenty; what was behind it only the organisation's recovery key opens.
 */
export type OpenFailure = 'absent' | 'unreadable' | 'wrongPassword' | 'serviceNeeded' | 'destroyed';

export type OpenResult =
  { readonly ok: true; readonly key: OpenKey } | { readonly ok: false; readonly reason: OpenFailure };

/** What the service gives to the key of one user at one desk, with every sign-in. */
export interface ServiceKeys {
  /** 256 bits, base64: opens what too many wrong passwords have closed. */
  readonly unlockShare: string;
  /** The organisation's public key (P-256 point, base64) for recoveries. */
  readonly recoveryKey: string;
}

export interface Keyring {
  state(user: string): Promise<SlotState>;
  /**
   * Opens the user's key. Success is that the data key unwraps; nothing on disk verifies a password. With what the
   * service gave, a slot that was closed by wrong passwords opens again.
   */
  open(user: string, password: string, service?: ServiceKeys): Promise<OpenResult>;
  /** Makes a key for a user who has none here. Throws when a slot exists in any state but `absent`. */
  create(user: string, password: string, service?: ServiceKeys): Promise<OpenKey>;
  /** Wraps the key anew after a password change; the data stay as they are. */
  rewrap(user: string, oldPassword: string, newPassword: string, service?: ServiceKeys): Promise<OpenResult>;
  /**
   * Starts anew beside a slot that cannot be opened, and leaves that slot and its database as they are, for a
   * recovery: nothing unsent is ever wiped (decision 16).
   */
  startAnew(user: string, password: string, service?: ServiceKeys): Promise<OpenKey>;
  /** The user's data key as it was sealed to the organisation's recovery key, with the name of its place; `null` without one. */
  recoveryRequest(user: string): Promise<{ readonly place: string; readonly sealed: string } | null>;
  /**
   * Opens with the data key that the organisation has released, base64, and wraps it by a password anew. A slot that cannot
   * be read is set aside. `wrongPassword` when it is not the key of this user at this desk.
   */
  recover(user: string, released: string, password: string, service: ServiceKeys): Promise<OpenResult>;
  /** Wrong passwords since the last right one, and when the last was. Stands beside the slot: a reload forgets nothing. */
  failures(user: string): Promise<{ readonly count: number; readonly atMs: number }>;
  /** Counts a wrong password and does what follows from the number (core/lockout.ts). */
  noteFailure(user: string, atMs: number): Promise<void>;
  forgetFailures(user: string): Promise<void>;
  /** Reads and writes what belongs to the opened user beside the key: sealed by it. */
  readSealed(key: OpenKey, name: string): Promise<string | null>;
  writeSealed(key: OpenKey, name: string, text: string): Promise<void>;
  /** Destroys the wrapped keys of everybody on this desk; nothing here can be opened afterwards. */
  destroyAll(): Promise<void>;
}

/** The computer's secret; `null` where the host has none. Rejects while the host cannot give the one that it has. */
export type DeviceSecretSource = () => Promise<Uint8Array<ArrayBuffer> | null>;

/** Names what the recovery key opens: the data key of one user at one desk. */
const ESCROW_FORMAT = 'sivis-key/1';
const escrowSchema = z.strictObject({ to: z.string(), sealed: z.string() });

const DATA_KEY_BYTES = 32;
const IV_BYTES = 12;

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** The two keys that wrap the data key; each takes in what it has of the computer's secret and the service's share. */
const KEY_INFO = { own: 'sivis/kek/1', shared: 'sivis/kek-shared/1' } as const;

/** A password key: HKDF over the Argon2id output and what else takes part. */
async function wrappingKey(
  kind: keyof typeof KEY_INFO,
  salt: Uint8Array<ArrayBuffer>,
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<CryptoKey> {
  const input = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  const material = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveKey']);
  input.fill(0);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(KEY_INFO[kind]) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

async function wrapKey(key: CryptoKey, aad: string, dataKey: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const iv = randomBytes(IV_BYTES);
  const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(aad) };
  const wrapped = await crypto.subtle.encrypt(algorithm, key, dataKey);
  return { iv: toBase64(iv), wrapped: toBase64(new Uint8Array(wrapped)) };
}

/** `null` when it is the wrong key. */
async function unwrapKey(
  key: CryptoKey,
  aad: string,
  { iv, wrapped }: Sealed,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const algorithm = { name: 'AES-GCM', iv: fromBase64(iv), additionalData: utf8(aad) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, fromBase64(wrapped)));
  } catch {
    return null;
  }
}

/** The bytes of a released data key; `null` for a text that is none. */
function bytesOf(released: string): Uint8Array<ArrayBuffer> | null {
  const text = released.replaceAll(/\s/g, '');
  if (!z.base64().safeParse(text).success) return null;
  const bytes = fromBase64(text);
  return bytes.length === DATA_KEY_BYTES ? bytes : null;
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

  async function readSlot(place: string): Promise<Slot | 'absent' | 'unreadable' | 'destroyed'> {
    let value: unknown;
    try {
      value = await store.read(`slot-${place}`);
    } catch {
      return 'unreadable';
    }
    if (value === undefined) return 'absent';
    if (destroyedSchema.safeParse(value).success) return 'destroyed';
    const parsed = slotSchema.safeParse(value);
    return parsed.success ? parsed.data : 'unreadable';
  }

  const ownAad = (place: string): string => `sivis/slot/1/${place}`;
  const sharedAad = (place: string): string => `sivis/slot-shared/1/${place}`;

  async function writeSlot(
    place: string,
    dataKey: Uint8Array<ArrayBuffer>,
    password: string,
    service: ServiceKeys | undefined,
  ): Promise<void> {
    const salt = randomBytes(32);
    const secret = await deviceSecret();
    const derived = await derive(password, salt, params);
    const parts = secret === null ? [derived] : [derived, secret];
    const own = await wrapKey(await wrappingKey('own', salt, parts), ownAad(place), dataKey);
    let shared: Sealed | null = null;
    if (service !== undefined) {
      const key = await wrappingKey('shared', salt, [...parts, fromBase64(service.unlockShare)]);
      shared = await wrapKey(key, sharedAad(place), dataKey);
    }
    derived.fill(0);
    const slot: Slot = {
      version: 1,
      kdf: { ...params },
      salt: toBase64(salt),
      device: secret !== null,
      own,
      shared,
    };
    await store.write(`slot-${place}`, slot);
  }

  /** The raw data key, or why there is none. */
  async function unwrap(
    place: string,
    slot: Slot,
    password: string,
    service: ServiceKeys | undefined,
  ): Promise<Uint8Array<ArrayBuffer> | OpenFailure> {
    if (slot.own === null && service === undefined) return 'serviceNeeded';
    const salt = fromBase64(slot.salt);
    const secret = slot.device ? await deviceSecret().catch(() => null) : null;
    if (slot.device && secret === null) return 'unreadable';
    const derived = await derive(password, salt, slot.kdf);
    const parts = secret === null ? [derived] : [derived, secret];
    try {
      if (slot.own !== null)
        return (
          (await unwrapKey(await wrappingKey('own', salt, parts), ownAad(place), slot.own)) ?? 'wrongPassword'
        );
      if (slot.shared === null || service === undefined) return 'serviceNeeded';
      const key = await wrappingKey('shared', salt, [...parts, fromBase64(service.unlockShare)]);
      return (await unwrapKey(key, sharedAad(place), slot.shared)) ?? 'wrongPassword';
    } finally {
      derived.fill(0);
    }
  }

  /**
   * The data key for the organisation's recovery key: written once per recovery key, and kept where the user's other
   * things are. Nobody at this desk can read it.
   */
  async function escrowOf(
    place: string,
    dataKey: Uint8Array<ArrayBuffer>,
    service: ServiceKeys | undefined,
  ): Promise<string | null> {
    const known = escrowSchema.safeParse(await store.read(`escrow-${place}`).catch(() => undefined));
    if (service === undefined) return known.success ? known.data.sealed : null;
    if (known.success && known.data.to === service.recoveryKey) return known.data.sealed;
    const text = JSON.stringify({ place, dataKey: toBase64(dataKey) });
    const sealed = await sealTo(service.recoveryKey, ESCROW_FORMAT, text);
    await store.write(`escrow-${place}`, { to: service.recoveryKey, sealed });
    return sealed;
  }

  async function opened(
    place: string,
    dataKey: Uint8Array<ArrayBuffer>,
    service: ServiceKeys | undefined,
  ): Promise<OpenKey> {
    // Recovery is a second way in; where it cannot be prepared now, the first one still opens.
    const escrow = await escrowOf(place, dataKey, service).catch(() => null);
    return { place, escrow, cipher: await cipherOf(dataKey) };
  }

  async function make(place: string, password: string, service: ServiceKeys | undefined): Promise<OpenKey> {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    await writeSlot(place, dataKey, password, service);
    return opened(place, dataKey, service);
  }

  async function openWith(
    user: string,
    password: string,
    newPassword: string | null,
    service: ServiceKeys | undefined,
  ): Promise<OpenResult> {
    const place = await placeOf(user).catch(() => null);
    if (place === null) return { ok: false, reason: 'unreadable' };
    const slot = await readSlot(place);
    if (typeof slot === 'string') return { ok: false, reason: slot };
    const dataKey = await unwrap(place, slot, password, service);
    if (typeof dataKey === 'string') return { ok: false, reason: dataKey };
    const complete = slot.own !== null && (slot.shared !== null || service === undefined);
    if (newPassword !== null || !complete) await writeSlot(place, dataKey, newPassword ?? password, service);
    return { ok: true, key: await opened(place, dataKey, service) };
  }

  /** Takes from the slot what too many wrong passwords cost. */
  async function close(user: string, { serviceNeeded, destroyed }: LockoutStep): Promise<void> {
    const place = await placeOf(user);
    const slot = await readSlot(place);
    if (typeof slot === 'string') return;
    if (destroyed) await store.write(`slot-${place}`, { version: 1, destroyed: true });
    // Without a share there would be no way back.
    else if (serviceNeeded && slot.own !== null && slot.shared !== null)
      await store.write(`slot-${place}`, { ...slot, own: null });
  }

  async function failures(user: string): Promise<{ count: number; atMs: number }> {
    const known = failuresSchema.safeParse(await store.read(`fails-${await userHash(user)}`));
    return known.success ? known.data : { count: 0, atMs: 0 };
  }

  return {
    failures,
    async noteFailure(user, atMs) {
      const count = (await failures(user)).count + 1;
      await store.write(`fails-${await userHash(user)}`, { count, atMs });
      await close(user, lockoutAfter(count));
    },
    async forgetFailures(user) {
      if ((await failures(user)).count > 0)
        await store.write(`fails-${await userHash(user)}`, { count: 0, atMs: 0 });
    },
    async state(user) {
      const slot = await placeOf(user).then(readSlot, () => 'unreadable' as const);
      return typeof slot === 'string' ? slot : 'ok';
    },
    open: (user, password, service) => openWith(user, password, null, service),
    async create(user, password, service) {
      const place = await placeOf(user);
      if ((await readSlot(place)) !== 'absent') throw new Error('the user has a key slot on this desk');
      return make(place, password, service);
    },
    rewrap: (user, oldPassword, newPassword, service) => openWith(user, oldPassword, newPassword, service),
    async recoveryRequest(user) {
      const place = await placeOf(user);
      const known = escrowSchema.safeParse(await store.read(`escrow-${place}`).catch(() => undefined));
      return known.success ? { place, sealed: known.data.sealed } : null;
    },
    async recover(user, released, password, service) {
      const place = await placeOf(user);
      const dataKey = bytesOf(released);
      const sealed = await store.read(`session-${place}`).catch(() => undefined);
      if (dataKey === null || typeof sealed !== 'string') return { ok: false, reason: 'wrongPassword' };
      const cipher = await cipherOf(dataKey.slice());
      const fits = await cipher.open('slot/session', place, sealed).then(
        () => true,
        () => false,
      );
      cipher.close();
      if (!fits) return { ok: false, reason: 'wrongPassword' };
      if ((await readSlot(place)) === 'unreadable') await store.setAside(`slot-${place}`);
      await writeSlot(place, dataKey, password, service);
      return { ok: true, key: await opened(place, dataKey, service) };
    },
    async startAnew(user, password, service) {
      const hash = await userHash(user);
      let generation = (await generationOf(hash).catch(() => 1)) + 1;
      // A crash may have fallen between a slot and its generation: only an absent slot may be written.
      while ((await readSlot(`${hash}-${generation}`)) !== 'absent') generation += 1;
      const key = await make(`${hash}-${generation}`, password, service);
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
    destroyAll: () => store.clear(),
  };
}
