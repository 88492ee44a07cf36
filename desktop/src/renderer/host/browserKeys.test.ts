import { describe, expect, it } from 'vitest';
import type { SlotStore } from './browserKeys.ts';
import { createBrowserKeys } from './browserKeys.ts';

function memory(map = new Map<string, unknown>()): SlotStore {
  return {
    get: async (slot) => map.get(slot),
    put: async (slot, value) => void map.set(slot, value),
    delete: async (slot) => void map.delete(slot),
    clear: async () => map.clear(),
    move: async (slot, to) => {
      if (!map.has(slot)) return false;
      map.set(to, map.get(slot));
      return map.delete(slot);
    },
  };
}

const value = new Uint8Array([1, 2, 3]);

describe('keys in a browser', () => {
  it('are absent, there, and gone', async () => {
    const keys = createBrowserKeys(memory());
    expect(await keys.get('a')).toEqual({ state: 'absent' });
    expect(await keys.put('a', value)).toEqual({ state: 'written' });
    expect(await keys.get('a')).toEqual({ state: 'ok', value });
    expect(await keys.destroy('a')).toEqual({ state: 'gone' });
    expect(await keys.get('a')).toEqual({ state: 'absent' });
  });

  it('are never written over while they cannot be read, and can be set aside', async () => {
    const map = new Map<string, unknown>([['a', 'damaged']]);
    const keys = createBrowserKeys(memory(map));
    expect(await keys.get('a')).toEqual({ state: 'unreadable', reason: 'damaged' });
    expect(await keys.put('a', value)).toEqual({ state: 'refused', reason: 'unreadable-exists' });
    expect(map.get('a')).toBe('damaged');
    expect(await keys.setAside('a')).toEqual({ state: 'moved' });
    expect(await keys.setAside('a')).toEqual({ state: 'absent' });
    expect(await keys.put('a', value)).toEqual({ state: 'written' });
    expect([...map.values()]).toContain('damaged');
  });

  it('say so when the database fails', async () => {
    const broken: SlotStore = { ...memory(), get: async () => Promise.reject(new Error('x')) };
    expect(await createBrowserKeys(broken).get('a')).toEqual({ state: 'unreadable', reason: 'damaged' });
    expect((await createBrowserKeys(broken).put('a', value)).state).toBe('refused');
    const full: SlotStore = { ...memory(), put: async () => Promise.reject(new Error('QuotaExceeded')) };
    expect(await createBrowserKeys(full).put('a', value)).toEqual({ state: 'refused', reason: 'failed' });
  });
});
