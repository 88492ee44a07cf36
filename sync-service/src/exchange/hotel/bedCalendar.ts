/** Who holds a bed when: disjoint half-open spans of epoch days per bed. */
export interface BedCalendar {
  /** Takes the nights `[from, to)` of the bed; `false`, and nothing is taken, when one of them is held. */
  take(bed: string, from: number, to: number): boolean;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The place of the first span that begins at `day` or later. */
function placeFor(spans: readonly Span[], day: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.from ?? Infinity) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createBedCalendar(): BedCalendar {
  const beds = new Map<string, Span[]>();
  return {
    take(bed, from, to) {
      const spans = beds.get(bed) ?? [];
      const place = placeFor(spans, from);
      const before = spans[place - 1];
      const after = spans[place];
      if ((before !== undefined && before.to > from) || (after !== undefined && after.from < to))
        return false;
      spans.splice(place, 0, { from, to });
      beds.set(bed, spans);
      return true;
    },
  };
}
