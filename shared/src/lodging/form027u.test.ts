import { describe, expect, it } from 'vitest';
import { formDate, isFormTooOld } from './form027u.ts';

describe('form 027/u', () => {
  it('is good for one month, to the day', () => {
    expect(isFormTooOld('2026-10-21', '2026-11-21')).toBe(false);
    expect(isFormTooOld('2026-10-20', '2026-11-21')).toBe(true);
    expect(isFormTooOld('2025-12-15', '2026-01-15')).toBe(false);
    expect(isFormTooOld('2025-12-14', '2026-01-15')).toBe(true);
  });

  it('issued at the end of a short month is judged by that month', () => {
    expect(isFormTooOld('2026-02-28', '2026-03-31')).toBe(true);
    expect(isFormTooOld('2026-03-01', '2026-03-31')).toBe(false);
  });

  it('has its date as staff write it', () => {
    expect(formDate('03.11.2026', '2026-11-21')).toBe('2026-11-03');
    expect(formDate('nav', '2026-11-21')).toBeNull();
    expect(formDate(undefined, '2026-11-21')).toBeNull();
  });
});
