import { changeTree, treeOf, write } from './jsonTree.ts';
import type { Random } from './random.ts';

/** Bytes that mean something to a decoder of texts. */
const BYTES = [
  ...[
    0x00, 0x09, 0x0a, 0x0d, 0x1a, 0x20, 0x22, 0x27, 0x2c, 0x2e, 0x2f, 0x30, 0x39, 0x3b, 0x3d, 0x5c, 0x7b,
    0x7f,
  ],
  ...[0x80, 0x81, 0x88, 0x98, 0xa0, 0xc0, 0xc3, 0xc4, 0xe2, 0xed, 0xef, 0xf0, 0xf8, 0xfe, 0xff],
];
const WORDS = [
  ...[
    '\r\n',
    '\n',
    '\n\n',
    ';',
    ';;',
    '""',
    '"',
    '=',
    '==',
    '.',
    '..',
    '\u0000',
    '\u2014 ',
    '+',
    '-',
    '0',
    '-1',
  ],
  ...[
    '00',
    '1e9',
    'NaN',
    '9007199254740993',
    '99999999999999999999',
    '2026-02-30',
    '31.02.2026',
    '__proto__',
  ],
  ...[
    '\ufeff',
    '\ufffd',
    '[[',
    '{"',
    'null',
    'alg":"none',
    '../',
    '%2e%2e',
    '=cmd|',
    'ā',
    'Ž',
    '\ud83d\ude42',
  ],
];
const MOST_CHANGES = 4;
const LONG = 65_536;

const encode = (text: string): Uint8Array => Buffer.from(text, 'utf8');

function insert(input: Uint8Array, at: number, added: Uint8Array): Uint8Array {
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at)]);
}

function swapLines(random: Random, input: Uint8Array): Uint8Array {
  const lines = Buffer.from(input).toString('latin1').split('\n');
  const [a, b] = [random.below(lines.length), random.below(lines.length)];
  const [first = '', second = ''] = [lines[a], lines[b]];
  switch (random.below(3)) {
    case 0:
      lines[a] = second;
      lines[b] = first;
      break;
    case 1:
      lines.splice(a, 1);
      break;
    default:
      lines.splice(b, 0, first);
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** The bytes in another encoding of text. */
function recode(random: Random, input: Uint8Array): Uint8Array {
  const text = Buffer.from(input).toString('utf8');
  const wide = Buffer.from(text, 'utf16le');
  switch (random.below(4)) {
    case 0:
      return wide;
    case 1:
      return wide.swap16();
    case 2:
      return Buffer.concat([Buffer.of(0xff, 0xfe), wide]);
    default:
      return Buffer.from(text, 'latin1');
  }
}

function changeBytes(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(Math.max(1, input.length));
  const length = 1 + random.below(random.of([4, 32, 600]));
  switch (random.below(11)) {
    case 0: {
      const copy = Uint8Array.from(input);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    }
    case 1: {
      const copy = Uint8Array.from(input);
      copy[at] = random.of(BYTES);
      return copy;
    }
    case 2:
      return insert(
        input,
        at,
        Uint8Array.from({ length }, () => random.below(256)),
      );
    case 3:
      return insert(input, at, encode(random.of(WORDS)));
    case 4:
      return Buffer.concat([input.subarray(0, at), input.subarray(at + length)]);
    case 5:
      return insert(input, at, input.subarray(at, at + length));
    case 6:
      return Buffer.concat([input.subarray(0, at), other.subarray(random.below(Math.max(1, other.length)))]);
    case 7:
      return input.subarray(0, at);
    case 8:
      return swapLines(random, input);
    case 9:
      return random.below(8) === 0 ? recode(random, input) : insert(input, at, encode(random.of(WORDS)));
    default:
      return random.below(300) === 0
        ? insert(input, at, Buffer.alloc(LONG, random.of(BYTES)))
        : insert(input, 0, encode(random.of(WORDS)));
  }
}

/** A changed input, and a second one to take parts from. JSON is mostly changed by its structure, the rest by its bytes. */
export function mutate(random: Random, input: Uint8Array, other: Uint8Array, json: boolean): Uint8Array {
  let made = input;
  if (json && random.below(5) > 0) {
    try {
      const read = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
      let tree = treeOf(read(input));
      const donor = treeOf(read(other));
      for (let left = 1 + random.below(MOST_CHANGES); left > 0; left -= 1)
        tree = changeTree(random, tree, donor);
      made = encode(write(tree));
      if (random.below(4) > 0) return made;
    } catch {
      // No JSON any more: by its bytes.
    }
  }
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left -= 1)
    made = changeBytes(random, made, other);
  return made;
}
