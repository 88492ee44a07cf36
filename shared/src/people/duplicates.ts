import { foldedWords } from '../text/fold.ts';
import type { PlainDate } from '../time/plainDate.ts';
import type { Person } from './person.ts';

/** What two records are compared by; `phones` are the values of the person's phone contacts. */
export type DuplicateSubject = Pick<Person, 'familyName' | 'givenName'> &
  Partial<Pick<Person, 'formerNames' | 'personalCode' | 'previousPersonalCodes' | 'birthDate'>> & {
    readonly phones?: readonly string[];
  };

export type DuplicateReason =
  | 'sameCode'
  | 'formerCode'
  | 'sameNameAndBirthDate'
  | 'familyNameDiffers'
  | 'similarNameAndBirthDate'
  | 'samePhone';

export interface DuplicateScore {
  /** 0 (nothing in common) to 1 (certain). */
  readonly score: number;
  readonly reasons: readonly DuplicateReason[];
}

/** From here on registration stops and asks which of the two it is (domain/case-files C7). */
export const DUPLICATE_BLOCK = 0.85;
/** From here on the other record is listed. */
export const DUPLICATE_LIST = 0.6;

const WEIGHT = {
  sameCode: 1,
  formerCode: 0.95,
  sameNameAndBirthDate: 0.9,
  familyNameDiffers: 0.7,
  similarNameAndBirthDate: 0.7,
  samePhone: 0.1,
} as const satisfies Record<DuplicateReason, number>;

/** Misspelt letters up to which two names count as similar. */
const NAME_TYPOS = 2;

/**
 * The Damerau-Levenshtein distance of two texts (optimal string alignment: a swap of neighbours is one step), counted
 * up to `limit`; anything farther apart gives `limit + 1`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  const left = [...a];
  const right = [...b];
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of left.entries()) {
    const row = [i + 1];
    for (const [j, other] of right.entries()) {
      let best = Math.min(
        (last[j + 1] ?? 0) + 1,
        (row[j] ?? 0) + 1,
        (last[j] ?? 0) + (letter === other ? 0 : 1),
      );
      if (i > 0 && j > 0 && letter === right[j - 1] && left[i - 1] === other) {
        best = Math.min(best, (beforeLast[j - 1] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[right.length] ?? 0, limit + 1);
}

/** The folded words of a name in a fixed order: family and given name are often entered the other way round. */
function nameKey(...parts: readonly string[]): string {
  return parts.flatMap(foldedWords).sort().join(' ');
}

function nameKeys(subject: DuplicateSubject): Set<string> {
  const names = [subject, ...(subject.formerNames ?? [])];
  return new Set(names.map((name) => nameKey(name.familyName, name.givenName)));
}

/** True when one of the dates is the other with day and month exchanged. */
function daysSwapped(a: PlainDate, b: PlainDate): boolean {
  return a !== b && b === `${a.slice(0, 4)}-${a.slice(8, 10)}-${a.slice(5, 7)}`;
}

function shareCode(codes: readonly string[], others: readonly string[]): boolean {
  return codes.some((code) => others.includes(code));
}

function nameReason(a: DuplicateSubject, b: DuplicateSubject): DuplicateReason | undefined {
  if (a.birthDate === undefined || b.birthDate === undefined) return undefined;
  const sameDate = a.birthDate === b.birthDate;
  if (!sameDate && !daysSwapped(a.birthDate, b.birthDate)) return undefined;
  const keys = nameKeys(a);
  const others = nameKeys(b);
  if (sameDate && [...keys].some((key) => others.has(key))) return 'sameNameAndBirthDate';
  if (sameDate && nameKey(a.givenName) === nameKey(b.givenName)) return 'familyNameDiffers';
  const similar = [...keys].some((key) =>
    [...others].some((other) => editDistance(key, other, NAME_TYPOS) <= NAME_TYPOS),
  );
  return similar ? 'similarNameAndBirthDate' : undefined;
}

/**
 * How likely two records are one person (domain/case-files C7): same code 1, former code 0.95, same folded name and
 * birth date 0.9, same given name and birth date under another family name 0.7, similar name with the birth date the
 * same or with day and month swapped 0.7; an equal phone adds 0.1. Never certain without an equal current code.
 */
export function duplicateScore(a: DuplicateSubject, b: DuplicateSubject): DuplicateScore {
  if (a.personalCode !== undefined && a.personalCode === b.personalCode) {
    return { score: WEIGHT.sameCode, reasons: ['sameCode'] };
  }
  const reasons: DuplicateReason[] = [];
  const codesOf = (subject: DuplicateSubject): string[] => [
    ...(subject.personalCode === undefined ? [] : [subject.personalCode]),
    ...(subject.previousPersonalCodes ?? []),
  ];
  if (shareCode(codesOf(a), codesOf(b))) reasons.push('formerCode');
  const byName = nameReason(a, b);
  if (byName !== undefined) reasons.push(byName);
  const base = Math.max(0, ...reasons.map((reason) => WEIGHT[reason]));
  if (!(a.phones ?? []).some((phone) => (b.phones ?? []).includes(phone))) return { score: base, reasons };
  return { score: Math.min(0.99, round(base + WEIGHT.samePhone)), reasons: [...reasons, 'samePhone'] };
}

const round = (score: number): number => Math.round(score * 100) / 100;

export interface DuplicateMatch<T> extends DuplicateScore {
  readonly candidate: T;
  /** True when registration must stop and ask. */
  readonly blocks: boolean;
}

/** Those of the candidates that may be the same person, the likeliest first; equal scores keep their order. */
export function findDuplicates<T extends DuplicateSubject>(
  subject: DuplicateSubject,
  candidates: Iterable<T>,
): DuplicateMatch<T>[] {
  const matches: DuplicateMatch<T>[] = [];
  for (const candidate of candidates) {
    const found = duplicateScore(subject, candidate);
    if (found.score < DUPLICATE_LIST) continue;
    matches.push({ ...found, candidate, blocks: found.score >= DUPLICATE_BLOCK });
  }
  return matches.sort((x, y) => y.score - x.score);
}
