import { describe, expect, it, vi } from 'vitest';
import { createBridge } from './bridge.ts';
import { CHANNELS, LOCK_CHANNEL } from './channels.ts';
import { CONTRACT } from './contract.ts';

function wire() {
  const listeners = new Map<string, Set<(event: unknown, ...args: unknown[]) => void>>();
  return {
    listeners,
    invoke: vi.fn(async (_channel: string, _args?: unknown) => ({ ok: true, value: null })),
    on: vi.fn((channel: string, listener: (event: unknown, ...args: unknown[]) => void) => {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
    }),
    off: vi.fn((channel: string, listener: (event: unknown, ...args: unknown[]) => void) => {
      listeners.get(channel)?.delete(listener);
    }),
  };
}

describe('bridge', () => {
  it('has one function per channel of the contract and one subscription', () => {
    const bridge = createBridge(wire());
    expect(Object.keys(bridge).sort()).toEqual([...Object.keys(CONTRACT), 'onLock'].sort());
    expect(Object.keys(CHANNELS)).toEqual(Object.keys(CONTRACT));
    for (const value of Object.values(bridge)) expect(typeof value).toBe('function');
  });

  it('is frozen and holds nothing but functions', () => {
    const bridge = createBridge(wire());
    expect(Object.isFrozen(bridge)).toBe(true);
    expect(() => Object.assign(bridge, { print: () => 'mine' })).toThrow(TypeError);
  });

  it('sends on its own channel and passes one argument at most', async () => {
    const w = wire();
    const bridge = createBridge(w);
    const keyRead = bridge.keyRead as (...args: unknown[]) => Promise<unknown>;
    await keyRead({ slot: 'a' }, 'sivis:key.destroy', 'more');
    await bridge.info();
    expect(w.invoke.mock.calls).toEqual([
      [CHANNELS.keyRead, { slot: 'a' }],
      [CHANNELS.info, undefined],
    ]);
  });

  it('every channel has a name of its own below sivis:', () => {
    const names = [...Object.values(CHANNELS), LOCK_CHANNEL];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^sivis:[a-z.-]+$/);
  });

  it('hands over the reason of a lock without the event, and nothing that is no reason', () => {
    const w = wire();
    const seen: unknown[][] = [];
    const end = createBridge(w).onLock((...args: unknown[]) => {
      seen.push(args);
    });
    const emit = (...args: unknown[]) =>
      w.listeners.get(LOCK_CHANNEL)?.forEach((l) => l({ sender: 1 }, ...args));
    emit('suspend', 'extra');
    emit('nonsense');
    end();
    emit('screen');
    expect(seen).toEqual([['suspend']]);
  });
});

describe('contract', () => {
  it.each(['', '..', 'a/b', 'A', 'a.b', '-a', 'a\\b', 'x'.repeat(81)])('refuses the slot %j', (slot) => {
    expect(CONTRACT.keyRead.args.safeParse({ slot }).success).toBe(false);
  });

  it('refuses more than was agreed', () => {
    const cost = { memoryKiB: 65_536, iterations: 3, parallelism: 1 };
    expect(CONTRACT.keyRead.args.safeParse({ slot: 'a', path: '/etc' }).success).toBe(false);
    expect(CONTRACT.info.args.safeParse({}).success).toBe(false);
    expect(CONTRACT.keyWrite.args.safeParse({ slot: 'a', value: [1, 2] }).success).toBe(false);
    expect(CONTRACT.keyWrite.args.safeParse({ slot: 'a', value: new Uint8Array(65_537) }).success).toBe(
      false,
    );
    expect(CONTRACT.deriveKey.args.safeParse({ password: 'x', salt: new Uint8Array(8), cost }).success).toBe(
      false,
    );
    const cheap = { ...cost, memoryKiB: 1_024 };
    expect(
      CONTRACT.deriveKey.args.safeParse({ password: 'x', salt: new Uint8Array(16), cost: cheap }).success,
    ).toBe(false);
    expect(CONTRACT.deriveKey.args.safeParse({ password: 'x', salt: new Uint8Array(16), cost }).success).toBe(
      true,
    );
  });
});
