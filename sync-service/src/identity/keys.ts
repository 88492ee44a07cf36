import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The secrets of a data folder, 32 bytes each. */
export interface Keys {
  /** Signs access tokens and live tickets. */
  readonly token: Buffer;
  /** Signs the checkpoints that desks bring back. */
  readonly checkpoint: Buffer;
  /** Makes pseudonyms of people in the audit log; losing it makes the log anonymous. */
  readonly subject: Buffer;
}

export const KEYS_FILE = 'keys.json';
const NAMES = ['token', 'checkpoint', 'subject'] as const;

/** Reads the keys of the data folder, or makes them (file mode 0600). Throws when the file is damaged. */
export function loadKeys(dataDir: string): Keys {
  const file = path.join(dataDir, KEYS_FILE);
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const fresh = Object.fromEntries(NAMES.map((name) => [name, randomBytes(32).toString('base64')]));
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flush: true });
    renameSync(part, file);
  }
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const key = (name: (typeof NAMES)[number]): Buffer => {
    const value = Buffer.from(typeof stored[name] === 'string' ? stored[name] : '', 'base64');
    if (value.length !== 32) throw new Error(`${KEYS_FILE}: the key "${name}" is damaged`);
    return value;
  };
  return { token: key('token'), checkpoint: key('checkpoint'), subject: key('subject') };
}

/** What tells two sets of keys apart and says nothing of them. */
export function keyFingerprint(keys: Keys): string {
  const marks = NAMES.map((name) =>
    createHmac('sha256', keys[name]).update('sivis keys').digest('base64url'),
  );
  return marks.map((mark) => mark.slice(0, 12)).join('.');
}

/** Fresh keys that stand in no file, for tests and simulated worlds. */
export function ephemeralKeys(): Keys {
  return { token: randomBytes(32), checkpoint: randomBytes(32), subject: randomBytes(32) };
}
