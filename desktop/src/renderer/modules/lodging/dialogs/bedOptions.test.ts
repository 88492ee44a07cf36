import { addDays } from '@sivis/shared/time/plainDate.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { deskWorld } from '../../../data/desk/world.ts';
import { allBeds } from '../places.ts';
import { testCentre, TODAY } from '../testCentre.ts';
import { bedOptions } from './bedOptions.ts';

function setUp() {
  const centre = testCentre();
  const options = (from: number, to: number, text = '', wanted: string | null = null) => {
    const wish = { personId: newId(), from: addDays(TODAY, from), to: addDays(TODAY, to) };
    return bedOptions(
      centre.desk,
      deskWorld(centre.desk, TODAY),
      allBeds(centre.desk, centre.siteIds),
      wish,
      text,
      wanted,
    );
  };
  return { ...centre, options };
}

describe('beds that are offered', () => {
  it('are free for every night; an adapted room comes last', () => {
    const { id, stay, options } = setUp();
    stay(id.a1, addDays(TODAY, 3), addDays(TODAY, 5));
    expect(options(0, 4).offers.map(({ bed }) => bed.id)).toEqual([id.b1, id.a2]);
    expect(options(0, 3).offers.map(({ bed }) => bed.id)).toContain(id.a1);
  });

  it('are narrowed by what is typed, and a taken one says why', () => {
    const { id, stay, options } = setUp();
    stay(id.a1, TODAY, addDays(TODAY, 5));
    const typed = options(0, 4, '214');
    expect(typed.offers.map(({ bed }) => bed.id)).toEqual([id.b1]);
    expect(typed.refused.map(({ place, violations }) => [place.bed.id, violations[0]?.code])).toEqual([
      [id.a1, 'bedTaken'],
    ]);
    expect(options(0, 4, '999')).toMatchObject({ offers: [], refused: [] });
  });

  it('when there are none, the nearest other day is named', () => {
    const { id, stay, options } = setUp();
    for (const bed of [id.a1, id.b1, id.a2]) stay(bed, addDays(TODAY, -3), addDays(TODAY, 2));
    expect(options(0, 4)).toMatchObject({ offers: [], shift: { days: 2, beds: 3 } });
    expect(options(4, 4)).toMatchObject({ offers: [], shift: null });
  });

  it('begin with the bed that somebody pointed at, or say why not', () => {
    const { id, stay, options } = setUp();
    expect(options(0, 4, '', id.a2).offers[0]?.bed.id).toBe(id.a2);
    stay(id.a2, TODAY, addDays(TODAY, 2));
    const taken = options(0, 4, '', id.a2);
    expect(taken.offers[0]?.bed.id).toBe(id.a1);
    expect(taken.refused.map(({ place }) => place.bed.id)).toEqual([id.a2]);
  });
});
