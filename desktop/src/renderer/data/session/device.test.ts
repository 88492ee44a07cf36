import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { holdDeviceId, openDevice, type TextStore } from './device.ts';

function texts(): TextStore {
  const held = new Map<string, string>();
  return {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
}

function shelf(id?: unknown) {
  const own = {
    id,
    getId: () => Promise.resolve(own.id),
    putId: (next: string) => {
      own.id = next;
      return Promise.resolve();
    },
  };
  return own;
}

describe('the id of this workstation', () => {
  it('outlives a kill before the browser has written its local storage', async () => {
    const place = shelf();
    const first = texts();
    await holdDeviceId(first, place);
    const { id } = openDevice(first);
    expect(place.id).toBe(id);
    const lost = texts();
    await holdDeviceId(lost, place);
    expect(openDevice(lost).id).toBe(id);
  });

  it('is taken from the local storage when the databases are gone, and held anew', async () => {
    const store = texts();
    const { id } = openDevice(store);
    const place = shelf();
    await holdDeviceId(store, place);
    expect([openDevice(store).id, place.id]).toEqual([id, id]);
  });

  it('takes nothing that is no id', async () => {
    const store = texts();
    const place = shelf('x');
    await holdDeviceId(store, place);
    expect(place.id).toBe(openDevice(store).id);
    const known = newId();
    await holdDeviceId(store, shelf(known));
    expect(openDevice(store).id).toBe(known);
  });
});
