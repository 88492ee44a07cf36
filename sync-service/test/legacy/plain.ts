/** Dates of the fixture, counted apart from the code under test. */
const DAY_MS = 86_400_000;

export const dayNumber = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / DAY_MS;
export const isoOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
export const latvian = (iso: string): string => iso.split('-').reverse().join('.');

/** Latvian letters without their marks. */
export function plainLetters(text: string): string {
  const from = 'āčēģīķļņōŗšūžĀČĒĢĪĶĻŅŌŖŠŪŽ';
  const to = 'acegiklnorsuzACEGIKLNORSUZ';
  return [...text].map((letter) => to[from.indexOf(letter)] ?? letter).join('');
}
