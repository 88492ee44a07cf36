import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ShellRegistration } from './shellWorker.ts';
import { ACTIVATE, registerShell } from './shellWorker.ts';

beforeEach(() => {
  vi.stubGlobal('location', { href: 'https://sivis.example.lv/' });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function container(waiting: ShellRegistration['waiting']) {
  const listeners: (() => void)[] = [];
  return {
    change: () => listeners.forEach((l) => l()),
    register: vi.fn(async () => ({ waiting })),
    addEventListener: vi.fn((_event: string, listener: () => void) => {
      listeners.push(listener);
    }),
  };
}

it('registers the built worker and leaves the page alone', async () => {
  const c = container(null);
  const reload = vi.fn();
  expect(await registerShell(c, reload)).toBe('registered');
  expect(c.register).toHaveBeenCalledWith('https://sivis.example.lv/sw.js', { updateViaCache: 'none' });
  expect(c.addEventListener).not.toHaveBeenCalled();
});

it('lets a newer version take over and loads the page once with it', async () => {
  const postMessage = vi.fn();
  const c = container({ postMessage });
  const reload = vi.fn();
  expect(await registerShell(c, reload)).toBe('reloading');
  expect(postMessage).toHaveBeenCalledWith(ACTIVATE);
  expect(reload).not.toHaveBeenCalled();
  c.change();
  expect(reload).toHaveBeenCalledOnce();
});

it('goes on without one', async () => {
  expect(await registerShell(undefined, vi.fn())).toBe('unavailable');
  const refused = { ...container(null), register: async () => Promise.reject(new Error('SecurityError')) };
  expect(await registerShell(refused, vi.fn())).toBe('unavailable');
});
