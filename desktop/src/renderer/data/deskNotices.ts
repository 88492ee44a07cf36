import { DESK_LIMITS } from './limits.ts';
import type { Recovered } from './work.ts';

/** What the person must know of this workstation; `app/context.ts` describes the same. */
export type DeskNotice =
  | ({ readonly kind: 'recovered' } & Recovered)
  | { readonly kind: 'eraseWaits'; readonly count: number }
  | { readonly kind: 'leaseEnding'; readonly untilMs: number }
  /** `full`: nothing can be changed any more. */
  | { readonly kind: 'diskLow'; readonly bytes: number; readonly full: boolean };

/** The notices with one of a kind as it is now, without it when `now` is `null`; the same list when there was none either. */
export function withNotice<K extends DeskNotice['kind']>(
  notices: readonly DeskNotice[],
  kind: K,
  now: Omit<Extract<DeskNotice, { kind: K }>, 'kind'> | null,
): readonly DeskNotice[] {
  const others = notices.filter((notice) => notice.kind !== kind);
  if (now === null) return others.length === notices.length ? notices : others;
  return [...others, { kind, ...now } as unknown as DeskNotice];
}

/**
 * The notices with the one about the disk as it is now.
 * @param free bytes, `null` where the host cannot tell
 */
export function withDisk(notices: readonly DeskNotice[], free: number | null): readonly DeskNotice[] {
  const low = free !== null && free < DESK_LIMITS.diskLowBytes;
  return withNotice(notices, 'diskLow', low ? { bytes: free, full: isDiskFull(free) } : null);
}

/** Whether so little room is left that nothing may be changed: what is saved must stay saved. */
export function isDiskFull(free: number | null): boolean {
  return free !== null && free < DESK_LIMITS.diskFullBytes;
}
