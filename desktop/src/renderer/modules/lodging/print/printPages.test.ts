import { describe, expect, it } from 'vitest';
import { pagesOf } from './printPages.ts';

describe('pages of printed lists', () => {
  it('begin every list on its own page and number all of them', () => {
    const pages = pagesOf(
      [
        { title: 'a', lines: [1, 2, 3, 4, 5] },
        { title: 'b', lines: [] },
      ],
      2,
    );
    expect(pages.map(({ title, lines, page }) => [title, lines, page])).toEqual([
      ['a', [1, 2], 1],
      ['a', [3, 4], 2],
      ['a', [5], 3],
      ['b', [], 4],
    ]);
    expect(pages.map(({ goesOn }) => goesOn)).toEqual([false, true, true, false]);
    expect(new Set(pages.map(({ pages: all }) => all))).toEqual(new Set([4]));
  });
});
