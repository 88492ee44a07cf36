import { describe, expect, it } from 'vitest';
import {
  DUPLICATE_BLOCK,
  DUPLICATE_LIST,
  duplicateScore,
  editDistance,
  findDuplicates,
  type DuplicateSubject,
} from './duplicates.ts';

const anna: DuplicateSubject = { familyName: 'Bērziņa', givenName: 'Anna', birthDate: '1985-07-04' };

describe('duplicateScore', () => {
  it('is certain when the current code is the same, whatever the name', () => {
    const a = { ...anna, personalCode: '040765-00011' };
    const b = { familyName: 'Kalns', givenName: 'Jānis', personalCode: '040765-00011' };
    expect(duplicateScore(a, b)).toEqual({ score: 1, reasons: ['sameCode'] });
  });

  it('gives 0.95 when one has the other one’s former code', () => {
    const a = { ...anna, personalCode: '329999-99901', previousPersonalCodes: ['040765-00011'] };
    const b = { familyName: 'Kalns', givenName: 'Jānis', personalCode: '040765-00011' };
    expect(duplicateScore(a, b)).toEqual({ score: 0.95, reasons: ['formerCode'] });
    expect(duplicateScore(b, a).score).toBe(0.95);
  });

  it('gives 0.9 for the same folded name and birth date, also with the names exchanged', () => {
    expect(duplicateScore(anna, { ...anna, familyName: 'BERZINA' }).score).toBe(0.9);
    expect(duplicateScore(anna, { ...anna, familyName: 'Anna', givenName: 'Bērziņa' }).score).toBe(0.9);
  });

  it('knows former names', () => {
    const married = {
      ...anna,
      familyName: 'Ozola',
      formerNames: [{ familyName: 'Berzina', givenName: 'Anna' }],
    };
    expect(duplicateScore(anna, married).score).toBe(0.9);
  });

  it('gives 0.7 for another family name, and an equal phone adds 0.1', () => {
    const other = { ...anna, familyName: 'Ozola', phones: ['20001234'] };
    expect(duplicateScore(anna, other)).toEqual({ score: 0.7, reasons: ['familyNameDiffers'] });
    expect(duplicateScore({ ...anna, phones: ['20001234'] }, other)).toEqual({
      score: 0.8,
      reasons: ['familyNameDiffers', 'samePhone'],
    });
  });

  it('gives 0.7 for a misspelt name with day and month swapped', () => {
    const swapped = { familyName: 'Berzinna', givenName: 'Ana', birthDate: '1985-04-07' };
    expect(duplicateScore(anna, swapped)).toEqual({ score: 0.7, reasons: ['similarNameAndBirthDate'] });
    expect(duplicateScore(anna, { ...swapped, birthDate: '1985-04-08' }).score).toBe(0);
  });

  it('is never certain without an equal code', () => {
    const phones = ['20001234'];
    expect(duplicateScore({ ...anna, phones }, { ...anna, phones }).score).toBe(0.99);
  });

  it('says nothing about people without a birth date', () => {
    const { birthDate: _, ...undated } = anna;
    expect(duplicateScore(undated, undated).score).toBe(0);
  });

  it('is symmetric', () => {
    const people: DuplicateSubject[] = [
      anna,
      { ...anna, familyName: 'Ozola' },
      { ...anna, birthDate: '1985-04-07' },
      { familyName: 'Berziņa', givenName: 'Ana', birthDate: '1985-07-04', phones: ['20001234'] },
    ];
    for (const a of people) {
      for (const b of people) expect(duplicateScore(a, b).score).toBe(duplicateScore(b, a).score);
    }
  });
});

describe('findDuplicates', () => {
  it('lists from 0.6 on, the likeliest first, and blocks from 0.85 on', () => {
    const candidates = [
      { ...anna, familyName: 'Ozola' },
      { ...anna, familyName: 'Berzina' },
      { ...anna, birthDate: '1990-01-01' },
    ];
    const found = findDuplicates(anna, candidates);
    expect(found.map((match) => [match.candidate.familyName, match.blocks])).toEqual([
      ['Berzina', true],
      ['Ozola', false],
    ]);
    expect(DUPLICATE_BLOCK).toBeGreaterThan(DUPLICATE_LIST);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['anna', 'ana', 1],
    ['anna', 'nana', 1],
    ['berzina', 'bērziņa', 2],
    ['anna', 'janis', 3],
    ['a', 'abcdef', 3],
  ])('%s and %s are %d apart, counted up to 2 and one', (a, b, distance) => {
    expect(editDistance(a, b, 2)).toBe(distance);
  });
});
