import { expect, it } from 'vitest';
import { parseServerAddress } from './server-address.ts';

it.each([
  ['https://sivis.example.lv', 'https://sivis.example.lv'],
  [' https://SIVIS.example.lv:443/ ', 'https://sivis.example.lv'],
  ['https://10.0.0.5:8443', 'https://10.0.0.5:8443'],
  ['http://127.0.0.1:4310', 'http://127.0.0.1:4310'],
  ['http://localhost:4310', 'http://localhost:4310'],
  ['http://[::1]:4310/', 'http://[::1]:4310'],
])('%s is %s', (text, origin) => {
  expect(parseServerAddress(text)).toEqual({ ok: true, origin });
});

it.each([
  ['http://sivis.example.lv', 'not-secure'],
  ['http://127.0.0.1.evil', 'not-secure'],
  ['sivis.example.lv', 'not-an-address'],
  ['', 'not-an-address'],
  ['ftp://sivis.example.lv', 'not-an-address'],
  ['javascript:alert(1)', 'not-an-address'],
  ['https://user:pass@sivis.example.lv', 'not-an-address'],
  ['https://sivis.example.lv/path', 'not-an-address'],
  ['https://sivis.example.lv/?x', 'not-an-address'],
])('%s is refused as %s', (text, reason) => {
  expect(parseServerAddress(text)).toEqual({ ok: false, reason });
});
