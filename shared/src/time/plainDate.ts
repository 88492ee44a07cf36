/**
 * A stay day: a civil date in Europe/Riga as `YYYY-MM-DD`, without a time and without a zone.
 * Arithmetic goes through the epoch day (days since 1970-01-01), so a night is a night even when the clocks
 * change (a Riga night has 23, 24 or 25 hours).
 */
export type PlainDate = string;

/** The zone in which stay days are counted. */
export const STAY_ZONE = 'Europe/Riga';

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MS_PER_DAY = 86_400_000;

/** True for a date that exists, in the form `YYYY-MM-DD`, in the years 1800 to 2199. */
export function isPlainDate(value: unknown): value is PlainDate {
  if (typeof value !== 'string') return false;
  const match = SHAPE.exec(value);
  if (!match) return false;
  return makePlainDate(Number(match[1]), Number(match[2]), Number(match[3])) === value;
}

/** The plain date of a year, month (1–12) and day, or `null` when the calendar has no such day. */
export function makePlainDate(year: number, month: number, day: number): PlainDate | null {
  if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return fromEpochDay(ms / MS_PER_DAY);
}

/** Days since 1970-01-01. Promises a whole number for every valid plain date; throws a RangeError for others. */
export function toEpochDay(date: PlainDate): number {
  const year = Number(date.slice(0, 4));
  const month = Number(date.slice(5, 7));
  const day = Number(date.slice(8, 10));
  const epochDay = Date.UTC(year, month - 1, day) / MS_PER_DAY;
  if (Number.isNaN(epochDay)) throw new RangeError('not a plain date');
  return epochDay;
}

/** The plain date of an epoch day. */
export function fromEpochDay(epochDay: number): PlainDate {
  return new Date(epochDay * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The date `days` later (earlier when negative). */
export function addDays(date: PlainDate, days: number): PlainDate {
  return fromEpochDay(toEpochDay(date) + days);
}

/** Nights of the half-open stay `[from, to)`; negative when `to` lies before `from`. */
export function nightsBetween(from: PlainDate, to: PlainDate): number {
  return toEpochDay(to) - toEpochDay(from);
}

/** Weekday 1 (Monday) to 7 (Sunday), by ISO 8601, never by locale data. */
export function isoWeekday(date: PlainDate): number {
  return ((toEpochDay(date) + 3) % 7) + 1;
}

/** Whole years of age on `on` of somebody born on `birth`. */
export function ageOn(birth: PlainDate, on: PlainDate): number {
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return on.slice(5) < birth.slice(5) ? years - 1 : years;
}

const rigaParts = new Intl.DateTimeFormat('en-CA', {
  timeZone: STAY_ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** One request asks many times for the day of its one moment. */
let last = { instantMs: NaN, date: '' };

/** The stay day on which the instant (ms since the epoch) falls in Europe/Riga. */
export function rigaDate(instantMs: number): PlainDate {
  if (last.instantMs !== instantMs) last = { instantMs, date: rigaParts.format(instantMs) };
  return last.date;
}

/** Milliseconds from the instant to the next midnight in Europe/Riga (for rolling "today"). */
export function msToNextRigaDay(instantMs: number): number {
  const today = rigaDate(instantMs);
  let low = 0;
  let high = 26 * 3_600_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (rigaDate(instantMs + middle) === today) low = middle;
    else high = middle;
  }
  return high;
}

/** `dd.MM.yyyy`, the form in which dates are written in Latvia. */
export function formatDate(date: PlainDate): string {
  return `${date.slice(8, 10)}.${date.slice(5, 7)}.${date.slice(0, 4)}`;
}

const DAY_WORDS: Readonly<Record<string, number>> = {
  šodien: 0,
  sodien: 0,
  today: 0,
  rīt: 1,
  rit: 1,
  tomorrow: 1,
  vakar: -1,
  yesterday: -1,
  parīt: 2,
  parit: 2,
};

/**
 * Reads a typed date: `21112026`, `21.11.2026`, `21.11.`, `21/11`, `2026-11-21`, `rīt`, `+3`.
 * A date without a year is the one nearest to `today` that lies at most 60 days back, otherwise the next.
 * Returns `null` for anything else.
 */
export function parseDateInput(text: string, today: PlainDate): PlainDate | null {
  const input = text.trim().toLowerCase();
  if (input === '') return null;
  const word = DAY_WORDS[input];
  if (word !== undefined) return addDays(today, word);
  const relative = /^([+-]\d{1,4})$/.exec(input);
  if (relative) return addDays(today, Number(relative[1]));
  if (isPlainDate(input)) return input;
  const compact = /^(\d{2})(\d{2})(\d{4})$/.exec(input);
  if (compact) return makePlainDate(Number(compact[3]), Number(compact[2]), Number(compact[1]));
  const parts = /^(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2})?)?\.?$/.exec(input);
  if (!parts) return null;
  const day = Number(parts[1]);
  const month = Number(parts[2]);
  if (parts[3] !== undefined) {
    const year = Number(parts[3]);
    return makePlainDate(parts[3].length === 2 ? 2000 + year : year, month, day);
  }
  const year = Number(today.slice(0, 4));
  const earliest = addDays(today, -60);
  for (const candidate of [year - 1, year, year + 1]) {
    const date = makePlainDate(candidate, month, day);
    if (date !== null && date >= earliest) return date;
  }
  return null;
}
