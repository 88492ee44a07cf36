import type { Draft } from '@sivis/shared/lodging/commands.ts';
import { offerBeds } from '@sivis/shared/lodging/availability.ts';
import { claimsAgainst, type BedClaim } from '@sivis/shared/lodging/rules.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { applyOp, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import { deskWorld } from '../../../data/desk/world.ts';
import type { Desk } from '../../../data/desk/desk.ts';
import { LODGING_LIMITS } from '../limits.ts';
import { nearestFirst, type BedPlace } from '../places.ts';

/** Beds near the wished one that are free for the whole time and that no rule refuses this person. */
export function nearbyBeds(
  desk: Desk,
  today: PlainDate,
  places: readonly BedPlace[],
  wish: { stayId: string; stay: Stay; bedId: string; from: PlainDate; to: PlainDate },
): string[] {
  // The bed that the stay has already is no news.
  const own = new Set(wish.stay.segments.map((segment) => segment.bedId));
  const near = nearestFirst(places, wish.bedId)
    .filter(({ bed }) => bed.id !== wish.bedId && !own.has(bed.id))
    .slice(0, LODGING_LIMITS.nearBeds);
  const rank = new Map(near.map(({ bed }, index) => [bed.id, index]));
  const offers = offerBeds(
    {
      stayId: wish.stayId,
      personId: wish.stay.personId,
      from: wish.from,
      to: wish.to,
      ...(wish.stay.companionOf === undefined ? {} : { companionOf: wish.stay.companionOf }),
    },
    near.map(({ bed }) => ({ id: bed.id, fields: bed.fields })),
    deskWorld(desk, today),
    near.length,
  );
  return offers
    .sort(
      (a, b) =>
        Number(a.besideOtherSex) - Number(b.besideOtherSex) ||
        (rank.get(a.bedId) ?? 0) - (rank.get(b.bedId) ?? 0),
    )
    .slice(0, LODGING_LIMITS.alternatives)
    .map((offer) => offer.bedId);
}

/** Who holds the beds that the draft wants, with the nights. */
export function claimsOfDraft(desk: Desk, today: PlainDate, draft: Draft): BedClaim[] {
  if (draft.kind !== 'stay') return [];
  const before = desk.get('stay', draft.id)?.fields as unknown as Fields | undefined;
  const after = applyOp(before ?? {}, { changes: draft.changes } as unknown as Op);
  return claimsAgainst(draft.id, after as unknown as Stay, deskWorld(desk, today));
}

/** The last day until which the wished bed is free, when it is free at first: "307 B līdz 26.11.". */
export function freeUntil(claims: readonly BedClaim[], bedId: string, from: PlainDate): PlainDate | null {
  const first = claims
    .filter((claim) => claim.bedId === bedId)
    .map((claim) => claim.from)
    .sort()[0];
  return first !== undefined && first > from ? first : null;
}
