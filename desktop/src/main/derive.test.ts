import { argon2id } from 'hash-wasm';
import { expect, it } from 'vitest';
import { deriveKey } from './derive.ts';

const salt = new Uint8Array(16).fill(7);
const cost = { memoryKiB: 19_456, iterations: 2, parallelism: 1 };

it('gives the same key as the WebAssembly that the page uses elsewhere', async () => {
  const here = await deriveKey('Zaļā krūze 12', salt, cost);
  const there = await argon2id({
    password: 'Zaļā krūze 12',
    salt,
    memorySize: 19_456,
    iterations: 2,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  });
  expect(here).toEqual({ state: 'ok', key: new Uint8Array(there) });
});

it('takes one password for both ways of writing its letters', async () => {
  const composed = await deriveKey('ā', salt, cost);
  expect(await deriveKey('a\u0304', salt, cost)).toEqual(composed);
});

it('says when the runtime cannot', async () => {
  const throws = () => {
    throw new Error('no such algorithm');
  };
  expect(await deriveKey('x', salt, cost, throws as never)).toEqual({ state: 'unavailable' });
});
