import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '../corpus');
const folderOf = (name: string): string => path.join(FOLDER, name.replaceAll(/[^a-z0-9-]+/gi, '-'));

/** The kept inputs of a decoder, in the order of their names. */
export function keptOf(name: string): Uint8Array[] {
  const folder = folderOf(name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(path.join(folder, file)));
}

/** Keeps an input; its name begins with what came of it. */
export function keep(name: string, outcome: string, input: Uint8Array): void {
  const folder = folderOf(name);
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const word = outcome.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 40);
  writeFileSync(path.join(folder, `${word}-${hash}`), input);
}
