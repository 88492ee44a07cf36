/**
 * Personas kods (Fizisko personu reģistra likums 6(2), PN 4; domain/case-files A7).
 * Old kind (issued until 30.06.2017): DDMMYY, century digit 0–2, four digits of which the last is a check digit
 * by public practice. New kind: first digit 3, second 2–9, the rest random, no check digit in law.
 */
export type PersonalCodeKind = 'old' | 'new';

export type PersonalCodeCheck =
  | {
      readonly ok: true;
      readonly code: string;
      readonly kind: PersonalCodeKind;
      readonly checksum: 'match' | 'mismatch' | 'none';
    }
  | { readonly ok: false; readonly code: 'malformed_code' };

const SHAPE = /^(\d{6})-?(\d{5})$/;
const WEIGHTS = [1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

/** The code with its hyphen (`dddddd-ddddd`), or `null` when the shape is wrong. */
export function normalisePersonalCode(text: string): string | null {
  const match = SHAPE.exec(text.trim());
  return match ? `${match[1]}-${match[2]}` : null;
}

/** Which kind the normalised code is of; a new code begins with 32 to 39 (30 and 31 are days of a month). */
export function personalCodeKind(code: string): PersonalCodeKind {
  return /^3[2-9]/.test(code) ? 'new' : 'old';
}

/** Z = (1101 − Σ wᵢdᵢ) mod 11 mod 10 over the first ten digits of an old code. */
export function oldCodeCheckDigit(digits: string): number {
  const sum = WEIGHTS.reduce<number>((total, weight, index) => total + weight * Number(digits[index]), 0);
  return ((1101 - sum) % 11) % 10;
}

/**
 * Checks the shape and, for old codes, the check digit. A mismatch is a warning, never a refusal: the digit is
 * public practice, not law, and real codes break it. The date inside the code is compared with nothing.
 */
export function checkPersonalCode(text: string): PersonalCodeCheck {
  const code = normalisePersonalCode(text);
  if (code === null) return { ok: false, code: 'malformed_code' };
  const kind = personalCodeKind(code);
  if (kind === 'new') return { ok: true, code, kind, checksum: 'none' };
  const digits = code.replace('-', '');
  const checksum = oldCodeCheckDigit(digits) === Number(digits[10]) ? 'match' : 'mismatch';
  return { ok: true, code, kind, checksum };
}

/** The code as a role sees it that needs no more than to recognise it: `140785-1••••`. */
export function maskPersonalCode(code: string): string {
  return `${code.slice(0, 8)}••••`;
}
