import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kind } from '../docs/kinds.ts';
import { newId } from '../ids/ids.ts';
import type { Fields } from '../docs/json.ts';
import { offerBeds } from './availability.ts';
import { wholeStay } from './segments.ts';
import { testWorld } from './testWorld.ts';

const today = '2026-11-21';
const wish = { from: '2026-11-24', to: '2026-11-30' };

interface RoomOf {
  readonly policy: 'any' | 'follow' | 'F' | 'M';
  readonly adapted: boolean;
  /** Who lies in the first of two beds, and whether in the nights of the wish. */
  readonly guest: { readonly sex: 'F' | 'M' | null; readonly then: boolean; readonly mate: boolean } | null;
}

/** Rooms of two beds and a woman who wants one, told whom she comes with. */
function house(rooms: readonly RoomOf[]) {
  const docs: Record<string, { kind: Kind; fields: object }> = {};
  const she = newId();
  const client = newId();
  docs[she] = { kind: 'person', fields: { familyName: 'Paraudziņa', givenName: 'Testa', sex: 'F' } };
  const beds = rooms.map(({ policy, adapted, guest }, index) => {
    const roomId = newId();
    docs[roomId] = {
      kind: 'room',
      fields: { number: String(201 + index), sexPolicy: policy, adapted, order: index },
    };
    const [first, second] = ['A', 'B'].map((label) => {
      const bedId = newId();
      docs[bedId] = { kind: 'bed', fields: { roomId, label } };
      return bedId;
    }) as [string, string];
    if (guest !== null) {
      const personId = newId();
      const [from, to] = guest.then ? ['2026-11-22', '2026-11-28'] : ['2026-12-01', '2026-12-05'];
      docs[personId] = { kind: 'person', fields: guest.sex === null ? {} : { sex: guest.sex } };
      docs[guest.mate ? client : newId()] = {
        kind: 'stay',
        fields: {
          personId,
          state: 'in_house',
          arriveDate: from,
          departDate: to,
          segments: wholeStay(from, to, first),
        },
      };
    }
    return { second, roomId };
  });
  const world = testWorld(today, docs);
  const candidates = Object.entries(docs)
    .filter(([, doc]) => doc.kind === 'bed')
    .map(([id, doc]) => ({ id, fields: doc.fields as Fields }));
  const offer = (limit: number, companionOf?: string) =>
    offerBeds(
      { ...wish, personId: she, ...(companionOf === undefined ? {} : { companionOf }) },
      candidates,
      world,
      limit,
    );
  return { offer, beds, client };
}

const room: fc.Arbitrary<RoomOf> = fc.record({
  policy: fc.constantFrom('any', 'any', 'follow', 'F', 'M'),
  adapted: fc.boolean(),
  guest: fc.option(
    fc.record({
      sex: fc.constantFrom('F', 'M', null),
      then: fc.boolean(),
      mate: fc.constant(false),
    }),
  ),
});

describe('beds on offer', () => {
  it('decision 25: a bed beside the other sex is offered in a room for both, and after every bed without that', () => {
    fc.assert(
      fc.property(
        fc.array(room, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (rooms, limit) => {
          const { offer, beds } = house(rooms);
          const all = offer(100);
          const best = offer(limit);
          const flags = all.map((entry) => entry.besideOtherSex);
          expect(flags).toEqual([...flags].sort((a, b) => Number(a) - Number(b)));
          for (const [index, { policy, guest }] of rooms.entries()) {
            const place = all.find((entry) => entry.bedId === beds[index]!.second);
            const man = guest?.sex === 'M' && guest.then;
            if (policy === 'any') expect(place?.besideOtherSex).toBe(man);
            else expect(place !== undefined).toBe(policy === 'F' || (policy === 'follow' && !man));
          }
          // However few are asked for, none is beside the other sex while others are free.
          const better = all.filter((entry) => !entry.besideOtherSex).length;
          expect(best.filter((entry) => entry.besideOtherSex).length).toBe(
            Math.max(0, Math.min(limit, all.length) - better),
          );
        },
      ),
    );
  });

  it('I7: a companion finds the bed beside her client first, though he is a man', () => {
    const { offer, beds, client } = house([
      { policy: 'any', adapted: false, guest: null },
      { policy: 'any', adapted: false, guest: { sex: 'M', then: true, mate: true } },
    ]);
    expect(offer(1, client)).toMatchObject([{ bedId: beds[1]!.second, besideOtherSex: false }]);
    expect(offer(1)).toMatchObject([{ roomId: beds[0]!.roomId, besideOtherSex: false }]);
  });
});
