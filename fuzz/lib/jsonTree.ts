import type { Random } from './random.ts';

/** JSON as it is written, not as it is read: keys may repeat, and a value may be any text (`NaN`, a lone surrogate). */
export type Tree =
  | { readonly type: 'value'; text: string }
  | { readonly type: 'array'; items: Tree[] }
  | { readonly type: 'object'; pairs: [key: string, value: Tree][] };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { type: 'array', items: value.map(treeOf) };
  if (typeof value === 'object' && value !== null)
    return {
      type: 'object',
      pairs: Object.entries(value).map(([key, part]) => [JSON.stringify(key), treeOf(part)]),
    };
  return { type: 'value', text: JSON.stringify(value) };
}

export function write(tree: Tree): string {
  if (tree.type === 'value') return tree.text;
  if (tree.type === 'array') return `[${tree.items.map(write).join(',')}]`;
  return `{${tree.pairs.map(([key, value]) => `${key}:${write(value)}`).join(',')}}`;
}

/** A tree of its own, with nothing shared. `structuredClone` took half of all the fuzzer's time. */
function copyOf(tree: Tree): Tree {
  if (tree.type === 'value') return { type: 'value', text: tree.text };
  if (tree.type === 'array') return { type: 'array', items: tree.items.map(copyOf) };
  return { type: 'object', pairs: tree.pairs.map(([key, part]) => [key, copyOf(part)]) };
}

const LONG = 70_000;
/** Seldom: it costs as much as a thousand others. */
const HUGE = 10_485_760;
const HUGE_ONE_IN = 20_000;

