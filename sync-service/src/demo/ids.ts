import type { Random } from './random.ts';

/** Ids of the invented centre: of the form of UUIDv7, the same for the same seed, ascending as they are made. */
export type IdSource = () => string;

const START_MS = Date.UTC(2023, 0, 1);
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export function createIds(random: Random): IdSource {
  let made = 0;
  return () => {
    const time = hex(START_MS + made, 12);
    made += 1;
    const tail = `${hex(random.int(0, 0xffffff), 6)}${hex(random.int(0, 0xffffff), 6)}`;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(random.int(0, 0xfff), 3)}-8${hex(random.int(0, 0xfff), 3)}-${tail}`;
  };
}
