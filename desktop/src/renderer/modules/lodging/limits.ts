/** The limits of the lodging screens, once. */
export const LODGING_LIMITS = {
  /** Days of the room plan before and after today; as far as a desk's replica reaches forward (decisions, scope). */
  boardBack: 60,
  boardAhead: 400,
  /** Beds offered in a dialog, best first. */
  offers: 6,
  /** Alternatives named in a refusal while somebody drags; more would not be read. */
  alternatives: 2,
  /** Beds looked at for those alternatives, the nearest first, so that a drag never waits. */
  nearBeds: 60,
  /** People shown under a search field. */
  hits: 8,
  /** Days by which another arrival is proposed when no bed is free. */
  shiftDays: [1, 2, 3, -1],
  /** Free beds of a kind at or under which the figure warns. */
  fewBeds: 2,
} as const;
