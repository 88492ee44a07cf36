import { describe, expect, it } from 'vitest';
import type { EraseOrder } from '@sivis/shared/fleet/eraseOrder.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { HttpRequest, Send } from '../net/http.ts';
import { beginErase, finishErase, mayErase, noteUnsent, unsentHere } from './erase.ts';

function setUp(mode: EraseOrder['mode']) {
  const values = new Map<string, string>();
  const store = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  const order: EraseOrder = {
    orderId: newId(),
    deviceId: newId(),
    mode,
    at: '2026-11-21T10:00:00.000Z',
    signature: '',
  };
  const log: string[] = [];
  const sent: HttpRequest[] = [];
  let nowMs = 1_000;
  /** The step before which the computer is switched off. */
  let offAt = Infinity;
  let online = true;
  const step = (name: string) => (): Promise<void> => {
    if (log.length >= offAt) return Promise.reject(new Error('switched off'));
    log.push(name);
    nowMs += 500;
    return Promise.resolve();
  };
  const send: Send = (request) => {
    if (log.length >= offAt) return Promise.reject(new Error('switched off'));
    if (!online) return Promise.reject(new Error('no network'));
    log.push('receipt');
    sent.push(request);
    return Promise.resolve({ body: {}, sentAt: 0, receivedAt: 0 });
  };
  const parts = {
    store,
    now: () => nowMs,
    destroyKeys: step('keys'),
    destroyData: step('data'),
    forgetDesk: async () => {
      await step('desk')();
      values.clear();
    },
    send,
  };
  return {
    order,
    store,
    parts,
    log,
    sent,
    values,
    switchOffAt: (at: number) => (offAt = at),
    goOnline: (now: boolean) => (online = now),
  };
}

describe('the erasure of a desk', () => {
  it('destroys the keys first, then the data, and gives the receipt', async () => {
    const { order, parts, log, sent, values } = setUp('stolen');
    await beginErase(order, parts);
    expect(log).toEqual(['keys']);
    expect(await finishErase(parts)).toBe('done');
    expect(log).toEqual(['keys', 'data', 'receipt', 'desk']);
    expect(sent[0]?.body).toEqual({
      device: { id: order.deviceId },
      orderId: order.orderId,
      keysMs: 500,
      dataMs: 1_000,
      unsent: 0,
    });
    expect([...values]).toEqual([]);
    expect(await finishErase(parts)).toBe('none');
  });

  it('goes on at the next start, wherever it was switched off', async () => {
    for (let at = 0; at < 4; at += 1) {
      const { order, parts, log, switchOffAt } = setUp('stolen');
      switchOffAt(at);
      await beginErase(order, parts).catch(() => undefined);
      await finishErase(parts).catch(() => undefined);
      switchOffAt(Infinity);
      expect(await finishErase(parts)).toBe('done');
      expect(log).toEqual(['keys', 'data', ...(at === 3 ? ['receipt', 'receipt'] : ['receipt']), 'desk']);
    }
  });

  it('gives the receipt when there is a network again, and destroys nothing twice', async () => {
    const { order, parts, log, goOnline } = setUp('stolen');
    goOnline(false);
    await beginErase(order, parts);
    expect(await finishErase(parts)).toBe('waits');
    goOnline(true);
    expect(await finishErase(parts)).toBe('done');
    expect(log).toEqual(['keys', 'data', 'receipt', 'desk']);
  });

  it("waits for everybody's unsent changes unless the desk was stolen, and says how many went", async () => {
    const { order, parts, store, sent } = setUp('offboard');
    noteUnsent(store, 'anna-1', 3);
    noteUnsent(store, 'zane-1', 1);
    expect(mayErase(order, store)).toBe(false);
    expect(mayErase({ ...order, mode: 'stolen' }, store)).toBe(true);
    noteUnsent(store, 'anna-1', 0);
    expect(unsentHere(store)).toEqual({ 'zane-1': 1 });
    expect(mayErase(order, store)).toBe(false);
    noteUnsent(store, 'zane-1', 0);
    expect(mayErase(order, store)).toBe(true);
    noteUnsent(store, 'zane-1', 2);
    await beginErase({ ...order, mode: 'stolen' }, parts);
    await finishErase(parts);
    expect(sent[0]?.body).toMatchObject({ unsent: 2 });
  });
});
