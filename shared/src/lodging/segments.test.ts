import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../time/plainDate.ts';
import { coversExactly, putInBed, shift, stretch, wholeStay } from './segments.ts';
import type { StaySegment } from './stay.ts';

const start = '2026-03-20';
const span = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 }));

type Step =
  | { kind: 'bed'; from: number; nights: number; bed: string | null }
  | { kind: 'stretch'; from: number; nights: number }
  | { kind: 'shift'; days: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  span.chain(([from, nights]) =>
    fc
      .constantFrom('bed-1', 'bed-2', 'bed-3', null)
      .map((bed) => ({ kind: 'bed' as const, from, nights, bed })),
  ),
  span.map(([from, nights]) => ({ kind: 'stretch' as const, from, nights })),
  fc.integer({ min: -20, max: 20 }).map((days) => ({ kind: 'shift' as const, days })),
);

describe('the chain of segments', () => {
  it('I2: stays ordered, gap-free and exact under any sequence of moves, stretches and shifts, DST nights included', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let from = start;
        let to = addDays(start, 14);
        let chain: StaySegment[] = wholeStay(from, to, 'bed-0');
        for (const one of steps) {
          if (one.kind === 'bed')
            chain = putInBed(chain, addDays(from, one.from), addDays(from, one.from + one.nights), one.bed);
          else if (one.kind === 'shift') {
            chain = shift(chain, one.days);
            from = addDays(from, one.days);
            to = addDays(to, one.days);
          } else {
            from = addDays(start, one.from - 10);
            to = addDays(from, one.nights);
            chain = stretch(chain, from, to);
          }
          expect(coversExactly(chain, from, to)).toBe(true);
          expect(new Set(chain.map((segment) => segment.id)).size).toBe(chain.length);
        }
      }),
    );
  });

  it('moves only the named nights', () => {
    const chain = putInBed(
      wholeStay('2026-11-21', '2026-12-05', 'a'),
      '2026-11-25',
      '2026-11-28',
      'b',
      'remonts',
    );
    expect(chain.map(({ bedId, from, to }) => [bedId, from, to])).toEqual([
      ['a', '2026-11-21', '2026-11-25'],
      ['b', '2026-11-25', '2026-11-28'],
      ['a', '2026-11-28', '2026-12-05'],
    ]);
    expect(chain[1]?.reason).toBe('remonts');
  });
});
