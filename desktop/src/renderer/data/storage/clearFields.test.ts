import { describe, expect, it } from 'vitest';
import { checkSelector, checkSort, clearFieldsOf, ClearFieldError } from './clearFields.ts';

const clear = ['id', 'kind', 'personId'];

describe('checkSelector', () => {
  it('takes clear and storage fields at any depth', () => {
    expect(() => {
      checkSelector(
        { kind: 'stay', $or: [{ '_meta.lwt': { $gt: 1 } }, { $and: [{ personId: 'a' }] }] },
        clear,
      );
    }).not.toThrow();
  });

  it.each([
    [{ base: {} }],
    [{ 'base.familyName': 'Bērziņa' }],
    [{ kind: 'stay', $or: [{ kind: 'bed' }, { siteId: 'x' }] }],
    [{ $and: [{ $nor: [{ ops: [] }] }] }],
    [{ $not: { rev: 1 } }],
  ])('refuses the encrypted field in %j', (selector) => {
    expect(() => {
      checkSelector(selector, clear);
    }).toThrow(ClearFieldError);
  });

  it('refuses a sort by an encrypted field', () => {
    expect(() => {
      checkSort([{ kind: 'asc' }, { rev: 'asc' }], clear);
    }).toThrow('"rev"');
    expect(() => {
      checkSort([{ kind: 'asc' }, { id: 'asc' }], clear);
    }).not.toThrow();
  });
});

describe('clearFieldsOf', () => {
  it('is the key and the index fields', () => {
    expect(clearFieldsOf({ primaryKey: 'id', indexes: ['kind', ['personId', 'from']] })).toEqual([
      'id',
      'kind',
      'personId',
      'from',
    ]);
  });

  it('counts the parts of a composed key, which stand in it anyway', () => {
    expect(clearFieldsOf({ primaryKey: { key: 'id', fields: ['itemId', 'isCheckpoint'] } })).toEqual([
      'id',
      'itemId',
      'isCheckpoint',
    ]);
  });

  it('refuses an index on anything else', () => {
    expect(() => clearFieldsOf({ primaryKey: 'id', indexes: ['familyName'] })).toThrow(ClearFieldError);
  });
});
