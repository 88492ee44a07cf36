import { describe, expect, it } from 'vitest';
import { createDesk } from '../desk/desk.ts';
import { testStore } from '../desk/testStore.ts';
import { createPeopleSearch } from './peopleSearch.ts';

const TODAY = '2026-11-21';
const site = 'site';

function person(id: string, familyName: string, givenName: string, more: object = {}) {
  return { id, kind: 'person' as const, siteId: site, fields: { familyName, givenName, ...more } };
}

const places = [
  {
    id: 'room214',
    kind: 'room' as const,
    siteId: site,
    fields: { number: '214', floorId: 'f', buildingId: 'b' },
  },
  { id: 'bedB', kind: 'bed' as const, siteId: site, fields: { roomId: 'room214', label: 'B' } },
];

function stay(id: string, personId: string, bedId: string | null, state = 'in_house') {
  return {
    id,
    kind: 'stay' as const,
    siteId: site,
    fields: {
      personId,
      reservationId: 'r',
      arriveDate: '2026-11-20',
      departDate: '2026-12-01',
      segments: [{ id: 's', bedId, from: '2026-11-20', to: '2026-12-01' }],
      state,
      boardPlan: 'full',
    },
  };
}

const people = [
  person('p1', 'Bērziņa', 'Anna', { personalCode: '329999-99901', birthDate: '1885-07-14' }),
  person('p2', 'Bērziņš', 'Jānis'),
  person('p3', 'Kalniņa', 'Zane', { formerNames: [{ familyName: 'Ozola', givenName: 'Zane' }] }),
  person('p4', 'Šķēle', 'Ģirts'),
  person('p5', 'Ozoliņš', 'Pēteris'),
  person('p6', 'Bērzs', 'Anna'),
];
const phone = {
  id: 'c1',
  kind: 'contact' as const,
  siteId: site,
  fields: { personId: 'p3', contactKind: 'phone', value: '+371 20 000 017' },
};

async function search(
  docs: Parameters<typeof testStore>[0] = [...people, ...places, phone, stay('s1', 'p4', 'bedB')],
) {
  const store = testStore(docs);
  const desk = createDesk(store, (run) => {
    run();
  });
  const found = createPeopleSearch(desk, () => TODAY);
  await found.ready;
  const ids = (text: string) => found.query(text, 20).hits.map((hit) => hit.person.id);
  return { store, found, ids };
}

describe('people search', () => {
  it('needs no diacritics and no whole words', async () => {
    const { ids } = await search();
    expect(ids('skel')).toEqual(['p4']);
    expect(ids('ģirts ŠĶĒLE')).toEqual(['p4']);
    expect(ids('be an')).toEqual(['p1', 'p6']);
  });

  it('finds the other form of a family name, after the typed one', async () => {
    const { ids } = await search();
    expect(ids('bērziņa').slice(0, 2)).toEqual(['p1', 'p2']);
    expect(ids('berzins').slice(0, 2)).toEqual(['p2', 'p1']);
  });

  it('finds a former name', async () => {
    const { ids } = await search();
    expect(ids('ozola')[0]).toBe('p3');
  });

  it('forgives one typing error in words of five letters and more', async () => {
    const { ids } = await search();
    expect(ids('kalmina')).toEqual(['p3']);
    expect(ids('zune')).toEqual([]);
  });

  it('finds by parts of the code, date of birth, phone and room', async () => {
    const { ids } = await search();
    for (const text of ['329999-99901', '32999999901', '329999', '99901', '140785', '14071885']) {
      expect(ids(text)).toEqual(['p1']);
    }
    expect(ids('+371 20000017')).toEqual(['p3']);
    expect(ids('20 000')).toEqual(['p3']);
    expect(ids('214')).toEqual(['p4']);
  });

  it('says how many were searched and gives the bed', async () => {
    const { found } = await search();
    const answer = found.query('šķēle', 5);
    expect(answer).toMatchObject({ total: 1, searched: 6 });
    expect(answer.hits[0]?.bed).toBe('214 B');
  });

  it('follows changes', async () => {
    const { store, ids } = await search();
    store.put([person('p4', 'Liepa', 'Ģirts'), stay('s1', 'p5', 'bedB')]);
    expect(ids('skele')).toEqual([]);
    expect(ids('liepa')).toEqual(['p4']);
    store.put([stay('s2', 'p5', 'bedB')]);
    expect(ids('214')).toContain('p5');
    store.remove('p6', 'person');
    expect(ids('berzs')).not.toContain('p6');
  });
});
