import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  checkPersonalCode,
  maskPersonalCode,
  normalisePersonalCode,
  oldCodeCheckDigit,
  personalCodeKind,
} from './personalCode.ts';

/** Codes that belong to nobody: old-kind ones dated after the last issue or in the 1800s (domain/case-files A7). */
const SAFE = ['290520-20003', '311219-20017', '010118-20000', '010101-00000', '150301-00128'];

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

const oldCode = fc
  .tuple(
    fc.integer({ min: 1, max: 31 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 0, max: 99_999 }),
  )
  .map(
    ([day, month, rest]) => `${pad(day, 2)}${pad(month, 2)}${pad(rest % 100, 2)}-0${pad(rest % 10_000, 4)}`,
  );

describe('checkPersonalCode', () => {
  it.each(SAFE)('%s matches its check digit', (code) => {
    expect(checkPersonalCode(code)).toEqual({ ok: true, code, kind: 'old', checksum: 'match' });
  });

  it.each(SAFE)('a wrong last digit of %s is a mismatch, not a refusal', (code) => {
    const wrong = code.slice(0, -1) + String((Number(code.at(-1)) + 1) % 10);
    expect(checkPersonalCode(wrong)).toEqual({ ok: true, code: wrong, kind: 'old', checksum: 'mismatch' });
  });

  it('has no check digit in a new code', () => {
    for (const second of '23456789') {
      const code = `3${second}9999-99901`;
      expect(checkPersonalCode(code)).toEqual({ ok: true, code, kind: 'new', checksum: 'none' });
    }
  });

  it('takes 30 and 31 as days of a month', () => {
    expect(personalCodeKind('300101-00001')).toBe('old');
    expect(personalCodeKind('310101-00001')).toBe('old');
  });

  it.each([
    '',
    '29052020003x',
    '2905-2020003',
    '290520 20003',
    '290520--20003',
    '29052-020003',
    '310290-1x234',
    '２９０５２０-20003',
  ])('refuses the shape %j', (text) => {
    expect(checkPersonalCode(text)).toEqual({ ok: false, code: 'malformed_code' });
  });

  it('does not compare the date inside a code with the calendar', () => {
    expect(checkPersonalCode('999920-20003').ok).toBe(true);
  });
});

describe('normalisePersonalCode', () => {
  it('puts the hyphen in and takes spaces around away', () => {
    expect(normalisePersonalCode(' 29052020003 ')).toBe('290520-20003');
    expect(normalisePersonalCode('290520-20003')).toBe('290520-20003');
  });

  it('gives the same code with and without the hyphen', () => {
    fc.assert(
      fc.property(oldCode, (code) => {
        expect(normalisePersonalCode(code.replace('-', ''))).toBe(code);
      }),
    );
  });
});

describe('oldCodeCheckDigit', () => {
  it('equals the other published form of the formula', () => {
    const weights = [10, 5, 8, 4, 2, 1, 6, 3, 7, 9];
    fc.assert(
      fc.property(oldCode, (code) => {
        const digits = code.replace('-', '');
        const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 1);
        expect(oldCodeCheckDigit(digits)).toBe((sum % 11) % 10);
      }),
    );
  });

  it('is one digit', () => {
    fc.assert(
      fc.property(oldCode, (code) => {
        const digit = oldCodeCheckDigit(code.replace('-', ''));
        expect(digit >= 0 && digit <= 9 && Number.isInteger(digit)).toBe(true);
      }),
    );
  });
});

describe('maskPersonalCode', () => {
  it('hides the last four digits', () => {
    expect(maskPersonalCode('290520-20003')).toBe('290520-2••••');
  });
});
