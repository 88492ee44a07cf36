import { concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';
import type { Sha256 } from './merkle.ts';

/** Signed notes (C2SP signed-note): a text and Ed25519 signatures under it. */

/** Checks an Ed25519 signature (RFC 8032). */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** Type bytes of keys: a log's own signature, a witness's cosignature with its time. */
export const NOTE_KEY = 0x01;
export const COSIGNATURE_KEY = 0x04;

export interface VerifierKey {
  readonly name: string;
  readonly type: number;
  /** Four bytes as hex. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** The signed text with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const MAX_NOTE_CHARS = 65_536;
const NAME = /^[^\s+]+$/u;
const SIGNATURE = /^— (\S+) (\S+)$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

export function keyId(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): string {
  return toHex(sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).subarray(0, 4));
}

/** A verifier key as text: `name+id+base64(type ‖ key)`. */
export function formatKey({ name, type, id, publicKey }: VerifierKey): string {
  return `${name}+${id}+${toBase64(concat(Uint8Array.of(type), publicKey))}`;
}

export function makeKey(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): VerifierKey {
  return { name, type, id: keyId(sha256, name, type, publicKey), publicKey };
}

/** Reads a verifier key; `undefined` when it is none, or its id is not that of its key. */
export function parseKey(sha256: Sha256, text: string): VerifierKey | undefined {
  const [name, id, ...rest] = text.trim().split('+');
  // Base64 has the plus too.
  const material = fromBase64(rest.join('+'));
  const type = material?.[0];
  if (name === undefined || id === undefined || material === undefined || type === undefined)
    return undefined;
  if (!NAME.test(name) || fromHex(id)?.length !== 4 || material.length !== 33) return undefined;
  const key = makeKey(sha256, name, type, material.slice(1));
  return key.id === id ? key : undefined;
}

/** Takes a note apart; `undefined` when it is malformed. The text is worth nothing before a signature was checked. */
export function parseNote(note: string): Note | undefined {
  if (note.length > MAX_NOTE_CHARS || CONTROL.test(note)) return undefined;
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const [, name, encoded] = SIGNATURE.exec(line) ?? [];
    const bytes = fromBase64(encoded ?? '');
    if (name === undefined || !NAME.test(name) || bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

export function signatureLine(key: Pick<VerifierKey, 'name' | 'id'>, signature: Uint8Array): string {
  return `— ${key.name} ${toBase64(concat(fromHex(key.id) ?? new Uint8Array(), signature))}\n`;
}

/** A note with further signature lines; a line that it has already is not doubled. */
export function addSignatures(note: string, lines: string): string {
  const fresh = lines.split('\n').filter((line) => line !== '' && !note.includes(`${line}\n`));
  return fresh.reduce((all, line) => `${all}${line}\n`, note);
}

/** True when the key has signed the note's text itself (type 0x01). */
export async function isSignedBy(verify: Ed25519Verify, key: VerifierKey, note: Note): Promise<boolean> {
  for (const { name, keyId: id, signature } of note.signatures) {
    if (key.type !== NOTE_KEY || name !== key.name || id !== key.id) continue;
    return signature.length === 64 && (await verify(key.publicKey, utf8(note.text), signature));
  }
  return false;
}

/** What a witness signs: the note's text under a header with the time in seconds (C2SP tlog-cosignature). */
export function cosignedMessage(text: string, seconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** The line of a cosignature: its eight bytes of time, then the signature of `cosignedMessage`. */
export function cosignatureLine(key: VerifierKey, seconds: number, signature: Uint8Array): string {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return signatureLine(key, concat(time, signature));
}

/** When the witness cosigned the note, in seconds; `undefined` when it did not, or the signature is wrong. */
export async function cosignedAt(
  verify: Ed25519Verify,
  key: VerifierKey,
  note: Note,
): Promise<number | undefined> {
  for (const { name, keyId: id, signature } of note.signatures) {
    if (key.type !== COSIGNATURE_KEY || name !== key.name || id !== key.id || signature.length !== 72)
      continue;
    const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
    const seconds = Number(time);
    if (await verify(key.publicKey, cosignedMessage(note.text, seconds), signature.subarray(8)))
      return seconds;
  }
  return undefined;
}

export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equalBytes(a.publicKey, b.publicKey);
}
