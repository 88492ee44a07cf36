import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { app } from './app.ts';

const MARK = Buffer.from('stand-in:');

interface Keyring {
  /** As `getSelectedStorageBackend` names it; 'none': no key store answers. */
  backend: string;
  key: string;
}

/**
 * The operating system's key store: a file beside the user's data, outside the profile, so that it outlives the profile
 * and a test can change it. `STAND_IN_KEYRING` names another one.
 */
function keyringFile(): string {
  return process.env['STAND_IN_KEYRING'] ?? path.join(app.getPath('appData'), 'stand-in-keyring.json');
}

function read(): Keyring {
  try {
    return JSON.parse(readFileSync(keyringFile(), 'utf8')) as Keyring;
  } catch {
    return write({ backend: 'gnome_libsecret', key: randomBytes(32).toString('base64') });
  }
}

function write(keyring: Keyring): Keyring {
  mkdirSync(path.dirname(keyringFile()), { recursive: true });
  writeFileSync(keyringFile(), JSON.stringify(keyring), { mode: 0o600 });
  return keyring;
}

function beReady(): void {
  if (!app.isReady()) throw new Error('safeStorage cannot be used before app is ready');
}

function encrypt(plain: string): Buffer {
  beReady();
  const { backend, key } = read();
  if (backend === 'none')
    throw new Error('Error while encrypting the text provided to safeStorage.encryptString.');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64'), iv);
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([MARK, iv, cipher.getAuthTag(), text]);
}

function decrypt(sealed: Buffer): string {
  beReady();
  const { backend, key } = read();
  const refusal = new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.');
  if (backend === 'none' || !sealed.subarray(0, MARK.length).equals(MARK)) throw refusal;
  const [iv, tag] = [sealed.subarray(9, 21), sealed.subarray(21, 37)];
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), iv).setAuthTag(tag);
  try {
    return Buffer.concat([cipher.update(sealed.subarray(37)), cipher.final()]).toString('utf8');
  } catch {
    throw refusal;
  }
}

/** Electron's `safeStorage`. */
export const safeStorage = {
  isEncryptionAvailable: () => app.isReady() && read().backend !== 'none',
  isAsyncEncryptionAvailable: async () => app.isReady() && read().backend !== 'none',
  encryptString: encrypt,
  decryptString: decrypt,
  encryptStringAsync: async (plain: string) => encrypt(plain),
  decryptStringAsync: async (sealed: Buffer) => ({ result: decrypt(sealed), shouldReEncrypt: false }),
  getSelectedStorageBackend: () => read().backend,
  setUsePlainTextEncryption: () => undefined,
};

/** What a test may do to the key store. */
export const keyring = {
  /** Another backend from now on: `basic_text`, `kwallet5`, `none`. */
  choose: (backend: string): void => {
    write({ ...read(), backend });
  },
  /** The store forgets its key: everything encrypted before cannot be read any more. */
  forget: (): void => {
    write({ ...read(), key: randomBytes(32).toString('base64') });
  },
};
