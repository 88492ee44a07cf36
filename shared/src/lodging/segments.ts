import { nightsBetween, addDays, type PlainDate } from '../time/plainDate.ts';
import { newId } from '../ids/ids.ts';
import type { StaySegment } from './stay.ts';

/** Pure changes of a stay's chain of segments; each returns a chain that is ordered, gap-free and has no empty part (I2). */
export type Chain = readonly StaySegment[];

function tidy(chain: readonly StaySegment[]): StaySegment[] {
  const parts: StaySegment[] = [];
  for (const segment of chain) {
    if (segment.from >= segment.to) continue;
    const last = parts.at(-1);
    const joins =
      last !== undefined &&
      last.bedId === segment.bedId &&
      last.to === segment.from &&
      (last.locked ?? false) === (segment.locked ?? false) &&
      (last.privateUse ?? false) === (segment.privateUse ?? false);
    if (joins) parts[parts.length - 1] = { ...last, to: segment.to };
    else parts.push(segment);
  }
  return parts;
}

/** One segment over the whole stay. */
export function wholeStay(
  from: PlainDate,
  to: PlainDate,
  bedId: string | null,
  privateUse = false,
): StaySegment[] {
  return [{ id: newId(), bedId, from, to, ...(privateUse ? { privateUse: true } : {}) }];
}

/** The nights `[from, to)` of the chain in another bed (`null`: without a bed); the rest stays where it is. */
export function putInBed(
  chain: Chain,
  from: PlainDate,
  to: PlainDate,
  bedId: string | null,
  reason?: string,
): StaySegment[] {
  const parts: StaySegment[] = [];
  for (const segment of chain) {
    if (segment.to <= from || to <= segment.from) {
      parts.push(segment);
      continue;
    }
    if (segment.from < from) parts.push({ ...segment, to: from });
    const cutsFront = segment.from < from;
    const middle: StaySegment = {
      ...segment,
      id: cutsFront ? newId() : segment.id,
      from: segment.from < from ? from : segment.from,
      to: to < segment.to ? to : segment.to,
      bedId,
    };
    parts.push(reason === undefined ? middle : { ...middle, reason });
    if (to < segment.to) parts.push({ ...segment, id: newId(), from: to });
  }
  return tidy(parts);
}

/** The chain over `[from, to)`: cut at either end, or its first and last part stretched to the new ends. */
export function stretch(chain: Chain, from: PlainDate, to: PlainDate): StaySegment[] {
  const inside = chain
    .filter((segment) => segment.from < to && from < segment.to)
    .map((segment) => ({
      ...segment,
      from: segment.from < from ? from : segment.from,
      to: to < segment.to ? to : segment.to,
    }));
  const kept = inside.length > 0 ? inside : chain.slice(0, 1).map((segment) => ({ ...segment, from, to }));
  const end = kept.length - 1;
  return tidy(
    kept.map((segment, index) => ({
      ...segment,
      from: index === 0 ? from : segment.from,
      to: index === end ? to : segment.to,
    })),
  );
}

/** The whole chain moved by whole days. */
export function shift(chain: Chain, days: number): StaySegment[] {
  return chain.map((segment) => ({
    ...segment,
    from: addDays(segment.from, days),
    to: addDays(segment.to, days),
  }));
}

/** Nights of a segment. */
export function segmentNights(segment: StaySegment): number {
  return nightsBetween(segment.from, segment.to);
}

/** True when the segments are ordered, gap-free and cover exactly `[from, to)` (I2). */
export function coversExactly(chain: Chain, from: PlainDate, to: PlainDate): boolean {
  if (chain.length === 0 || from >= to) return false;
  let reached = from;
  for (const segment of chain) {
    if (segment.from !== reached || segment.from >= segment.to) return false;
    reached = segment.to;
  }
  return reached === to;
}
