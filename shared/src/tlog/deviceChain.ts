import { z } from 'zod';

/**
 * The sequence of what one user did on one desk. Each event names its place and the hash of the event before it, so
 * that an event that is missing, doubled or put in later is noticed. A desk keeps one per user, because nobody can
 * deliver what lies under somebody else's key.
 */

const HASH = /^[0-9a-f]{64}$/;
/** Before the first event. */
export const NO_EVENT = '0'.repeat(64);

export const chainLinkSchema = z.strictObject({
  /** Made with the local store; a new one says that the store began anew. */
  id: z.uuid(),
  /** Place in the sequence, from 1. */
  n: z.int().min(1),
  /** SHA-256 of the canonical JSON (RFC 8785) of the event before, 64 zeros before the first. */
  prev: z.string().regex(HASH),
});
export type ChainLink = z.infer<typeof chainLinkSchema>;

/** The last event of a sequence that counts. */
export interface ChainHead {
  readonly id: string;
  readonly n: number;
  readonly hash: string;
}

/**
 * `gap`: events before it are missing. `fork`: the event before it is another one than it says. `reuse`: its place is
 * taken by another event. `late`: it fills a gap. `restart`: the sequence began anew though there was one.
 */
export type ChainAlarm = 'gap' | 'fork' | 'reuse' | 'late' | 'restart';

export interface ChainVerdict {
  /** Null: the event is the next one. */
  readonly alarm: ChainAlarm | null;
  /** Whether the sequence goes on from this event. */
  readonly leads: boolean;
}

/**
 * Judges an event against the head of its sequence. `taken`: the hash of another event at the same place, where one is
 * known; an event that is known already is not asked about.
 */
export function judgeLink(
  head: ChainHead | undefined,
  link: ChainLink,
  taken: string | undefined,
): ChainVerdict {
  if (taken !== undefined) return { alarm: 'reuse', leads: false };
  const first = link.n === 1 && link.prev === NO_EVENT;
  if (head === undefined) return { alarm: first ? null : 'gap', leads: true };
  if (head.id !== link.id) return first ? { alarm: 'restart', leads: true } : { alarm: 'late', leads: false };
  if (link.n <= head.n) return { alarm: 'late', leads: false };
  if (link.n > head.n + 1) return { alarm: 'gap', leads: true };
  return { alarm: link.prev === head.hash ? null : 'fork', leads: true };
}
