import { z } from 'zod';
import { eraseOrderSchema, type EraseOrder } from '@sivis/shared/fleet/eraseOrder.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import type { Send } from '../net/http.ts';
import type { TextStore } from './device.ts';

/**
 * An order that is being carried out. It is written before anything is destroyed and goes with the receipt, so that a
 * desk that was switched off in the middle goes on at its next start.
 */
const erasingSchema = z.strictObject({
  order: eraseOrderSchema,
  startedMs: z.number(),
  keysMs: z.int().min(0).nullable(),
  dataMs: z.int().min(0).nullable(),
  unsent: z.int().min(0).nullable(),
});
type Erasing = z.infer<typeof erasingSchema>;

const ERASING = 'sivis-erasing';
/** How many changes of each user of this desk wait: salted names and numbers. */
const UNSENT = 'sivis-unsent';

const unsentSchema = z.record(z.string(), z.int().min(0));

/** Remembers how many changes of one user wait: an order that lets them go first must know of everybody's. */
export function noteUnsent(store: TextStore, place: string, count: number): void {
  const all = { ...unsentHere(store) };
  if (count === 0) delete all[place];
  else all[place] = count;
  store.setItem(UNSENT, JSON.stringify(all));
}

/** Changes that wait on this desk, by user. */
export function unsentHere(store: TextStore): Readonly<Record<string, number>> {
  try {
    return unsentSchema.parse(JSON.parse(store.getItem(UNSENT) ?? '{}'));
  } catch {
    return {};
  }
}

const sum = (all: Readonly<Record<string, number>>): number =>
  Object.values(all).reduce((total, count) => total + count, 0);

/** Whether the order can be carried out now: a stolen desk at once, another one when nothing waits on it. */
export function mayErase(order: EraseOrder, store: TextStore): boolean {
  return order.mode === 'stolen' || sum(unsentHere(store)) === 0;
}

export interface EraseParts {
  readonly store: TextStore;
  readonly now: () => number;
  /** Destroys every wrapped key. */
  readonly destroyKeys: () => Promise<void>;
}

function read(store: TextStore): Erasing | null {
  const text = store.getItem(ERASING);
  if (text === null) return null;
  try {
    return erasingSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const write = (store: TextStore, erasing: Erasing): void => {
  store.setItem(ERASING, JSON.stringify(erasing));
};

/**
 * The first half: the keys, before anything else; nothing on this desk can be opened afterwards. The second half begins
 * with the page loaded anew, when nothing holds the data open any more.
 */
export async function beginErase(order: EraseOrder, { store, now, destroyKeys }: EraseParts): Promise<void> {
  const startedMs = now();
  const unsent = sum(unsentHere(store));
  const erasing: Erasing = { order, startedMs, keysMs: null, dataMs: null, unsent };
  write(store, erasing);
  await destroyKeys();
  write(store, { ...erasing, keysMs: elapsed(startedMs, now()) });
}

const elapsed = (from: number, to: number): number => Math.max(0, Math.round(to - from));

export interface EraseDataParts extends EraseParts {
  /** Removes the documents, the outbox and the journal of everybody; the key of the desk stays for the receipt. */
  readonly destroyData: () => Promise<void>;
  readonly send: Send;
  /** Forgets the desk itself: its id, its name, its key. */
  readonly forgetDesk: () => Promise<void>;
}

/**
 * The second half, if there is one to do: data, receipt, the desk itself. Every step may be repeated.
 * @returns `none` when nothing was begun, `waits` when the receipt could not be given yet
 */
export async function finishErase(parts: EraseDataParts): Promise<'none' | 'done' | 'waits'> {
  const { store, now } = parts;
  let erasing = read(store);
  if (erasing === null) return 'none';
  if (erasing.keysMs === null) {
    await parts.destroyKeys();
    erasing = { ...erasing, keysMs: elapsed(erasing.startedMs, now()) };
    write(store, erasing);
  }
  if (erasing.dataMs === null) {
    await parts.destroyData();
    erasing = { ...erasing, dataMs: elapsed(erasing.startedMs, now()) };
    write(store, erasing);
  }
  const { order, keysMs, dataMs, unsent } = erasing;
  const device = { id: order.deviceId };
  try {
    await parts.send({
      path: PATHS.erased,
      body: { device, orderId: order.orderId, keysMs, dataMs, unsent },
    });
  } catch {
    return 'waits';
  }
  await parts.forgetDesk();
  return 'done';
}
