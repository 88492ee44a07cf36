import { addDays, rigaDate, toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';

const HOUR_MS = 3_600_000;

/** The instant at which the day begins in Europe/Riga (two or three hours before the same midnight in UTC). */
export function startOfRigaDay(date: PlainDate): string {
  const utc = toEpochDay(date) * 24 * HOUR_MS;
  const start = [3, 2].map((hours) => utc - hours * HOUR_MS).find((ms) => rigaDate(ms) === date);
  return toInstant(start ?? utc);
}

/** A time span as two instants, half-open; both days are within. */
export function rigaSpan(from: PlainDate, to: PlainDate): { readonly from: string; readonly to: string } {
  return { from: startOfRigaDay(from), to: startOfRigaDay(addDays(to, 1)) };
}

const seconds = new Intl.DateTimeFormat('lv', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: 'Europe/Riga',
});

/** "10:03:41" in Europe/Riga. */
export function formatSeconds(instant: string): string {
  return seconds.format(Date.parse(instant));
}
