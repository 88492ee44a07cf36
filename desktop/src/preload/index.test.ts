import { expect, it, vi } from 'vitest';

const exposed = new Map<string, Record<string, unknown>>();
const ipcRenderer = {
  invoke: vi.fn(async () => ({ ok: true, value: null })),
  on: vi.fn(),
  off: vi.fn(),
  send: vi.fn(),
};
vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, api: Record<string, unknown>) => exposed.set(name, api),
  },
  ipcRenderer,
}));

it('exposes one object, and ipcRenderer nowhere in it', async () => {
  await import('./index.ts');
  expect([...exposed.keys()]).toEqual(['sivis']);
  const api = exposed.get('sivis')!;
  for (const value of Object.values(api)) expect(typeof value).toBe('function');
  await (api['info'] as () => Promise<unknown>)();
  expect(ipcRenderer.invoke).toHaveBeenCalledWith('sivis:info', undefined);
  const end = (api['onLock'] as (cb: () => void) => unknown)(() => undefined);
  expect(typeof end).toBe('function');
  // What a subscription gives back must not be the emitter, which `ipcRenderer.on` returns.
  expect((end as () => unknown)()).toBeUndefined();
});
