import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';

/** More than this is not listened to: who sends it is no workstation. */
const MOST_BYTES = 4 * LIMITS.pushBytes;
const LONGEST_MS = 5_000;

/**
 * Reads and forgets the rest of a request that was refused for its size. Many clients write their whole body before
 * they read: a connection that is closed under them breaks with the answer unread, and "too large" looks like "no
 * network", which is tried again for ever.
 */
export function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) {
      resolve();
      return;
    }
    let bytes = 0;
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count);
      request.pause();
      resolve();
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) done();
    };
    const timer = setTimeout(done, LONGEST_MS).unref();
    request.on('data', count);
    request.once('end', done);
    request.once('close', done);
  });
}
