import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Result } from '../preload/contract.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** What is needed of Electron's `safeStorage`. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(plain: string): Promise<Buffer>;
  decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }>;
  getSelectedStorageBackend(): string;
}

export interface Keystore {
  read(slot: string): Promise<Result<'keyRead'>>;
  /** Writes unless the slot holds something that cannot be read now: that may be the only copy of a key. */
  write(slot: string, value: Uint8Array): Promise<Result<'keyWrite'>>;
  /** Moves an unreadable key out of the way without losing it. */
  setAside(slot: string): Promise<Result<'keySetAside'>>;
  /** Destroys the key in the slot. What was set aside from it stays. */
  destroy(slot: string): Promise<Result<'keyDestroy'>>;
  /** Destroys every key, also what was set aside, and the secret of this workstation: nothing can be opened afterwards. */
  destroyAll(): Promise<Result<'keyDestroyAll'>>;
  /** The random 256-bit secret of this workstation, made at the first call. */
  deviceSecret(): Promise<Result<'deviceSecret'>>;
}

export interface KeystoreOptions {
  /** Folder of the slots; made when missing. */
  readonly folder: string;
  readonly storage: SafeStorage;
  readonly platform: NodeJS.Platform;
}

const DEVICE_SLOT = 'device';
const DEVICE_SECRET_BYTES = 32;

const fileSchema = z.strictObject({ v: z.literal(1), backend: z.string(), data: z.base64() });
type KeyFile = z.infer<typeof fileSchema>;

/** On Linux this is Chromium's word for a password that stands in its source. */
const UNSAFE_BACKENDS = new Set(['basic_text', 'unknown']);

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function parseKeyFile(text: string): KeyFile | undefined {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** One at a time and in order: reading before writing decides whether writing is allowed. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

/**
 * Keys on the disk, encrypted by the operating system's key store (DPAPI, libsecret, KWallet). Where the
 * system has none, nothing is written: a key under a published password would only look protected.
 */
export function createKeystore({ folder, storage, platform }: KeystoreOptions): Keystore {
  const inOrder = createQueue();
  const fileOf = (slot: string) => path.join(folder, `${slot}.key`);

  async function backend(): Promise<string | undefined> {
    if (!(await storage.isAsyncEncryptionAvailable())) return undefined;
    const name = platform === 'linux' ? storage.getSelectedStorageBackend() : platform;
    return UNSAFE_BACKENDS.has(name) ? undefined : name;
  }

  async function seal(slot: string, name: string, plain: string): Promise<void> {
    const sealed = await storage.encryptStringAsync(plain);
    const content: KeyFile = { v: 1, backend: name, data: sealed.toString('base64') };
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomically(fileOf(slot), `${JSON.stringify(content)}\n`);
  }

  async function decrypt(slot: string, file: KeyFile): Promise<Result<'keyRead'>> {
    const current = await backend();
    if (current === undefined) return { state: 'unreadable', reason: 'no-secure-storage' };
    if (current !== file.backend) return { state: 'unreadable', reason: 'backend-changed' };
    try {
      const { result, shouldReEncrypt } = await storage.decryptStringAsync(Buffer.from(file.data, 'base64'));
      // Buffer would skip what is not base64, and a wrong key may decrypt to rubbish without an error.
      const value = new Uint8Array(Buffer.from(z.base64().parse(result), 'base64'));
      // The system has a newer key; when this fails, the old one still opens it.
      if (shouldReEncrypt) await seal(slot, current, result).catch(() => undefined);
      return { state: 'ok', value };
    } catch {
      return { state: 'unreadable', reason: 'decrypt-failed' };
    }
  }

  async function read(slot: string): Promise<Result<'keyRead'>> {
    let text: string | undefined;
    try {
      text = await readIfThere(fileOf(slot));
    } catch {
      return { state: 'unreadable', reason: 'damaged' };
    }
    if (text === undefined) return { state: 'absent' };
    const file = parseKeyFile(text);
    return file === undefined ? { state: 'unreadable', reason: 'damaged' } : decrypt(slot, file);
  }

  async function write(slot: string, value: Uint8Array): Promise<Result<'keyWrite'>> {
    const name = await backend();
    if (name === undefined) return { state: 'refused', reason: 'no-secure-storage' };
    if ((await read(slot)).state === 'unreadable') return { state: 'refused', reason: 'unreadable-exists' };
    try {
      await seal(slot, name, Buffer.from(value).toString('base64'));
      return { state: 'written' };
    } catch {
      return { state: 'refused', reason: 'failed' };
    }
  }

  async function setAside(slot: string): Promise<Result<'keySetAside'>> {
    const stamp = `${Date.now()}-${randomBytes(4).toString('hex')}`;
    try {
      await rename(fileOf(slot), path.join(folder, `${slot}.${stamp}.aside`));
      return { state: 'moved' };
    } catch (error) {
      if (isMissing(error)) return { state: 'absent' };
      throw error;
    }
  }

  async function deviceSecret(): Promise<Result<'deviceSecret'>> {
    const found = await read(DEVICE_SLOT);
    if (found.state === 'unreadable') return found;
    if (found.state === 'ok') {
      const whole = found.value.byteLength === DEVICE_SECRET_BYTES;
      return whole ? found : { state: 'unreadable', reason: 'damaged' };
    }
    const value = new Uint8Array(randomBytes(DEVICE_SECRET_BYTES));
    const written = await write(DEVICE_SLOT, value);
    return written.state === 'written' ? { state: 'ok', value } : written;
  }

  return {
    read: (slot) => inOrder(() => read(slot)),
    write: (slot, value) => inOrder(() => write(slot, value)),
    setAside: (slot) => inOrder(() => setAside(slot)),
    destroy: (slot) =>
      inOrder(async () => {
        await rm(fileOf(slot), { force: true });
        return { state: 'gone' };
      }),
    destroyAll: () =>
      inOrder(async () => {
        await rm(folder, { recursive: true, force: true });
        return { state: 'gone' };
      }),
    deviceSecret: () => inOrder(deviceSecret),
  };
}
