import { parseDateInput, type PlainDate } from '../time/plainDate.ts';

/**
 * The same day of the month before, as text. It need not exist (`2026-02-31`): plain dates compare as text, and a
 * form issued on the last day of February is then still younger than that.
 */
function monthBefore(date: PlainDate): string {
  const year = Number(date.slice(0, 4));
  const month = Number(date.slice(5, 7));
  const [y, mo] = month === 1 ? [year - 1, 12] : [year, month - 1];
  return `${String(y).padStart(4, '0')}-${String(mo).padStart(2, '0')}${date.slice(7)}`;
}

/** True when a form 027/u issued on `issued` is older than one month on the day of arrival (lodging-catering 0). */
export function isFormTooOld(issued: PlainDate, arrival: PlainDate): boolean {
  return issued < monthBefore(arrival);
}

/** The date of the form as it stands in the check-in list (`03.11.2026`), or `null` when it cannot be read. */
export function formDate(detail: string | undefined, today: PlainDate): PlainDate | null {
  return detail === undefined ? null : parseDateInput(detail, today);
}
