/**
 * One folding for search on the desk and at the service: lower case without diacritics, hyphens and
 * punctuation as single spaces. `NFD` and stripping `\p{M}` folds all 33 Latvian letters and ŗ, ō.
 */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The folded words of a text. */
export function foldedWords(text: string): string[] {
  const folded = fold(text);
  return folded === '' ? [] : folded.split(' ');
}

/**
 * The stem by which the two forms of a Latvian family name meet (Bērziņš / Bērziņa): the folded word
 * without its ending. Words of up to three letters keep it, or half the register would match.
 */
export function nameStem(word: string): string {
  if (word.length <= 3) return word;
  return word.replace(/(ens|ins|ena|ina|is|us|as|es|s|a|e)$/u, '') || word;
}

/** How many diacritics a text carries; of two spellings of one name the richer one is the better. */
export function countDiacritics(text: string): number {
  return text.normalize('NFD').match(/\p{M}/gu)?.length ?? 0;
}
