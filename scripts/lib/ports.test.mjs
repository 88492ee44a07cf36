import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { firstFree, forwardPort, isFree } from './ports.mjs';

const open = [];
afterEach(() => {
  for (const { close } of open.splice(0)) close();
});

function listen(onSocket) {
  const server = net.createServer(onSocket);
  open.push({ close: () => server.close() });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

function exchange(port, text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
}

describe('firstFree', () => {
  it('passes over ports that are taken', async () => {
    expect(await firstFree(4180, async (port) => port > 4182)).toBe(4183);
  });
  it('gives up in plain words', async () => {
    await expect(firstFree(4180, async () => false)).rejects.toThrow(/Nav neviena brīva porta/);
  });
  it('asks the system', async () => {
    expect(await isFree(await listen(() => {}))).toBe(false);
  });
});

describe('forwardPort', () => {
  it('passes bytes both ways', async () => {
    const to = await listen((socket) => socket.on('data', (data) => socket.end(`got ${data}`)));
    const from = await firstFree(42_000);
    open.push(await forwardPort(from, to));
    expect(await exchange(from, 'hello')).toBe('got hello');
  });
  it('ends the client when nobody answers behind it', async () => {
    const from = await firstFree(42_000);
    const nobody = await firstFree(43_000);
    open.push(await forwardPort(from, nobody));
    await expect(exchange(from, 'hello')).rejects.toThrow();
  });
  it('says that a port is taken', async () => {
    const taken = await listen(() => {});
    await expect(forwardPort(taken, 1)).rejects.toThrow(/aizņemts/);
  });
});
