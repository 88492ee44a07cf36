import { describe, expect, it } from 'vitest';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { createDesk } from '../../data/desk/desk.ts';
import { testStore } from '../../data/desk/testStore.ts';
import { clientOnDesk } from './clientData.ts';
import { clientRow, inGroup, mainStay, sortedPeople } from './clientRows.ts';
import { readField } from './personEdit.ts';
import { bedOn, dayOfStay, newestFirst, segmentAt } from './stayFacts.ts';

const TODAY = '2026-11-21';
const SITE = 's';

const stay = (over: Partial<Stay>): Stay => ({
  reservationId: 'r',
  personId: 'p',
  arriveDate: '2026-11-17',
  departDate: '2026-11-30',
  segments: [
    { id: 'a', bedId: 'b1', from: '2026-11-17', to: '2026-11-20' },
    { id: 'b', bedId: 'b2', from: '2026-11-20', to: '2026-11-30' },
  ],
  state: 'in_house',
  boardPlan: 'full',
  ...over,
});

describe('facts of a stay', () => {
  it('says where somebody is today, on the last day and before arrival', () => {
    expect(segmentAt(stay({}), TODAY)?.bedId).toBe('b2');
    expect(segmentAt(stay({}), '2026-11-30')?.bedId).toBe('b2');
    expect(segmentAt(stay({}), '2026-11-01')?.bedId).toBe('b1');
  });

  it('names no bed for a stay that is over', () => {
    expect(bedOn(stay({}), TODAY)).toBe('b2');
    expect(bedOn(stay({ state: 'departed' }), TODAY)).toBeNull();
    expect(bedOn(undefined, TODAY)).toBeNull();
  });

  it('counts the days of a stay, both ends', () => {
    expect(dayOfStay(stay({}), TODAY)).toEqual({ day: 5, of: 14 });
    expect(dayOfStay(stay({}), '2026-12-05')).toEqual({ day: 14, of: 14 });
    expect(dayOfStay(stay({ state: 'expected' }), TODAY)).toBeNull();
  });

  it('orders stays with the newest first', () => {
    const stays = [{ fields: stay({ arriveDate: '2025-01-01' }) }, { fields: stay({}) }];
    expect(newestFirst(stays).map(({ fields }) => fields.arriveDate)).toEqual(['2026-11-17', '2025-01-01']);
  });
});

describe('the list of clients', () => {
  const past = { fields: stay({ state: 'departed', arriveDate: '2026-01-01', departDate: '2026-01-10' }) };
  const next = { fields: stay({ state: 'expected', arriveDate: '2026-12-10', departDate: '2026-12-20' }) };
  const here = { fields: stay({}) };

  it('takes the stay that says where somebody is', () => {
    expect(mainStay([past, next, here], TODAY)).toBe(here);
    expect(mainStay([past, next], TODAY)).toBe(next);
    expect(mainStay([past], TODAY)).toBe(past);
    expect(mainStay([], TODAY)).toBeUndefined();
  });

  it('masks the personal code and groups by state', () => {
    const person = {
      id: 'p',
      fields: { familyName: 'Bērziņa', givenName: 'Anna', personalCode: '329999-99901' },
    };
    const row = clientRow(person, [here], TODAY, true);
    expect(row).toMatchObject({ name: 'BĒRZIŅA, Anna', code: '329999-9••••', bedId: 'b2' });
    expect([inGroup(row, 'inHouse'), inGroup(row, 'former'), inGroup(row, 'all')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(clientRow(person, [past], TODAY, true).bedId).toBeNull();
  });

  it('sorts by the Latvian alphabet', () => {
    const person = (id: string, familyName: string) => ({
      id,
      kind: 'person' as const,
      siteId: SITE,
      fields: { familyName, givenName: 'A' },
    });
    const desk = createDesk(
      testStore([person('1', 'Žagare'), person('2', 'Ābola'), person('3', 'Abols'), person('4', 'Zariņa')]),
      (run) => run(),
    );
    expect(sortedPeople(desk).map(({ id }) => id)).toEqual(['3', '2', '4', '1']);
  });
});

describe('the card', () => {
  it('gathers stays, contacts and the tasks about the person or her stays', () => {
    const fields = { taskKind: 'manual', state: 'open', ownerRole: 'reception' };
    const desk = createDesk(
      testStore([
        { id: 'p', kind: 'person', siteId: SITE, fields: { familyName: 'Ozola', givenName: 'Anna' } },
        { id: 'st', kind: 'stay', siteId: SITE, fields: stay({}) },
        {
          id: 'c',
          kind: 'contact',
          siteId: SITE,
          fields: { personId: 'p', contactKind: 'phone', value: '2' },
        },
        { id: 't1', kind: 'task', siteId: SITE, fields: { ...fields, stayIds: ['st'] } },
        { id: 't2', kind: 'task', siteId: SITE, fields: { ...fields, personIds: ['other'] } },
      ]),
      (run) => run(),
    );
    const card = clientOnDesk(desk, 'p');
    expect(card?.tasks.map(({ id }) => id)).toEqual(['t1']);
    expect([card?.stays.length, card?.contacts.length]).toEqual([1, 1]);
    expect(clientOnDesk(desk, 'nobody')).toBeNull();
  });
});

describe('typed values', () => {
  it('brings a personal code to its form and warns of a wrong check digit', () => {
    expect(readField('personalCode', ' 32999999901 ')).toEqual({ ok: true, value: '329999-99901' });
    expect(readField('personalCode', '12')).toEqual({ ok: false, problem: 'code' });
    expect(readField('personalCode', '010180-00000')).toMatchObject({ ok: true, warning: 'checksum' });
  });

  it('takes a value away where that is possible', () => {
    expect(readField('country', '  ')).toEqual({ ok: true, value: null });
    expect(readField('familyName', ' ')).toEqual({ ok: false, problem: 'required' });
    expect(readField('givenName', 'a'.repeat(121))).toEqual({ ok: false, problem: 'tooLong' });
  });
});
