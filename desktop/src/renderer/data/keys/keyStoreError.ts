import type { UnreadableReason } from '../../host/index.ts';

/** The key store of this computer could not give or keep a key. Nothing was written over. */
export class KeyStoreError extends Error {
  readonly code: UnreadableReason | 'unreadable-exists' | 'failed';
  constructor(code: KeyStoreError['code']) {
    super(`key store: ${code}`);
    this.name = 'KeyStoreError';
    this.code = code;
  }
}
