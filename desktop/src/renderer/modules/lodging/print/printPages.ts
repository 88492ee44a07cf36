/** A list that is printed: a title and lines of cells. */
export interface PrintList<Line> {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface PrintPage<Line> {
  readonly title: string;
  readonly lines: readonly Line[];
  /** `true` where a list goes on from the page before. */
  readonly goesOn: boolean;
  readonly page: number;
  readonly pages: number;
}

/**
 * Lists as pages of at most `perPage` lines; every list begins on a page of its own, so that it can be handed to
 * somebody by itself. A list without lines still has its page: an empty list is an answer.
 */
export function pagesOf<Line>(lists: readonly PrintList<Line>[], perPage: number): PrintPage<Line>[] {
  const parts = lists.flatMap(({ title, lines }) => {
    const count = Math.max(1, Math.ceil(lines.length / perPage));
    return Array.from({ length: count }, (_, index) => ({
      title,
      lines: lines.slice(index * perPage, (index + 1) * perPage),
      goesOn: index > 0,
    }));
  });
  return parts.map((part, index) => ({ ...part, page: index + 1, pages: parts.length }));
}
