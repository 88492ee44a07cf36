import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { fold } from '@sivis/shared/text/fold.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import { COMMON_PASSWORDS } from './commonPasswords.ts';

const derive = promisify(argon2);

const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const CURRENT: Parameters = {
  memory: SERVICE_LIMITS.argonMemoryKiB,
  passes: SERVICE_LIMITS.argonPasses,
  parallelism: SERVICE_LIMITS.argonLanes,
};

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function format({ memory, passes, parallelism }: Parameters, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{11,88})$/;

/** The same text typed on two keyboards must give one password: NFC (RFC 8265 §4.2). */
const typed = (password: string): string => password.normalize('NFC');

/** Argon2id hash as a PHC string; salt 16 bytes, tag 32 bytes. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', {
    message: typed(password),
    nonce: salt,
    tagLength: TAG_BYTES,
    ...CURRENT,
  });
  return format(CURRENT, salt, tag);
}

/** A hash that no password has; verified against when there is no such user, so that the answer takes as long. */
const NOBODY = format(CURRENT, Buffer.alloc(SALT_BYTES, 1), Buffer.alloc(TAG_BYTES, 2));

/** True when the password belongs to the hash. `undefined` (no such user) takes as long and is false. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const match = PHC.exec(hash ?? NOBODY) ?? PHC.exec(NOBODY);
  const [, memory, passes, parallelism, salt, tag] = match ?? [];
  const expected = Buffer.from(tag ?? '', 'base64');
  const actual = await derive('argon2id', {
    message: typed(password),
    nonce: Buffer.from(salt ?? '', 'base64'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(actual, expected) && hash !== undefined;
}

export type PasswordProblem = 'tooShort' | 'tooLong' | 'common' | 'containsUserName';

const plain = (text: string): string => fold(text).replaceAll(' ', '');

/** One character, or a short group, over and over; a run of the alphabet or of digits. */
function isMonotonous(password: string): boolean {
  if (/^(.{1,4})\1+$/u.test(password)) return true;
  const codes = [...password].map((letter) => letter.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  return steps.size === 1;
}

/** Why the password may not be used, or `undefined` (decision 16: 12 characters, not a common one). */
export function passwordProblem(password: string, userName: string): PasswordProblem | undefined {
  const length = [...typed(password)].length;
  if (length < SERVICE_LIMITS.passwordMin) return 'tooShort';
  if (length > SERVICE_LIMITS.passwordMax) return 'tooLong';
  const folded = plain(password);
  if (COMMON_PASSWORDS.has(folded) || folded.length < 4 || isMonotonous(folded)) return 'common';
  const name = plain(userName);
  if (name.length >= 3 && folded.includes(name)) return 'containsUserName';
  return undefined;
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A random password in four groups of five (100 bits), without letters that look alike. */
export function randomPassword(): string {
  const letters = [...randomBytes(20)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-');
}
