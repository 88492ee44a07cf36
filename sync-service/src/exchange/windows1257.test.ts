import { describe, expect, it } from 'vitest';
import { encodeWindows1257 } from '../../test/legacy/windows1257.ts';
import { ImportError } from './importError.ts';
import { decodeWindows1257 } from './windows1257.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

function placeOf(bytes: Uint8Array): unknown {
  try {
    decodeWindows1257('f.csv', bytes);
  } catch (error) {
    if (error instanceof ImportError) return { code: error.code, ...error.place };
    throw error;
  }
  return 'taken';
}

const refusedAt = (line: number): unknown => ({ code: 'wrong_encoding', file: 'f.csv', line });

describe('decodeWindows1257', () => {
  it('reads every Latvian letter, and what stands in Latvian text', () => {
    const text = 'AāĀčČēĒģĢīĪķĶļĻņŅōŌŗŖšŠūŪžŽ „Ķekava” – 5 € … Ąę\r\n';
    expect(decodeWindows1257('f.csv', encodeWindows1257(text))).toBe(text);
  });

  it('reads capitals before a closing quote, which by themselves are valid UTF-8', () => {
    // Ā” and Š– are 0xC2 0x94 and 0xD0 0x96: two bytes that UTF-8 knows as well.
    const text = 'Biedrība „RĪGĀ”; KŠ–1\r\nBērziņš\r\n';
    expect(decodeWindows1257('f.csv', encodeWindows1257(text))).toBe(text);
  });

  it.each([
    ['a UTF-8 byte-order mark', join(Uint8Array.of(0xef, 0xbb, 0xbf), utf8('a;b\r\n')), 1],
    ['a UTF-16 byte-order mark', Uint8Array.of(0xff, 0xfe, 0x61, 0), 1],
    ['UTF-16 without a mark', Uint8Array.of(0x61, 0, 0x3b, 0), 1],
    ['UTF-8', utf8('Uzvārds;Vārds\r\n'), 1],
    ['UTF-8 in one row of many', join(encodeWindows1257('Kalniņš\r\nŠķēle\r\n'), utf8('Bērziņa\r\n')), 3],
    ['UTF-8 whose only letters are no Latvian ones', utf8('a\r\nПётр\r\n'), 2],
    ['U+FFFD', join(encodeWindows1257('Kalniņš\r\nB'), utf8('\ufffd'), encodeWindows1257('rzi\r\n')), 2],
    ['a C1 byte', join(encodeWindows1257('Kalniņš\r\nB'), Uint8Array.of(0x81), utf8('rzi\r\n')), 2],
    ['a byte that the code page leaves undefined', Uint8Array.of(0x61, 0x0d, 0x0a, 0xa1, 0x0d, 0x0a), 2],
  ])('refuses %s with its line', (_, bytes, line) => {
    expect(placeOf(bytes)).toEqual(refusedAt(line));
  });

  it('takes plain ASCII and nothing at all', () => {
    expect(placeOf(utf8('a;b\r\n'))).toBe('taken');
    expect(placeOf(new Uint8Array())).toBe('taken');
  });
});
