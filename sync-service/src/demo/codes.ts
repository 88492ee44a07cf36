import { oldCodeCheckDigit } from '@sivis/shared/people/personalCode.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';

/**
 * A personas kods that nobody has: of the old kind, dated 120 years before the birth (born 1956, dated 1836), with a
 * right check digit. `serial` (0–999) tells people of one birth date apart.
 */
export function inventPersonalCode(birthDate: PlainDate, serial: number): string {
  const year = String(Number(birthDate.slice(0, 4)) - 120);
  if (!year.startsWith('18')) throw new RangeError('invented people are born from 1920 to 2019');
  const date = `${birthDate.slice(8, 10)}${birthDate.slice(5, 7)}${year.slice(2)}`;
  const digits = `${date}0${String(serial).padStart(3, '0')}`;
  return `${digits.slice(0, 6)}-${digits.slice(6)}${oldCodeCheckDigit(digits)}`;
}
