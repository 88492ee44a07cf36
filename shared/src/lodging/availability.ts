import type { World } from '../rules/world.ts';
import type { Known } from '../rules/world.ts';
import type { PlainDate } from '../time/plainDate.ts';
import type { Person } from '../people/person.ts';
import { newId } from '../ids/ids.ts';
import { claimsAgainst, judgeStay } from './rules.ts';
import type { Room } from './places.ts';
import { wholeStay } from './segments.ts';
import type { Stay } from './stay.ts';

export interface BedOffer {
  readonly bedId: string;
  readonly roomId: string;
  /** Lower is better: adapted rooms are kept for those who need them, filled rooms are filled first. */
  readonly cost: number;
}

export interface BedWish {
  readonly stayId?: string;
  readonly personId: string;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly privateUse?: boolean;
  readonly companionOf?: string;
}

/**
 * Beds that are free in every night `[from, to)` and that no rule refuses this person (I1, I3, I5, I6), best first.
 * `beds` are the candidates; `limit` ends the search early.
 */
export function offerBeds(wish: BedWish, beds: readonly Known[], world: World, limit: number): BedOffer[] {
  const needsAdapted = (
    (world.get('person', wish.personId) as unknown as Person | undefined)?.alerts ?? []
  ).some((alert) => alert === 'wheelchair' || alert === 'noStairs');
  const offers: BedOffer[] = [];
  for (const bed of beds) {
    const roomId = bed.fields['roomId'];
    if (typeof roomId !== 'string') continue;
    const room = world.get('room', roomId) as unknown as Room | undefined;
    if (room === undefined) continue;
    const stay = {
      personId: wish.personId,
      arriveDate: wish.from,
      departDate: wish.to,
      segments: wholeStay(wish.from, wish.to, bed.id, wish.privateUse),
      state: 'expected',
      ...(wish.companionOf === undefined ? {} : { companionOf: wish.companionOf }),
    } as Stay;
    const id = wish.stayId ?? newId();
    if (claimsAgainst(id, stay, world).length > 0) continue;
    const refused = judgeStay(
      { id, before: undefined, after: stay, undo: false, world },
      new Set(['segments']),
    );
    if (refused.some((entry) => entry.rule === 'I5' || entry.rule === 'I6')) continue;
    const shared = world.staysInRoom(roomId, wish.from, wish.to).length;
    offers.push({
      bedId: bed.id,
      roomId,
      cost: (room.adapted && !needsAdapted ? 100 : 0) - Math.min(shared, 3) * 10 + room.order / 10_000,
    });
    if (offers.length >= limit * 4) break;
  }
  return offers.sort((a, b) => a.cost - b.cost).slice(0, limit);
}
