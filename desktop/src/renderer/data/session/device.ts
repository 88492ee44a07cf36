import { isId, newId } from '@sivis/shared/ids/ids.ts';
import { liveValue, type LiveValue } from '../live.ts';
import type { IdShelf } from '../net/deskKey.ts';

/** This workstation: an id of its own, and the name by which people know it. */
export interface Device {
  readonly id: string;
  readonly name: Pick<LiveValue<string>, 'get' | 'subscribe'>;
  rename(name: string): void;
}

/** What is needed of `localStorage`. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export const DEFAULT_DEVICE_NAME = 'Darbstacija 1';
const ID_KEY = 'sivis-device';
const NAME_KEY = 'sivis-device-name';
const MAX_NAME = 60;

/**
 * Holds the id beside the desk's key too, where a write is on disk when it is said to be: a browser writes `localStorage`
 * seconds later, and a desk that was killed meanwhile came back under another id. The service refused what the old one
 * had not sent yet. Rejects when the shelf does not open; the id is then that of `localStorage`.
 */
export async function holdDeviceId(store: TextStore, shelf: IdShelf): Promise<void> {
  const held = await shelf.getId();
  if (isId(held)) store.setItem(ID_KEY, held);
  else await shelf.putId(openDevice(store).id);
}

/** The device as this origin knows it; made on the first start. Holds no personal data. */
export function openDevice(store: TextStore): Device {
  const known = store.getItem(ID_KEY);
  const id = isId(known) ? known : newId();
  if (id !== known) store.setItem(ID_KEY, id);
  const name = liveValue(store.getItem(NAME_KEY) ?? DEFAULT_DEVICE_NAME);
  return {
    id,
    name,
    rename(next) {
      const clean = next.trim().slice(0, MAX_NAME);
      if (clean === '') return;
      store.setItem(NAME_KEY, clean);
      name.set(clean);
    },
  };
}
