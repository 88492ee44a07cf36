import { describe, expect, it } from 'vitest';
import {
  formatDate,
  formatDateTime,
  formatList,
  formatLongDate,
  formatNumber,
  formatRelative,
  formatShortWeekday,
  formatSpan,
  formatTime,
  formatWeekday,
} from './format.ts';

describe('dates and times as they are written in Latvia', () => {
  it('writes dates', () => {
    expect(formatDate('2026-11-21')).toBe('21.11.2026');
    expect(formatLongDate('2026-11-21', 'lv')).toBe('Sestdiena, 2026. gada 21. novembris');
    expect(formatLongDate('2026-11-21', 'en')).toMatch(/^Saturday,? 21 November 2026$/);
    expect(formatWeekday('2026-11-21', 'lv')).toBe('sestdiena');
    expect(formatShortWeekday('2026-11-23', 'lv')).toBe('Pr');
    expect(formatSpan('2026-11-21', '2026-12-05')).toBe('21.11.–05.12.');
  });
  it('writes instants in Europe/Riga, on both sides of the clock change', () => {
    expect(formatTime('2026-11-21T08:07:00.000Z')).toBe('10:07');
    expect(formatTime('2026-07-01T22:30:00.000Z')).toBe('01:30');
    expect(formatDateTime('2026-07-01T22:30:00.000Z')).toBe('02.07.2026 01:30');
    expect(formatTime('2026-11-20T22:00:00.000Z')).toBe('00:00');
  });
});

describe('numbers, lists and relative times', () => {
  it('writes numbers with a comma and no-break spaces', () => {
    expect(formatNumber(1234.5, 'lv')).toBe('1234,5');
    expect(formatNumber(1_234_567.5, 'lv')).toBe('1\u00a0234\u00a0567,5');
  });
  it('joins names', () => {
    expect(formatList(['Anna', 'Jānis', 'Ilze'], 'lv')).toBe('Anna, Jānis un Ilze');
  });
  it('counts back in the largest unit', () => {
    const now = Date.parse('2026-11-21T08:07:00.000Z');
    expect(formatRelative(now - 3 * 60_000, now, 'lv')).toBe('pirms 3 minūtēm');
    expect(formatRelative(now - 26 * 3_600_000, now, 'lv')).toBe('vakar');
    expect(formatRelative(now - 10_000, now, 'lv')).toBe('šajā minūtē');
  });
});
