import { offerBeds, type BedWish } from '@sivis/shared/lodging/availability.ts';
import { wholeStay } from '@sivis/shared/lodging/segments.ts';
import { bedViolations, claimsAgainst, judgeStay } from '@sivis/shared/lodging/rules.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import type { World } from '@sivis/shared/rules/world.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { addDays } from '@sivis/shared/time/plainDate.ts';
import { fold } from '@sivis/shared/text/fold.ts';
import type { Desk } from '../../../data/desk/desk.ts';
import { LODGING_LIMITS } from '../limits.ts';
import { bedName, type BedPlace } from '../places.ts';

export interface RefusedBed {
  readonly place: BedPlace;
  readonly violations: readonly Violation[];
}

export interface BedOptions {
  /** Free for every night and refused by no rule, best first. */
  readonly offers: readonly BedPlace[];
  /** Beds that were typed but cannot be had, with the reasons. */
  readonly refused: readonly RefusedBed[];
  /** When nothing is free: the nearest other day of arrival with as many nights. */
  readonly shift: { readonly days: number; readonly beds: number } | null;
}

function refusals(desk: Desk, world: World, wish: BedWish, bedId: string): Violation[] {
  const stay = {
    personId: wish.personId,
    arriveDate: wish.from,
    departDate: wish.to,
    segments: wholeStay(wish.from, wish.to, bedId, wish.privateUse),
    state: 'expected',
    ...(wish.companionOf === undefined ? {} : { companionOf: wish.companionOf }),
  } as Stay;
  const id = wish.stayId ?? newId();
  const judged = judgeStay({ id, before: undefined, after: stay, undo: false, world }, new Set(['segments']));
  return [
    ...bedViolations(claimsAgainst(id, stay, world), (bed) => bedName(desk, bed) ?? ''),
    ...judged.filter((entry) => entry.rule === 'I5' || entry.rule === 'I6'),
  ];
}

/**
 * The beds that a person can be offered for the nights of the wish; `text` narrows them down as somebody types a
 * room, and then also names why a typed bed is not offered. `wanted` is the bed that somebody pointed at: it comes first,
 * or says why not.
 */
export function bedOptions(
  desk: Desk,
  world: World,
  places: readonly BedPlace[],
  wish: BedWish,
  text: string,
  wanted: string | null = null,
): BedOptions {
  const typed = fold(text);
  const named = places.filter(({ bed }) => fold(bedName(desk, bed.id) ?? '').startsWith(typed));
  const byId = new Map(named.map((place) => [place.bed.id, place]));
  const offersOf = (other: BedWish, limit: number): BedPlace[] =>
    offerBeds(
      other,
      named.map(({ bed }) => ({ id: bed.id, fields: bed.fields })),
      world,
      // The search ends early at four times its limit; the wish of a whole house is small enough to look through.
      Math.max(limit, named.length),
    )
      .slice(0, limit)
      .flatMap(({ bedId }) => byId.get(bedId) ?? []);

  const all = wish.from < wish.to ? offersOf(wish, named.length) : [];
  const first = all.filter((place) => place.bed.id === wanted);
  const offers = [...first, ...all.filter((place) => !first.includes(place))].slice(0, LODGING_LIMITS.offers);
  const asked = typed === '' ? named.filter(({ bed }) => bed.id === wanted) : named;
  const refused = asked
    .filter((place) => !all.includes(place))
    .slice(0, LODGING_LIMITS.offers)
    .map((place) => ({ place, violations: refusals(desk, world, wish, place.bed.id) }))
    .filter(({ violations }) => violations.length > 0);
  if (offers.length > 0 || typed !== '' || wish.from >= wish.to) return { offers, refused, shift: null };
  for (const days of LODGING_LIMITS.shiftDays) {
    const from = addDays(wish.from, days);
    if (from < world.today) continue;
    const beds = offersOf({ ...wish, from, to: addDays(wish.to, days) }, LODGING_LIMITS.offers).length;
    if (beds > 0) return { offers, refused, shift: { days, beds } };
  }
  return { offers, refused, shift: null };
}
