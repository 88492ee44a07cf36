/** Letters and digits that cannot be mistaken for one another when a password is read from paper. */
const SIGNS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP = 4;

/** The least the service takes (decision 16). */
export const PASSWORD_MIN = 12;

/**
 * A first password for somebody: four groups of four signs (93 bits). Every sign is equally likely.
 * @param random bytes from a cryptographic source
 */
export function makePassword(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): string {
  const signs: string[] = [];
  const limit = 256 - (256 % SIGNS.length);
  while (signs.length < GROUPS * GROUP) {
    for (const byte of random(new Uint8Array(32))) {
      // A byte above the last whole multiple would favour the first signs.
      if (byte < limit && signs.length < GROUPS * GROUP) signs.push(SIGNS.charAt(byte % SIGNS.length));
    }
  }
  return Array.from({ length: GROUPS }, (_, at) => signs.slice(at * GROUP, (at + 1) * GROUP).join('')).join(
    '-',
  );
}

/** What is wrong with a password before the service is asked: too short. */
export function passwordTooShort(password: string): boolean {
  return [...password.normalize('NFKC')].length < PASSWORD_MIN;
}
