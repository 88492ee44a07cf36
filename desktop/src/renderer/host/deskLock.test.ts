import { expect, it } from 'vitest';
import type { Locks } from './deskLock.ts';
import { holdDesk } from './deskLock.ts';

/** Locks of one browser, for several windows. */
function browserLocks(): Locks {
  const held = new Set<string>();
  return {
    request: async (name, _options, callback) => {
      if (held.has(name)) return callback(null);
      held.add(name);
      await callback({ name });
      held.delete(name);
      return undefined;
    },
  };
}

it('gives the desk to the first window and keeps it there', async () => {
  const locks = browserLocks();
  expect(await holdDesk(locks)).toBe('held');
  expect(await holdDesk(locks)).toBe('second-window');
  expect(await holdDesk(locks)).toBe('second-window');
  expect(await holdDesk(browserLocks())).toBe('held');
});

it('says when locks do not work at all', async () => {
  const broken: Locks = { request: async () => Promise.reject(new Error('SecurityError')) };
  await expect(holdDesk(broken)).rejects.toThrow('SecurityError');
});
