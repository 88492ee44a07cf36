import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newRecoveryKey } from './recovery.ts';

/** The secrets of a data folder, 32 bytes each. */
export interface Keys {
  /** Signs access tokens and live tickets. */
  readonly token: Buffer;
  /** Signs the checkpoints that desks bring back. */
  readonly checkpoint: Buffer;
  /** Makes pseudonyms of people in the audit log; losing it makes the log anonymous. */
  readonly subject: Buffer;
  /** Seals secrets of users in the store (second factors). */
  readonly secrets: Buffer;
  /** Private key (P-256) to which desks encrypt what they could not send. */
  readonly recovery: Buffer;
}

export const KEYS_FILE = 'keys.json';
const NAMES = ['token', 'checkpoint', 'subject', 'secrets', 'recovery'] as const;
type Name = (typeof NAMES)[number];

const make = (name: Name): Buffer => (name === 'recovery' ? newRecoveryKey() : randomBytes(32));

const keysBy = (key: (name: Name) => Buffer): Keys => ({
  token: key('token'),
  checkpoint: key('checkpoint'),
  subject: key('subject'),
  secrets: key('secrets'),
  recovery: key('recovery'),
});

/** The file of keys is not what was written. Nothing is made in its place: new keys would end all sessions. */
export class KeysDamagedError extends Error {
  readonly code = 'KEYS_DAMAGED';
  constructor() {
    super(`${KEYS_FILE} is damaged`);
    this.name = 'KeysDamagedError';
  }
}

/** The keys in the text of a file. Throws KeysDamagedError when they are not whole. */
export function readKeys(text: string): Keys {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    throw new KeysDamagedError();
  }
  const key = (name: Name): Buffer => {
    const value: unknown =
      typeof stored === 'object' && stored !== null
        ? (stored as Partial<Record<string, unknown>>)[name]
        : undefined;
    const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
    if (bytes.length !== 32) throw new KeysDamagedError();
    return bytes;
  };
  return keysBy(key);
}

/** Reads the keys of the data folder, or makes them (file mode 0600). Throws KeysDamagedError. */
export function loadKeys(dataDir: string): Keys {
  const file = path.join(dataDir, KEYS_FILE);
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const fresh = Object.fromEntries(NAMES.map((name) => [name, make(name).toString('base64')]));
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flush: true });
    renameSync(part, file);
  }
  return readKeys(readFileSync(file, 'utf8'));
}

/** What tells two sets of keys apart and says nothing of them. */
export function keyFingerprint(keys: Keys): string {
  const marks = NAMES.map((name) =>
    createHmac('sha256', keys[name]).update('sivis keys').digest('base64url'),
  );
  return marks.map((mark) => mark.slice(0, 12)).join('.');
}

/** Fresh keys that stand in no file, for tests and simulated worlds. */
export const ephemeralKeys = (): Keys => keysBy(make);
