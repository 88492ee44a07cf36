import { fromBase64, toBase64 } from './bytes.ts';
import { HASH_BYTES } from './merkle.ts';
import { isSignedBy, parseNote, type Ed25519Verify, type Note, type VerifierKey } from './note.ts';

/** The head of a tree as a log publishes it (C2SP tlog-checkpoint). */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Checkpoint extends TreeHead {
  /** Lines after the root; a log that was taken up again from a backup names there what it continues. */
  readonly extensions: readonly string[];
}

const SIZE = /^(?:0|[1-9]\d{0,15})$/;
const CONTINUES = /^continues (\S+) (\d+) (\S+)$/;

export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), toBase64(root), ...extensions, ''].join('\n');
}

/** The checkpoint in the text of a note; `undefined` when it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '') return undefined;
  const [origin = '', size = '', encoded = '', ...extensions] = lines;
  const root = fromBase64(encoded);
  if (origin === '' || !SIZE.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  if (root?.length !== HASH_BYTES || extensions.includes('')) return undefined;
  return { origin, size: Number(size), root, extensions };
}

/** The line of a new log that names the last known head of the log before it (it was restored from a backup). */
export function continuesLine({ origin, size, root }: TreeHead): string {
  return `continues ${origin} ${size} ${toBase64(root)}`;
}

/** The head that a checkpoint's log continues; `undefined` for a log that began with nothing. */
export function continuedHead({ extensions }: Checkpoint): TreeHead | undefined {
  for (const line of extensions) {
    const [, origin, size, encoded] = CONTINUES.exec(line) ?? [];
    const root = fromBase64(encoded ?? '');
    if (origin !== undefined && root?.length === HASH_BYTES) return { origin, size: Number(size), root };
  }
  return undefined;
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}

/** Opens a signed checkpoint: the note's form, the key's signature, the origin. A code says what is wrong. */
export async function openCheckpoint(
  verify: Ed25519Verify,
  key: VerifierKey,
  text: string,
): Promise<OpenedCheckpoint | { readonly problem: 'malformed' | 'signature' | 'origin' }> {
  const note = parseNote(text);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) return { problem: 'malformed' };
  if (checkpoint.origin !== key.name) return { problem: 'origin' };
  if (!(await isSignedBy(verify, key, note))) return { problem: 'signature' };
  return { checkpoint, note };
}
