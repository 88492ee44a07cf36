import type { KeySlots } from '../../host/index.ts';
import { utf8 } from './bytes.ts';
import { KeyStoreError } from './keyStoreError.ts';

/** Where wrapped keys and the sealed session of each user stand. Values are plain JSON. */
export interface SlotStore {
  /** The value, or `undefined` when there is none. Rejects when there is one that cannot be read now. */
  read(key: string): Promise<unknown>;
  /** Resolves when the value is on disk; rejects when it was not written. */
  write(key: string, value: unknown): Promise<void>;
  /** Moves a value that cannot be read out of the way, without losing it. */
  setAside(key: string): Promise<void>;
  /** Destroys every value. */
  clear(): Promise<void>;
}

/** The slots of the host, which keeps them durably and never writes over one that it cannot read. */
export function hostSlots(slots: KeySlots): SlotStore {
  return {
    async read(key) {
      const answer = await slots.get(key);
      switch (answer.state) {
        case 'absent':
          return undefined;
        case 'ok':
          return JSON.parse(new TextDecoder().decode(answer.value)) as unknown;
        case 'unreadable':
          throw new KeyStoreError(answer.reason);
      }
    },
    async write(key, value) {
      const answer = await slots.put(key, utf8(JSON.stringify(value)));
      if (answer.state !== 'written') throw new KeyStoreError(answer.reason);
    },
    async setAside(key) {
      await slots.setAside(key);
    },
    async clear() {
      await slots.destroyAll();
    },
  };
}

/** A store in memory, for tests. */
export function memorySlots(values = new Map<string, unknown>()): SlotStore {
  return {
    read: (key) => Promise.resolve(structuredClone(values.get(key))),
    write: (key, value) => {
      values.set(key, structuredClone(value));
      return Promise.resolve();
    },
    setAside: (key) => {
      values.set(`${key}.aside`, values.get(key));
      values.delete(key);
      return Promise.resolve();
    },
    clear: () => {
      values.clear();
      return Promise.resolve();
    },
  };
}
