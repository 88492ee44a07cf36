import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../messages/lv');

const words = new Map<string, unknown>(
  readdirSync(FOLDER).flatMap((file) =>
    Object.entries(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Record<string, unknown>),
  ),
);

/**
 * What the product calls something, from its own messages: a test finds a button as a person does, by its words, and
 * goes on finding it when the words are bettered.
 * @throws Error for a key that is not there or whose words depend on a count
 */
export function word(key: string, params: Readonly<Record<string, string>> = {}): string {
  const text = words.get(key);
  if (typeof text !== 'string') throw new Error(`no plain words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
}

/** The same with every parameter open: matches the words around them. */
export function wordPattern(key: string): RegExp {
  const text = word(key)
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{\w+\}/g, '.+');
  return new RegExp(text);
}
