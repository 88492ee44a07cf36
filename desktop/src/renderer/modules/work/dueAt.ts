import { toInstant } from '@sivis/shared/time/clock.ts';
import { toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { formatTime } from '../../i18n/format.ts';

const HOUR_MS = 3_600_000;
/** A task is due at the end of the working day. */
const DUE_HOUR = 17;

/** The instant at which a task of a day is due: 17:00 in Riga, in summer and in winter. */
export function dueOn(date: PlainDate): string {
  const utc = toEpochDay(date) * 24 * HOUR_MS;
  const at = [2, 3]
    .map((offset) => utc + (DUE_HOUR - offset) * HOUR_MS)
    .find((ms) => formatTime(ms) === `${DUE_HOUR}:00`);
  return toInstant(at ?? utc + (DUE_HOUR - 2) * HOUR_MS);
}
