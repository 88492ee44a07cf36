import { makePlainDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';

const DATE = /^(\d{2})\.(\d{2})\.(\d{4})$/;
const NUMBER = /^\d{1,15}$/;
const PRICE = /^(\d{1,6})(?:,(\d{1,2}))?$/;

/** A date `dd.mm.yyyy`; `null` when the calendar has no such day or the form is another. */
export function readDate(text: string): PlainDate | null {
  const match = DATE.exec(text);
  return match ? makePlainDate(Number(match[3]), Number(match[2]), Number(match[1])) : null;
}

/** A whole number without a sign; `null` for anything else. */
export function readNumber(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

/** A price in euros with a decimal comma as cents; `null` for anything else. */
export function readCents(text: string): number | null {
  const match = PRICE.exec(text);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : null;
}

/** Orders keys as numbers where they are numbers, otherwise as text. */
export function compareKeys(a: string, b: string): number {
  const numberA = readNumber(a);
  const numberB = readNumber(b);
  if (numberA !== null && numberB !== null && numberA !== numberB) return numberA - numberB;
  if ((numberA === null) !== (numberB === null)) return numberA === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
