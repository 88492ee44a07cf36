import type { KeySlots } from './types.ts';

const STORE = 'keys';

/** Bytes by slot in the browser. */
export interface SlotStore {
  get(slot: string): Promise<unknown>;
  put(slot: string, value: Uint8Array<ArrayBuffer>): Promise<void>;
  delete(slot: string): Promise<void>;
  clear(): Promise<void>;
  /** Moves as one step; false when there was nothing. */
  move(slot: string, to: string): Promise<boolean>;
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    const fail = () => {
      reject(transaction.error ?? new Error('IndexedDB gave up'));
    };
    transaction.onabort = fail;
    transaction.onerror = fail;
  });
}

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open('sivis-host-keys', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      // An erasure of the desk removes the database.
      request.result.onversionchange = () => {
        request.result.close();
      };
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB does not open'));
    };
  });
}

/** Slots in a small database of their own; a write is on the disk before it resolves. */
export function indexedDbSlots(factory: IDBFactory): SlotStore {
  let database: Promise<IDBDatabase> | undefined;
  const open = async () => {
    database ??= openDatabase(factory);
    try {
      return await database;
    } catch (error) {
      database = undefined;
      throw error;
    }
  };
  const change = async (work: (store: IDBObjectStore) => void) => {
    const transaction = (await open()).transaction(STORE, 'readwrite', { durability: 'strict' });
    const finished = done(transaction);
    work(transaction.objectStore(STORE));
    await finished;
  };
  return {
    async get(slot) {
      const transaction = (await open()).transaction(STORE);
      const request = transaction.objectStore(STORE).get(slot);
      await done(transaction);
      return request.result as unknown;
    },
    put: (slot, value) => change((store) => store.put(value, slot)),
    delete: (slot) => change((store) => store.delete(slot)),
    clear: () => change((store) => store.clear()),
    async move(slot, to) {
      let moved = false;
      await change((store) => {
        const request = store.get(slot);
        request.onsuccess = () => {
          if (request.result === undefined) return;
          moved = true;
          store.put(request.result, to);
          store.delete(slot);
        };
      });
      return moved;
    },
  };
}

function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array && value.byteLength > 0;
}

/**
 * Wrapped keys in a browser. Nothing but the password protects them here; their wrapping is all the
 * encryption there is.
 */
export function createBrowserKeys(slots: SlotStore): KeySlots {
  const get: KeySlots['get'] = async (slot) => {
    try {
      const value = await slots.get(slot);
      if (value === undefined) return { state: 'absent' };
      return isBytes(value) ? { state: 'ok', value } : { state: 'unreadable', reason: 'damaged' };
    } catch {
      return { state: 'unreadable', reason: 'damaged' };
    }
  };
  return {
    get,
    async put(slot, value) {
      if ((await get(slot)).state === 'unreadable') return { state: 'refused', reason: 'unreadable-exists' };
      try {
        await slots.put(slot, value);
        return { state: 'written' };
      } catch {
        return { state: 'refused', reason: 'failed' };
      }
    },
    async setAside(slot) {
      const moved = await slots.move(slot, `${slot}.${crypto.randomUUID()}.aside`);
      return { state: moved ? 'moved' : 'absent' };
    },
    async destroy(slot) {
      await slots.delete(slot);
      return { state: 'gone' };
    },
    async destroyAll() {
      await slots.clear();
      return { state: 'gone' };
    },
  };
}
