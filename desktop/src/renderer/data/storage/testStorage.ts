import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { createCipher, type Cipher } from '../keys/cipher.ts';
import { encryptedStorage, type Quarantined } from './encryptedStorage.ts';

/** For tests: a cipher with a key of its own. */
export async function testCipher(keyId = 'testkey1'): Promise<Cipher> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  return createCipher(await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey']), keyId);
}

/** For tests: the encrypted storage over RxDB's memory storage, with the inner one to look into. */
export async function testStorage(cipher?: Cipher) {
  const inner = getRxStorageMemory();
  const quarantined: Quarantined[] = [];
  const storage = encryptedStorage(inner, {
    cipher: cipher ?? (await testCipher()),
    quarantined: (document) => {
      quarantined.push(document);
    },
  });
  return { inner, storage, quarantined };
}
