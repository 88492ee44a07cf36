import { DESK_LIMITS } from './limits.ts';
import type { Recovered } from './work.ts';

/** What the person must know of this workstation; `app/context.ts` describes the same. */
export type DeskNotice =
  | ({ readonly kind: 'recovered' } & Recovered)
  | { readonly kind: 'eraseWaits'; readonly count: number }
  | { readonly kind: 'diskLow'; readonly bytes: number };

/**
 * The notices with the one about the disk as it is now; the same list when nothing changed.
 * @param free bytes, `null` where the host cannot tell
 */
export function withDisk(notices: readonly DeskNotice[], free: number | null): readonly DeskNotice[] {
  const low = free !== null && free < DESK_LIMITS.diskLowBytes;
  const known = notices.find((notice) => notice.kind === 'diskLow');
  if (!low && known === undefined) return notices;
  const others = notices.filter((notice) => notice !== known);
  return low ? [...others, { kind: 'diskLow', bytes: free }] : others;
}
