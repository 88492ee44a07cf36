import { describe, expect, it, vi } from 'vitest';
import { CHANNELS } from '../../preload/channels.ts';
import type { Handlers, IpcDoor, SenderFrame } from './handle.ts';
import { answer, isTrustedSender, openChannels } from './handle.ts';

const PAGE: SenderFrame = { url: 'app://sivis/lodging', parent: null };

describe('sender', () => {
  it('is our page', () => {
    expect(isTrustedSender(PAGE)).toBe(true);
  });

  it.each([
    null,
    { url: 'app://sivis/', parent: {} },
    { url: 'app://sivis.evil/', parent: null },
    { url: 'https://evil.example/?app://sivis/', parent: null },
    { url: 'about:blank', parent: null },
    { url: 'blob:app://sivis/1', parent: null },
    { url: '', parent: null },
  ])('is not %j', (frame) => {
    expect(isTrustedSender(frame)).toBe(false);
  });
});

describe('answer', () => {
  const read = () => vi.fn(async () => ({ state: 'absent' as const }));

  it('gives the result', async () => {
    const handler = read();
    expect(await answer('keyRead', handler, () => undefined)(PAGE, [{ slot: 'a' }])).toEqual({
      ok: true,
      value: { state: 'absent' },
    });
    expect(handler).toHaveBeenCalledWith({ slot: 'a' });
  });

  it.each([
    ['another sender', { url: 'https://evil/', parent: null }, [{ slot: 'a' }], 'bad-sender'],
    ['no argument', PAGE, [], 'bad-args'],
    ['a wrong argument', PAGE, [{ slot: '../x' }], 'bad-args'],
    ['a second argument', PAGE, [{ slot: 'a' }, { slot: 'b' }], 'bad-args'],
    ['an argument too much', PAGE, [{ slot: 'a', value: 1 }], 'bad-args'],
  ] as const)('does not reach the handler with %s', async (_what, frame, args, code) => {
    const handler = read();
    const lines: unknown[] = [];
    const reply = answer('keyRead', handler, (event, details) => lines.push([event, details]));
    expect(await reply(frame, args)).toEqual({ ok: false, code });
    expect(handler).not.toHaveBeenCalled();
    expect(lines).toEqual([[`ipc-${code}`, { channel: 'keyRead' }]]);
  });

  it('lets no text of an error out, neither to the page nor into the log', async () => {
    const lines: unknown[] = [];
    const fails = async () => Promise.reject(new Error('/home/anna/secret'));
    const reply = answer('keyRead', fails, (event, details) => lines.push([event, details]));
    const given = await reply(PAGE, [{ slot: 'a' }]);
    expect(given).toEqual({ ok: false, code: 'failed' });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('lets nothing out that was not agreed', async () => {
    const handler = async () => ({ state: 'absent', path: '/home' }) as never;
    expect(await answer('keyRead', handler, () => undefined)(PAGE, [{ slot: 'a' }])).toEqual({
      ok: false,
      code: 'failed',
    });
  });
});

it('opens every channel of the contract and no other', async () => {
  const open = new Map<string, Parameters<IpcDoor['handle']>[1]>();
  const handlers = Object.fromEntries(
    Object.keys(CHANNELS).map((name) => [name, async () => ({ state: 'gone' })]),
  ) as unknown as Handlers;
  openChannels({ handle: (channel, listener) => open.set(channel, listener) }, handlers, () => undefined);
  expect([...open.keys()]).toEqual(Object.values(CHANNELS));
  const destroy = open.get(CHANNELS.keyDestroy)!;
  expect(await destroy({ senderFrame: PAGE }, { slot: 'a' })).toEqual({ ok: true, value: { state: 'gone' } });
  expect(await destroy({ senderFrame: null }, { slot: 'a' })).toEqual({ ok: false, code: 'bad-sender' });
});
