import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Looks for words in the files of a folder, however a program may have written them. */

/** Base64 of the bytes wherever they begin in what was encoded: the letters that do not depend on their neighbours. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const begin = before === 0 ? 0 : before + 1;
    const end = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice(begin, end);
  });
}

/** The bytes of a word: UTF-8, UTF-16 of both orders, base64 of these, escaped in JSON, in an address. */
export function spellings(word: string): Buffer[] {
  const escaped = [...word]
    .map((letter) =>
      letter > '\u007f' ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
    )
    .join('');
  const forms = [word, word.toLocaleLowerCase('lv'), word.toLocaleUpperCase('lv'), word.normalize('NFD')];
  const found = new Set<string>();
  for (const form of forms) {
    const encodings = [
      Buffer.from(form, 'utf8'),
      Buffer.from(form, 'utf16le'),
      Buffer.from(form, 'utf16le').swap16(),
    ];
    for (const bytes of encodings) {
      found.add(bytes.toString('latin1'));
      for (const text of base64Forms(bytes)) {
        found.add(text);
        found.add(text.replaceAll('+', '-').replaceAll('/', '_'));
      }
    }
  }
  found.add(escaped);
  found.add(encodeURIComponent(word));
  return [...found].map((text) => Buffer.from(text, 'latin1'));
}

/**
 * Where one of the words stands: `word in file`, for contents and names of all files below the folders.
 * @param holds files that hold them by their nature: of these only the names are looked at
 */
export async function findWords(
  folders: readonly string[],
  words: readonly string[],
  holds: (name: string) => boolean = () => false,
): Promise<string[]> {
  const wanted = words.map((word) => ({ word, forms: spellings(word) }));
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(folder, file);
      const contents = [Buffer.from(name)];
      if (entry.isFile() && !holds(name)) contents.push(await readFile(file));
      for (const { word, forms } of wanted) {
        if (contents.some((content) => forms.some((bytes) => content.includes(bytes))))
          found.push(`${word} in ${name}`);
      }
    }
  }
  return found;
}
