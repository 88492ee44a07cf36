/**
 * The order of the Latvian alphabet (33 letters), computed here because ICU versions disagree on it
 * (CLDR 43 and 47 order ī and y differently) and desk, service and database must not.
 */
const ALPHABET = 'aābcčdeēfgģhiījkķlļmnņoprsštuūvzž';
const FOREIGN: Readonly<Record<string, string>> = { q: 'k', w: 'v', x: 'k', y: 'i', ō: 'o', ŗ: 'r' };

const RANK = new Map<string, number>();
for (const [index, letter] of [...ALPHABET].entries()) RANK.set(letter, index * 2 + 40);
for (const [letter, base] of Object.entries(FOREIGN)) RANK.set(letter, (RANK.get(base) ?? 0) + 1);

/** Version of the key; a stored key of another version must be computed anew. */
export const COLLATION_VERSION = 1;

/** A key that sorts by code unit in the order of the Latvian alphabet; case and punctuation come last. */
export function collationKey(text: string): string {
  let key = '';
  for (const letter of text.normalize('NFC').toLowerCase()) {
    const rank = RANK.get(letter);
    if (rank !== undefined) key += String.fromCharCode(rank + 200);
    else if (letter >= '0' && letter <= '9') key += letter;
    else if (/\p{L}/u.test(letter)) {
      const base = letter.normalize('NFD').charAt(0);
      const baseRank = RANK.get(base);
      key += baseRank !== undefined ? String.fromCharCode(baseRank + 201) : letter;
    } else key += ' ';
  }
  return key;
}

/** Compares two texts in Latvian alphabetical order; a stable total order. */
export function compareLatvian(a: string, b: string): number {
  const keyA = collationKey(a);
  const keyB = collationKey(b);
  if (keyA !== keyB) return keyA < keyB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
