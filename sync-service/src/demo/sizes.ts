/**
 * How big an invented centre is.
 *
 * | size   | rooms | beds | people | days back, ahead | in house | arrivals today | for                   |
 * |--------|-------|------|--------|------------------|----------|----------------|-----------------------|
 * | full   | 150   | 300  | 9 000  | 1 095, 400       | ~215     | 14             | the demonstration     |
 * | small  | 20    | 40   | 300    | 180, 400         | ~28      | 4              | tests that need a few |
 */
export interface CentreSize {
  readonly floors: readonly {
    readonly building: 1 | 2;
    readonly floor: number;
    readonly first: number;
    readonly rooms: number;
  }[];
  readonly people: number;
  readonly daysBack: number;
  readonly daysAhead: number;
  /** Beds slept in on an ordinary night. */
  readonly occupied: number;
  readonly arrivalsToday: number;
  /** Departures of one day; more are steered to another length of stay. */
  readonly departures: number;
  readonly onLeave: number;
  readonly bedless: number;
  readonly clientsPerSpecialist: number;
}

export const CENTRE_SIZES = {
  full: {
    floors: [
      { building: 1, floor: 1, first: 101, rooms: 25 },
      { building: 1, floor: 2, first: 231, rooms: 25 },
      { building: 2, floor: 2, first: 201, rooms: 20 },
      { building: 2, floor: 3, first: 301, rooms: 20 },
      { building: 2, floor: 4, first: 401, rooms: 20 },
      { building: 2, floor: 5, first: 501, rooms: 20 },
      { building: 2, floor: 6, first: 601, rooms: 20 },
    ],
    people: 9_000,
    daysBack: 1_095,
    daysAhead: 400,
    occupied: 219,
    arrivalsToday: 14,
    departures: 11,
    onLeave: 6,
    bedless: 3,
    clientsPerSpecialist: 38,
  },
  small: {
    floors: [
      { building: 1, floor: 1, first: 101, rooms: 6 },
      { building: 2, floor: 2, first: 211, rooms: 7 },
      { building: 2, floor: 3, first: 301, rooms: 7 },
    ],
    people: 300,
    daysBack: 365,
    daysAhead: 400,
    occupied: 28,
    arrivalsToday: 4,
    departures: 3,
    onLeave: 1,
    bedless: 2,
    clientsPerSpecialist: 8,
  },
} as const satisfies Record<string, CentreSize>;

export type CentreSizeName = keyof typeof CENTRE_SIZES;
