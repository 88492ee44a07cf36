/** The one source of chance of a world: a seed gives the same world again (xorshift128, Marsaglia 2003). */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, end). */
  below(end: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A UUID-shaped id (version 7 bits), so that worlds need no other source. */
  id(): string;
}

export function createRandom(seed: number): Random {
  let x = (seed ^ 0x9e3779b9) >>> 0 || 1;
  let y = 0x243f6a88;
  let z = 0xb7e15162;
  let w = (seed * 2654435761) >>> 0;
  const step = (): number => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w;
  };
  for (let warm = 0; warm < 16; warm += 1) step();
  const next = (): number => step() / 0x1_0000_0000;
  const below = (end: number): number => Math.floor(next() * end);
  const hex = (digits: number): string => step().toString(16).padStart(8, '0').slice(-digits);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    id: () => `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(4)}${hex(8)}`,
  };
}
