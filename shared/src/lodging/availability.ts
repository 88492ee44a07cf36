import type { World } from '../rules/world.ts';
import type { Known } from '../rules/world.ts';
import type { PlainDate } from '../time/plainDate.ts';
import type { Person } from '../people/person.ts';
import { newId } from '../ids/ids.ts';
import { claimsAgainst, judgeStay, hasOtherSex } from './rules.ts';
import type { Room } from './places.ts';
import { wholeStay } from './segments.ts';
import type { Stay } from './stay.ts';

export interface BedOffer {
  readonly bedId: string;
  readonly roomId: string;
  /** Somebody of the other sex sleeps in the room meanwhile. */
  readonly besideOtherSex: boolean;
  /**
   * Lower is better: a bed beside somebody of the other sex comes after all others, adapted rooms are kept for those who
   * need them, filled rooms are filled first.
   */
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
 * Beds that are free in every night `[from, to)` and that no rule refuses this person (I1, I3, I5, I6), best first. In a
 * room for both sexes a bed beside the other one is offered, after those without (decision 25); companions and those who
 * are to share a room are no strangers. `beds` are the candidates, `limit` is how many are wanted.
 */
export function offerBeds(wish: BedWish, beds: readonly Known[], world: World, limit: number): BedOffer[] {
  const needsAdapted = (
    (world.get('person', wish.personId) as unknown as Person | undefined)?.alerts ?? []
  ).some((alert) => alert === 'wheelchair' || alert === 'noStairs');
  const mates =
    wish.stayId === undefined
      ? undefined
      : (world.get('stay', wish.stayId) as unknown as Stay | undefined)?.mustShareWith;
  const offers: BedOffer[] = [];
  let alone = 0;
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
      ...(mates === undefined ? {} : { mustShareWith: mates }),
    } as Stay;
    const id = wish.stayId ?? newId();
    if (claimsAgainst(id, stay, world).length > 0) continue;
    const refused = judgeStay(
      { id, before: undefined, after: stay, undo: false, world },
      new Set(['segments']),
    );
    if (refused.some((entry) => entry.rule === 'I5' || entry.rule === 'I6')) continue;
    const beside = hasOtherSex(world, roomId, wish.from, wish.to, id, stay);
    const shared = world.staysInRoom(roomId, wish.from, wish.to).length;
    offers.push({
      bedId: bed.id,
      roomId,
      besideOtherSex: beside,
      cost:
        (beside ? 1_000 : 0) +
        (room.adapted && !needsAdapted ? 100 : 0) -
        Math.min(shared, 3) * 10 +
        room.order / 10_000,
    });
    if (!beside) alone += 1;
    if (alone >= limit * 4) break;
  }
  return offers.sort((a, b) => a.cost - b.cost).slice(0, limit);
}
