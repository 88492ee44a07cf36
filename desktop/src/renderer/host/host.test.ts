import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { version } from '../../../package.json';
import type { Bridge } from '../../preload/bridge.ts';
import { createHost, HostError } from './index.ts';

const COST = { memoryKiB: 65_536, iterations: 3, parallelism: 1 };

const INFO = {
  version: '0.1.0',
  platform: 'linux',
  serverUrl: 'https://sivis.example.lv',
  serverUrlManaged: true,
  lockAfterMinutes: 3,
  offlineSignInDays: 2,
  printing: 'deny',
};

beforeEach(() => {
  vi.stubGlobal('location', { href: 'https://sivis.example.lv/x', origin: 'https://sivis.example.lv' });
  vi.stubGlobal('navigator', {
    locks: { request: async (_n: string, _o: unknown, cb: (lock: unknown) => unknown) => cb({}) },
    storage: {
      estimate: async () => ({ usage: 10, quota: 100 }),
      persisted: async () => false,
      persist: async () => true,
    },
  });
  vi.stubGlobal('indexedDB', {});
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('without Electron', () => {
  it('is a browser that says what it cannot promise', async () => {
    const host = await createHost();
    expect([host.kind, host.version, host.serverUrl]).toEqual([
      'browser',
      version,
      'https://sivis.example.lv',
    ]);
    expect(host.limits()).toEqual(['power-loss', 'os-lock', 'no-device-secret', 'eviction']);
    expect(await host.persist()).toBe(true);
    expect(host.limits()).toEqual(['power-loss', 'os-lock', 'no-device-secret']);
    expect(await host.deviceSecret()).toEqual({ state: 'none' });
    expect(await host.deriveKey('x', new Uint8Array(16), COST)).toBeNull();
    expect(await host.pdf()).toBeNull();
    expect(await host.setServerUrl('https://evil.example')).toEqual({ state: 'refused', reason: 'managed' });
    expect(await host.storage()).toEqual({ usage: 10, quota: 100, persisted: false });
    expect(await host.holdDesk()).toBe('held');
  });
});

describe('in Electron', () => {
  const replies = new Map<string, unknown>();
  const lock: { listener?: Parameters<Bridge['onLock']>[0] } = {};
  const onLock: Bridge['onLock'] = (callback) => {
    lock.listener = callback;
    return () => delete lock.listener;
  };
  const reply = (name: string) => async () => replies.get(name);
  const bridge = {
    info: reply('info'),
    keyRead: reply('keyRead'),
    deriveKey: reply('deriveKey'),
    onLock,
  } as unknown as Bridge;

  beforeEach(() => {
    replies.clear();
    replies.set('info', { ok: true, value: INFO });
    vi.stubGlobal('sivis', bridge);
  });

  it('has what main says', async () => {
    const host = await createHost();
    expect(host).toMatchObject({
      kind: 'electron',
      serverUrl: 'https://sivis.example.lv',
      serverUrlManaged: true,
      lockAfterMinutes: 3,
      offlineSignInDays: 2,
      mayPrint: false,
    });
  });

  it('takes the results out of their envelopes, and throws a refusal with its code', async () => {
    const host = await createHost();
    replies.set('keyRead', { ok: true, value: { state: 'absent' } });
    expect(await host.keystore.get('a')).toEqual({ state: 'absent' });
    replies.set('keyRead', { ok: false, code: 'bad-args' });
    await expect(host.keystore.get('A')).rejects.toThrow(HostError);
    await expect(host.keystore.get('A')).rejects.toMatchObject({ code: 'bad-args' });
  });

  it('derives keys in main, or not at all', async () => {
    const host = await createHost();
    const key = new Uint8Array(32).fill(1);
    replies.set('deriveKey', { ok: true, value: { state: 'ok', key } });
    expect(await host.deriveKey('x', new Uint8Array(16), COST)).toEqual(key);
    replies.set('deriveKey', { ok: true, value: { state: 'unavailable' } });
    expect(await host.deriveKey('x', new Uint8Array(16), COST)).toBeNull();
  });

  it('hears the lock until it stops listening', async () => {
    const host = await createHost();
    const seen: string[] = [];
    const end = host.onLock((reason) => seen.push(reason));
    lock.listener?.('idle');
    end();
    expect(seen).toEqual(['idle']);
    expect(lock.listener).toBeUndefined();
  });
});
