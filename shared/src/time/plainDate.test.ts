import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  ageOn,
  formatDate,
  isoWeekday,
  isPlainDate,
  msToNextRigaDay,
  nightsBetween,
  parseDateInput,
  rigaDate,
} from './plainDate.ts';

describe('plain dates', () => {
  it('count nights across the changes of the clocks and leap days', () => {
    expect(nightsBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(nightsBetween('2026-10-24', '2026-10-26')).toBe(2);
    expect(nightsBetween('2028-02-28', '2028-03-01')).toBe(2);
  });

  it('add days and come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60_000, max: 60_000 }), (days) => {
        expect(addDays(addDays('2026-11-21', days), -days)).toBe('2026-11-21');
      }),
    );
  });

  it('know which exist', () => {
    expect(isPlainDate('2026-02-29')).toBe(false);
    expect(isPlainDate('2028-02-29')).toBe(true);
    expect(isPlainDate('2026-2-9')).toBe(false);
    expect(isPlainDate('21.11.2026')).toBe(false);
  });

  it('belong to Europe/Riga, whatever the zone of the machine', () => {
    expect(rigaDate(Date.parse('2026-11-20T22:00:00Z'))).toBe('2026-11-21');
    expect(rigaDate(Date.parse('2026-06-20T20:59:59Z'))).toBe('2026-06-20');
    expect(rigaDate(Date.parse('2026-06-20T21:00:00Z'))).toBe('2026-06-21');
    const before = Date.parse('2026-10-24T21:30:00Z');
    expect(rigaDate(before + msToNextRigaDay(before))).not.toBe(
      rigaDate(before + msToNextRigaDay(before) - 1),
    );
  });

  it('are read as staff type them', () => {
    const today = '2026-11-21';
    for (const [typed, date] of [
      ['21112026', '2026-11-21'],
      ['21.11.', '2026-11-21'],
      ['5/12', '2026-12-05'],
      ['05.01', '2027-01-05'],
      ['rīt', '2026-11-22'],
      ['+3', '2026-11-24'],
      ['1.12.26', '2026-12-01'],
      ['2026-11-30', '2026-11-30'],
    ] as const) {
      expect(parseDateInput(typed, today), typed).toBe(date);
    }
    for (const typed of ['', '32.11.', '31.11.2026', 'kaut kad', '2111'])
      expect(parseDateInput(typed, today), typed).toBeNull();
  });

  it('format, weekday and age', () => {
    expect(formatDate('2026-11-21')).toBe('21.11.2026');
    expect(isoWeekday('2026-11-21')).toBe(6);
    expect(ageOn('1985-07-14', '2026-07-13')).toBe(40);
    expect(ageOn('1985-07-14', '2026-07-14')).toBe(41);
  });
});
