/**
 * The derivation worker. Its own response carries `'wasm-unsafe-eval'`; the page's policy does not (decision 14).
 * One derivation per worker: its 64 MiB go with it.
 */
import { argon2Bytes } from './argon2.ts';
import type { KdfReply, KdfRequest } from './kdf.ts';

self.addEventListener('message', (event: MessageEvent<KdfRequest>) => {
  const { password, salt, params } = event.data;
  argon2Bytes(password, salt, params).then(
    (key) => {
      reply({ key });
    },
    () => {
      reply({ error: 'the derivation failed' });
    },
  );
});

function reply(message: KdfReply): void {
  self.postMessage(message);
}