const VALUES = [
  ...['NaN', 'Infinity', '-0', '1e309', '-1e-400', '0.1', '1E2', '01', '.5', '+1', '0x10'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993'],
  ...['2147483648', '-1', '0', '4294967296', '18446744073709551616', '1.0000000000000002'],
  ...['null', 'true', 'false', 'undefined', '""', '[]', '{}', '[[]]', '" "', '"0"', '"null"'],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d"', '"\\u0000"', '"\\u202e"', '"\\ufeff"', '"\\ufffd"'],
  ...['"__proto__"', '"constructor"', '"toString"', '"..\\/..\\/etc\\/passwd"', '"%00"', '"=1+1"'],
  ...['"2026-02-30"', '"0000-00-00"', '"9999-12-31"', '"+275760-09-13T00:00:00.000Z"', '"-000001-01-01"'],
  ...['"2026-11-21T10:00:00.000Z"', '"2026-11-21T24:00:00.000Z"', '"00000000-0000-0000-0000-000000000000"'],
  ...['"e\\u0301"', '"Ǆ"', '"ﬀ"', '"İ"', '"\\u200b"', '"🏳️‍🌈"', '"\\n"', '"{}"', '"[]"'],
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toJSON":1,"then":1,"length":-1}',
];
const KEYS = [
  ...['"__proto__"', '"constructor"', '"prototype"', '"toString"', '"hasOwnProperty"', '"then"', '"toJSON"'],
  ...['""', '"\\u0000"', '"\\ud800"', '"id"', '"kind"', '"0"', '"-1"', '"length"', '"ID"', '"i\\u0064"'],
];
/** A tree with more places is not repeated any further. */
const MOST_PLACES = 300;
/** Text that copies of one item may add, characters: 1 100 copies of a string of 10 MB once ended the process. */
const MOST_COPIED = 16_777_216;
const DEPTHS = [31, 32, 33, 64, 1_000, 20_000];

/** A value that somebody means harm with. */
export function nasty(random: Random): string {
  if (random.below(HUGE_ONE_IN) === 0) return `"${'a'.repeat(HUGE)}"`;
  if (random.below(400) === 0) return `"${random.of(['a', 'ā', '\\u0000', '🙂']).repeat(LONG)}"`;
  if (random.below(200) === 0) {
    const depth = random.of(DEPTHS);
    return random.below(2) === 0
      ? `${'['.repeat(depth)}${']'.repeat(depth)}`
      : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  }
  return random.of(VALUES);
}

/** Every place of the tree that can be written anew. */
function places(tree: Tree, into: Tree[] = []): Tree[] {
  into.push(tree);
  if (tree.type === 'array') for (const item of tree.items) places(item, into);
  if (tree.type === 'object') for (const [, value] of tree.pairs) places(value, into);
  return into;
}

const value = (text: string): Tree => ({ type: 'value', text });

const lengthOf = (tree: Tree): number =>
  places(tree).reduce((sum, place) => sum + (place.type === 'value' ? place.text.length : 2), 0);

function changeText(random: Random, text: string): string {
  const at = 1 + random.below(Math.max(1, text.length - 2));
  switch (random.below(5)) {
    case 0:
      return `${text.slice(0, at)}${text.slice(at + 1)}`;
    case 1:
      return `${text.slice(0, at)}${random.of(['\\ud800', '\\u0000', 'ā', '\\"', '\\\\', '.', '/', '🙂', '\t', '\\n'])}${text.slice(at)}`;
    case 2:
      return text.length > LONG ? text : `"${text.slice(1, -1).repeat(2 + random.below(40))}"`;
    case 3:
      return text.slice(0, at);
    default:
      return text.toUpperCase();
  }
}

function changeNumber(random: Random, text: string): string {
  return random.of([
    `-${text}`,
    `${text}.5`,
    `${text}e3`,
    `${text}0000000000000000`,
    `${Number(text) + 1}`,
    `"${text}"`,
  ]);
}

function changeObject(random: Random, pairs: [string, Tree][], other: Tree): void {
  const at = random.below(Math.max(1, pairs.length));
  const pair = pairs[at];
  switch (pair === undefined ? 3 : random.below(5)) {
    case 0:
      pairs.splice(at, 1);
      break;
    case 1:
      // The same key twice.
      if (pair !== undefined) pairs.push([pair[0], value(nasty(random))]);
      break;
    case 2:
      if (pair !== undefined) pair[0] = random.of(KEYS);
      break;
    case 3:
      pairs.splice(at, 0, [random.of(KEYS), random.below(2) === 0 ? value(nasty(random)) : other]);
      break;
    default:
      if (pair !== undefined) pair[1] = random.below(3) === 0 ? other : value(nasty(random));
  }
}

function changeArray(random: Random, items: Tree[], other: Tree, copies: number): void {
  const at = random.below(Math.max(1, items.length));
  const item = items[at];
  switch (item === undefined ? 1 : random.below(5)) {
    case 0:
      items.splice(at, 1);
      break;
    case 1:
      items.splice(at, 0, random.below(2) === 0 ? value(nasty(random)) : other);
      break;
    case 2:
      if (item !== undefined) {
        const length = Math.min(copies, Math.floor(MOST_COPIED / lengthOf(item)));
        items.push(...Array.from({ length }, () => copyOf(item)));
      }
      break;
    case 3:
      items.reverse();
      break;
    default:
      items[at] = value(nasty(random));
  }
}

/** Changes one place. `other` is a tree to take a branch from. */
export function changeTree(random: Random, tree: Tree, other: Tree): Tree {
  const all = places(tree);
  const place = random.of(all);
  // A copy: a branch that holds itself could not be written.
  const branch = copyOf(random.of(places(other)));
  const copies = all.length > MOST_PLACES ? 1 : random.of([1, 2, 70, 1_100]);
  if (place.type === 'object') changeObject(random, place.pairs, branch);
  else if (place.type === 'array') changeArray(random, place.items, branch, copies);
  else if (random.below(2) === 0) place.text = nasty(random);
  else if (place.text.startsWith('"')) place.text = changeText(random, place.text);
  else if (/\d/.test(place.text)) place.text = changeNumber(random, place.text);
  else place.text = nasty(random);
  return random.below(60) === 0 ? { type: 'array', items: [tree] } : tree;
}
