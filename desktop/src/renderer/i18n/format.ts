import {
  formatDate,
  isoWeekday,
  type PlainDate,
  rigaDate,
  STAY_ZONE,
  toEpochDay,
} from '@sivis/shared/time/plainDate.ts';
import type { Locale } from './locale.svelte.ts';

export { formatDate };

const MS_PER_DAY = 86_400_000;
const tags: Readonly<Record<Locale, string>> = { lv: 'lv', en: 'en-GB' };

/** Formatters are costly to make; one of each kind and language is kept. */
const kept = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: Locale, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  let made = kept.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(tags[locale], options);
    kept.set(key, made);
  }
  return made;
}

/** "Sestdiena, 2026. gada 21. novembris" · "Saturday 21 November 2026". */
export function formatLongDate(date: PlainDate, locale: Locale): string {
  const text = formatter(locale, 'long', { dateStyle: 'full', timeZone: 'UTC' }).format(
    toEpochDay(date) * MS_PER_DAY,
  );
  return text.slice(0, 1).toLocaleUpperCase(tags[locale]) + text.slice(1);
}

/** The weekday in full, as it stands inside a sentence: "sestdiena" · "Saturday". */
export function formatWeekday(date: PlainDate, locale: Locale): string {
  const name = formatter(locale, 'weekday', { weekday: 'long', timeZone: 'UTC' }).format(
    toEpochDay(date) * MS_PER_DAY,
  );
  // Latvian writes weekdays small; ICU gives the stand-alone form with a capital.
  return locale === 'lv' ? name.toLocaleLowerCase('lv') : name;
}

const SHORT_DAYS: Readonly<Record<Locale, readonly string[]>> = {
  lv: ['Pr', 'Ot', 'Tr', 'Ce', 'Pk', 'Se', 'Sv'],
  en: ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'],
};

/** The weekday in two letters, as it stands over the column of a board: "Se" · "Sa". */
export function formatShortWeekday(date: PlainDate, locale: Locale): string {
  return SHORT_DAYS[locale][isoWeekday(date) - 1] ?? '';
}

/** "21.11." for a column or a span within one year. */
export function formatDayMonth(date: PlainDate): string {
  return `${date.slice(8, 10)}.${date.slice(5, 7)}.`;
}

/** "21.11.–05.12." of the half-open stay `[from, to)`: arrival and departure day. */
export function formatSpan(from: PlainDate, to: PlainDate): string {
  return `${formatDayMonth(from)}–${formatDayMonth(to)}`;
}

/** "14:03" in Europe/Riga of an instant (ISO string or milliseconds). */
export function formatTime(instant: string | number): string {
  return formatter('lv', 'time', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: STAY_ZONE,
  }).format(ms(instant));
}

/** "21.11.2026 14:03" in Europe/Riga. */
export function formatDateTime(instant: string | number): string {
  return `${formatDate(rigaDate(ms(instant)))} ${formatTime(instant)}`;
}

/** A number as it is written in the language: 1234,5 · 1 234 567,5 (no-break space). */
export function formatNumber(value: number, locale: Locale): string {
  return new Intl.NumberFormat(tags[locale]).format(value);
}

/** "pirms 3 minūtēm", "vakar": the time from `now` to the instant, in the largest unit that fits. */
export function formatRelative(instant: string | number, now: number, locale: Locale): string {
  const seconds = Math.round((ms(instant) - now) / 1000);
  const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  const relative = new Intl.RelativeTimeFormat(tags[locale], { numeric: 'auto' });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'minute');
}

/** "Anna, Jānis un Ilze". */
export function formatList(items: readonly string[], locale: Locale): string {
  return new Intl.ListFormat(tags[locale], { type: 'conjunction' }).format(items);
}

function ms(instant: string | number): number {
  return typeof instant === 'number' ? instant : Date.parse(instant);
}
