import { describe, expect, it } from 'vitest';
import { compareLatvian } from './collate.ts';
import { countDiacritics, fold, foldedWords, nameStem } from './fold.ts';

describe('Latvian text', () => {
  it('folds all eleven diacritics and case', () => {
    expect(fold('Šķēle Ģirts Bērziņš-Ķēniņa')).toBe('skele girts berzins kenina');
    expect(fold('ĀČĒĢĪĶĻŅŠŪŽŌŖ')).toBe('acegiklnsuzor');
  });

  it('meets both forms of a family name', () => {
    expect(nameStem('berzina')).toBe(nameStem('berzins'));
    expect(nameStem('liepina')).toBe(nameStem('liepins'));
    expect(nameStem('ozola')).toBe(nameStem('ozols'));
    expect(nameStem('kalnins')).toBe('kaln');
    expect(nameStem('osa')).toBe('osa');
    expect(foldedWords(' , ')).toEqual([]);
  });

  it('sorts by the 33 letters: ā after a, y with i, each letter for itself', () => {
    const names = [
      'Zariņa',
      'Žagare',
      'Ābola',
      'Abols',
      'Čakste',
      'Cīrulis',
      'Ēvele',
      'Egle',
      'Īve',
      'Ieva',
      'Jansons',
    ];
    expect([...names].sort(compareLatvian)).toEqual([
      'Abols',
      'Ābola',
      'Cīrulis',
      'Čakste',
      'Egle',
      'Ēvele',
      'Ieva',
      'Īve',
      'Jansons',
      'Zariņa',
      'Žagare',
    ]);
  });

  it('counts diacritics', () => {
    expect(countDiacritics('Bērziņa')).toBe(2);
  });
});
