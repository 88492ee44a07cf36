import type { Fields } from '@sivis/shared/docs/json.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

describe('a push', () => {
  it('applies, stamps, audits and remembers an operation; a replay has the same answer and changes nothing', async () => {
    const desk = house.desk('reception');
    const row = desk.create('person', { familyName: 'Bērziņa', givenName: 'Anna' });
    const [first] = await desk.push(row);
    const [second] = await desk.push(row);
    expect(first).toMatchObject({
      outcome: 'accepted',
      master: { rev: 1, fields: { familyName: 'Bērziņa' } },
    });
    expect(second?.ops).toEqual(first?.ops);
    expect((await house.doc(row.id)).rev).toBe(1);
    expect(house.changes.map((event) => [event.action, event.objectId])).toEqual([['create', row.id]]);
  });

  it('merges disjoint fields and reports a clash of one field with both values and its author', async () => {
    const a = house.desk('reception');
    const b = house.desk('reception');
    const { stayId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    await b.push(b.edit('stay', stayId, fields, { ...fields, note: 'otra' }));
    const [answer] = await a.push(
      a.edit('stay', stayId, fields, { ...fields, note: 'mana', dietCode: 'GL' }),
    );
    expect(answer?.outcome).toBe('conflict');
    expect(answer?.ops[0]?.clashes).toMatchObject([
      {
        field: 'note',
        base: null,
        mine: 'mana',
        theirs: 'otra',
        theirsBy: b.actor.subject.userId,
        theirsDevice: b.actor.deviceId,
        theirsDeviceName: '',
      },
    ]);
    expect(await house.stayOf(stayId)).toMatchObject({ note: 'otra', dietCode: 'GL' });
    expect(house.changes.some((event) => event.action === 'conflict')).toBe(true);
  });

  it('takes a command as a whole or not at all', async () => {
    const a = house.desk('reception');
    const b = house.desk('reception');
    const { stayId, fields } = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    await b.push(b.edit('stay', stayId, fields, { ...fields, dietCode: 'LA' }));
    const command = a.edit(
      'stay',
      stayId,
      fields,
      { ...fields, dietCode: 'GL', note: 'x' },
      { kind: 'stay.test' },
    );
    const [answer] = await a.push(command);
    expect(answer?.outcome).toBe('conflict');
    expect((await house.stayOf(stayId)).note).toBeUndefined();
  });

  it('answers each operation of a row by itself: a row may be taken in part', async () => {
    const desk = house.desk('reception');
    const { stayId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    const row = desk.edit('stay', stayId, fields, { ...fields, note: 'labi' });
    row.ops.push(desk.op('stay.dates', { departDate: { before: '2026-12-05', after: '2026-11-20' } }));
    row.ops.push(desk.op('edit', { dietCode: { before: null, after: 'GL' } }));
    const [answer] = await desk.push(row);
    expect(answer?.ops.map((op) => op.outcome)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(answer?.ops[1]?.rejection).toMatchObject({ rule: 'I2', code: 'arriveBeforeDepart' });
    expect(answer?.outcome).toBe('rejected');
    expect(answer?.master.fields).toMatchObject({ note: 'labi', dietCode: 'GL', departDate: '2026-12-05' });
  });

  it('a malformed row or operation stops nobody and nothing is thrown', async () => {
    const desk = house.desk('reception');
    const good = desk.create('person', { familyName: 'Labs', givenName: 'Testa' });
    const answers = await desk.push(
      null,
      { id: newId(), kind: 'person' },
      { id: 'x', kind: 'person', siteId: house.siteId, ops: [{ opId: newId() }] },
      {
        ...good,
        id: newId(),
        ops: [{ ...good.ops[0], changes: { ['__proto__']: { before: null, after: 1 } }, extra: true }],
      },
      good,
    );
    expect(answers.map((row) => row.outcome)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'accepted',
    ]);
    expect(answers[2]?.ops[0]?.rejection?.code).toBe('malformed');
  });

  it('a poisoned document (wrong type, unknown field, unknown kind) is refused with the field', async () => {
    const desk = house.desk('reception');
    const [wrong, unknown, kind] = await desk.push(
      desk.create('person', { familyName: 'Labs', givenName: 'Testa', birthDate: '2026-02-30' }),
      desk.create('contact', {
        personId: await house.put('person', { familyName: 'A', givenName: 'B' }),
        contactKind: 'phone',
        value: '1',
        evil: 1,
      }),
      { ...desk.create('person', { familyName: 'A', givenName: 'B' }), kind: 'diagnosis' },
    );
    expect(wrong?.ops[0]?.rejection).toMatchObject({ rule: 'schema', params: { field: 'birthDate' } });
    expect(unknown?.ops[0]?.rejection?.rule).toBe('schema');
    expect(kind?.ops[0]?.rejection?.code).toBe('unknownKind');
  });

  it('a row that comes through the door of another collection is refused', async () => {
    const desk = house.desk('reception');
    const row = desk.create('reservation', { reservationKind: 'paid', state: 'confirmed' });
    const [answer] = (await house.service.push(desk.actor, 'people', [row])).rows;
    expect(answer?.ops[0]?.rejection?.code).toBe('malformed');
  });

  it('a forged author is refused and does not burn the id of the real operation', async () => {
    const real = house.desk('reception');
    const thief = house.desk('reception');
    const row = real.create('person', { familyName: 'Īsts', givenName: 'Testa' });
    const [forged] = await thief.push(row);
    expect(forged?.ops[0]?.rejection?.code).toBe('forgedAuthor');
    expect((await real.push(row))[0]?.outcome).toBe('accepted');
    const reused = thief.create('person', { familyName: 'Cits', givenName: 'Testa' });
    reused.ops[0]!.opId = row.ops[0]!.opId;
    expect((await thief.push(reused))[0]?.ops[0]?.rejection?.code).toBe('opIdReused');
  });

  it('an answer that is given again tells no value that its reader may not see any more', async () => {
    const desk = house.desk('reception');
    const { stayId, fields } = await guest(house, house.beds['201A']!, '2026-11-25', '2026-11-28');
    const other = house.desk('reception');
    await other.push(other.edit('stay', stayId, fields, { ...fields, note: 'citas vārdi' }));
    const late = desk.edit('stay', stayId, fields, { ...fields, note: 'savi vārdi' });
    const told = (await desk.push(late))[0]?.ops[0]?.clashes?.[0];
    expect(told).toMatchObject({ theirs: 'citas vārdi', theirsBy: other.actor.subject.userId });
    const untold = { theirs: null, theirsBy: '', theirsAt: '', theirsDevice: '', theirsDeviceName: '' };
    for (const subject of [
      { ...desk.actor.subject, role: 'catering' as const },
      { ...desk.actor.subject, siteIds: [house.otherSiteId] },
    ]) {
      const [again] = (await house.service.push({ ...desk.actor, subject }, 'lodging', [late])).rows;
      expect(again?.ops[0]).toMatchObject({ outcome: 'conflict', clashes: [{ ...told, ...untold }] });
    }
  });

  it('a clock that runs ahead is taken, with a warning', async () => {
    const desk = house.desk('reception');
    const row = desk.create(
      'person',
      { familyName: 'Pulkstenis', givenName: 'Testa' },
      { at: '2026-11-21T08:06:00.000Z' },
    );
    expect((await desk.push(row))[0]?.ops[0]).toMatchObject({
      outcome: 'accepted',
      warnings: ['clock-skew'],
    });
  });

  it('what it refers to is awaited, and what was refused is never awaited', async () => {
    const desk = house.desk('reception');
    const person = desk.create('person', { familyName: 'Vēlāk', givenName: 'Testa' });
    const contact = desk.create('contact', { personId: person.id, contactKind: 'phone', value: '20000000' });
    expect((await desk.push(contact))[0]?.outcome).toBe('waits');
    await desk.push(person);
    expect((await desk.push(contact))[0]?.outcome).toBe('accepted');
    const bad = desk.create('person', { familyName: '', givenName: 'Testa' });
    const late = desk.create('contact', { personId: bad.id, contactKind: 'phone', value: '20000001' });
    await desk.push(bad);
    expect((await desk.push(late))[0]?.ops[0]?.rejection?.code).toBe('missing');
  });

  it('a group is taken whole or not at all, and waits for its missing part', async () => {
    const desk = house.desk('reception');
    const group = { id: newId(), size: 2 };
    const good = desk.create('reservation', { reservationKind: 'paid', state: 'confirmed' }, { group });
    const bad = desk.create('stay', await house.stayFields(null, '2026-12-05', '2026-12-01'), { group });
    expect((await desk.push(good))[0]?.outcome).toBe('waits');
    const answers = await desk.push(good, bad);
    expect(answers.map((row) => row.ops[0]?.rejection?.rule)).toEqual(['group', 'I2']);
    await expect(house.doc(good.id)).rejects.toThrow('no such document');
  });

  it('takes a group in any order of its rows: a stay before its reservation, a companion before her host', async () => {
    const desk = house.desk('reception');
    const group = { id: newId(), size: 3 };
    const booked = { reservationKind: 'paid', state: 'confirmed' };
    const reservation = desk.create('reservation', booked, { group });
    const stay = async (over: Fields): Promise<ReturnType<typeof desk.create>> => {
      const fields = await house.stayFields(null, '2026-12-01', '2026-12-05', over);
      return desk.create('stay', fields, { group });
    };
    const host = await stay({ reservationId: reservation.id });
    const companion = await stay({ reservationId: reservation.id, companionOf: host.id });
    const answers = await desk.push(companion, host, reservation);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('H4: two guests exchange beds in one group, though each wants what the other holds', async () => {
    const desk = house.desk('reception');
    const one = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    const two = await guest(house, house.beds['202A']!, '2026-11-21', '2026-12-05');
    const group = { id: newId(), size: 2 };
    const swap = (from: typeof one, bedId: string): ReturnType<typeof desk.edit> => {
      const segments = [{ id: newId(), bedId, from: '2026-11-21', to: '2026-12-05' }];
      return desk.edit(
        'stay',
        from.stayId,
        from.fields,
        { ...from.fields, segments },
        { kind: 'stay.swap', group },
      );
    };
    const answers = await desk.push(swap(one, house.beds['202A']!), swap(two, house.beds['201A']!));
    expect(answers.map((row) => row.outcome)).toEqual(['accepted', 'accepted']);
    expect((await house.stayOf(one.stayId)).segments[0]?.bedId).toBe(house.beds['202A']);
    expect((await house.stayOf(two.stayId)).unconfirmed).toBeUndefined();
    expect(await house.openTasks()).toEqual([]);
  });
});
