/** What was made before and still holds, so that a scroll draws only what is new. */

/**
 * Makes a thing for each day, and gives the same one again while nothing it is made of has changed: a window of sixty
 * days moves by four. `made` says what the days' things are made of, compared one by one.
 */
export function keepByDay<T>(): (
  from: number,
  to: number,
  made: readonly unknown[],
  make: (day: number) => T,
) => readonly T[] {
  let kept = new Map<number, T>();
  let before: readonly unknown[] = [];
  return (from, to, made, make) => {
    const known = sameList(before, made) ? kept : new Map<number, T>();
    before = made;
    kept = new Map();
    for (let day = from; day < to; day += 1) kept.set(day, known.get(day) ?? make(day));
    return [...kept.values()];
  };
}

/** Gives the list of before while it has the same things in it, so that nobody is told of a change. */
export function keepList<T>(): (list: readonly T[]) => readonly T[] {
  let before: readonly T[] = [];
  return (list) => {
    if (!sameList(before, list)) before = list;
    return before;
  };
}

/** Whether two lists hold the same things in the same order. */
export function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
