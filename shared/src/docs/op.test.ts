import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../ids/ids.ts';
import { jsonEqual, type Fields, type Json } from './json.ts';
import { applyOps, diffFields, mergeOp, opSchema, type Op } from './op.ts';

const op = (changes: Op['changes'], kind = 'edit'): Op => ({
  opId: newId(),
  kind,
  at: '2026-11-21T08:00:00.000Z',
  actor: newId(),
  device: newId(),
  changes,
});

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'b'),
);
const fields: fc.Arbitrary<Fields> = fc.dictionary(
  fc.constantFrom('x', 'y', 'z'),
  value.filter((entry) => entry !== null),
);

describe('operations', () => {
  it('merge disjoint fields of two authors, in either order, to the same document', () => {
    fc.assert(
      fc.property(fields, value, value, (base, x, y) => {
        const first = op({ x: { before: base['x'] ?? null, after: x } });
        const second = op({ y: { before: base['y'] ?? null, after: y } });
        const one = mergeOp(mergeOp(base, first).fields, second);
        const other = mergeOp(mergeOp(base, second).fields, first);
        expect(one.clashes).toEqual([]);
        expect(jsonEqual(one.fields, other.fields)).toBe(true);
      }),
    );
  });

  it('report a same-field clash with all three values and keep what is there', () => {
    const merged = mergeOp(
      { x: 'theirs' },
      op({ x: { before: 'base', after: 'mine' }, y: { before: null, after: 1 } }),
    );
    expect(merged.clashes).toEqual([{ field: 'x', base: 'base', mine: 'mine', theirs: 'theirs' }]);
    expect(merged.fields).toEqual({ x: 'theirs', y: 1 });
    expect(merged.applied).toEqual(['y']);
  });

  it('take a command as a whole or not at all', () => {
    const merged = mergeOp(
      { x: 'theirs' },
      op({ x: { before: 'base', after: 'mine' }, y: { before: null, after: 1 } }, 'stay.move'),
    );
    expect(merged.fields).toEqual({ x: 'theirs' });
    expect(merged.applied).toEqual([]);
  });

  it('do not clash when both wrote the same value', () => {
    expect(mergeOp({ x: 'same' }, op({ x: { before: 'base', after: 'same' } })).clashes).toEqual([]);
  });

  it('applied to what they were made from give what they were made for', () => {
    fc.assert(
      fc.property(fields, fields, (before, after) => {
        expect(jsonEqual(applyOps(before, [op(diffFields(before, after))]), after)).toBe(true);
      }),
    );
  });

  it('refuse fields that no document has', () => {
    expect(opSchema.safeParse(op({ __proto__x: { before: null, after: 1 } })).success).toBe(false);
    expect(opSchema.safeParse({ ...op({}), extra: 1 }).success).toBe(false);
    expect(opSchema.safeParse({ ...op({}), at: '2026-11-21' }).success).toBe(false);
  });
});
