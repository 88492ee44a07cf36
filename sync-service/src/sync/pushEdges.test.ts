import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

describe('what a hostile reader found', () => {
  const checkin = (by: string): Fields => ({ identity: { doneAt: '2026-11-21T07:00:00.000Z', by } });

  it('work of yesterday that arrives after midnight is judged by its own day', async () => {
    const desk = house.desk('reception');
    const fields = await house.stayFields(house.beds['201A']!, '2026-11-21', '2026-11-28', {
      checkin: checkin(desk.actor.subject.userId),
    });
    const row = desk.create('stay', fields);
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    house.clock.nowMs = Date.parse('2026-11-22T01:00:00.000Z');
    expect((await desk.push(row))[0]?.outcome).toBe('accepted');
    const older = desk.create(
      'stay',
      await house.stayFields(house.beds['202A']!, '2026-10-01', '2026-10-05'),
      {
        at: '2026-10-01T10:00:00.000Z',
      },
    );
    expect((await desk.push(older))[0]?.ops[0]?.rejection?.rule).toBe('I10');
  });

  it('a guest who was booked and checked in offline keeps the bed, whatever the order of the operations', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const expected = await guest(house, bed, '2026-11-21', '2026-12-05');
    const row = desk.create('stay', await house.stayFields(bed, '2026-11-21', '2026-11-28'));
    row.ops.push(desk.op('edit', { checkin: { before: null, after: checkin(desk.actor.subject.userId) } }));
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    const [answer] = await desk.push(row);
    expect(answer?.ops.map((op) => op.outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await house.stayOf(row.id)).toMatchObject({ state: 'in_house', segments: [{ bedId: bed }] });
    expect(await house.stayOf(expected.stayId)).toMatchObject({
      unconfirmed: true,
      segments: [{ bedId: null }],
    });
  });

  it('a guest who lost the bed to another guest in house can still be checked in', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05', { state: 'in_house' });
    const row = desk.create(
      'stay',
      await house.stayFields(bed, '2026-11-21', '2026-11-28', {
        checkin: checkin(desk.actor.subject.userId),
      }),
    );
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    const [answer] = await desk.push(row);
    expect(answer?.outcome).toBe('accepted');
    expect(await house.stayOf(row.id)).toMatchObject({ state: 'in_house', unconfirmed: true });
  });

  it('a push is no way to read: what was not understood gets a blank, what is handed back is in the log and held', async () => {
    const desk = house.desk('reception');
    const { personId } = await guest(house, null, '2026-11-21', '2026-12-05');
    const row = { id: personId, kind: 'person', siteId: house.siteId };
    const forged = desk.edit('person', personId, {}, { givenName: 'X' });
    forged.ops[0]!.actor = newId();
    for (const answer of await desk.push({ ...row, ops: [null] }, forged))
      expect(answer.master.deleted).toBe(true);
    expect(house.handedOver).toEqual(
      house.handedOver.filter((event) => !event.deliveredIds.includes(personId)),
    );
    await desk.push(desk.edit('person', personId, {}, { documentNumber: 'PA1' }));
    expect(
      house.handedOver.some((event) => event.source === 'push' && event.deliveredIds.includes(personId)),
    ).toBe(true);
  });

  it('a row without operations asks: the document as its reader may hold it, in the log like a page; a stranger gets a blank', async () => {
    const desk = house.desk('reception');
    const stranger = house.desk('reception', [house.otherSiteId]);
    const { personId } = await guest(house, null, '2026-11-21', '2026-12-05');
    const ask = { id: personId, kind: 'person', siteId: house.siteId, ops: [] };
    house.handedOver.length = 0;
    const [mine] = await desk.push(ask);
    expect(mine).toMatchObject({ outcome: 'accepted', ops: [], master: { id: personId, rev: 1 } });
    expect(house.handedOver).toMatchObject([{ source: 'push', deliveredIds: [personId] }]);
    const [theirs, nobodys] = await stranger.push(ask, { ...ask, id: newId() });
    expect(theirs).toEqual({ ...nobodys, id: personId, master: { ...nobodys!.master, id: personId } });
    expect(theirs?.master.deleted).toBe(true);
    expect(house.handedOver).toHaveLength(1);
  });

  it('H11: nights that a stay gives back belong to the block over them', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const there = await guest(house, bed, '2026-11-21', '2026-11-25');
    await desk.push(
      desk.create('block', {
        scope: 'bed',
        targetId: bed,
        blockKind: 'outOfOrder',
        from: '2026-11-21',
        to: '2026-11-30',
        reason: 'Remonts',
        state: 'active',
      }),
    );
    await desk.push(
      desk.edit(
        'stay',
        there.stayId,
        there.fields,
        { ...there.fields, state: 'cancelled' },
        { kind: 'stay.cancel' },
      ),
    );
    const [late] = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-11-22', '2026-11-24')),
    );
    expect(late?.ops[0]?.warnings).toEqual(['unconfirmed']);
  });

  it('I3: a bed added to a room that is let or closed as a whole is held as well', async () => {
    const manager = house.desk('dutyManager');
    const bed = house.beds['201A']!;
    const roomId = (await house.doc(bed)).fields['roomId'] as string;
    const segment = { id: newId(), bedId: bed, from: '2026-11-25', to: '2026-12-01', privateUse: true };
    const alone = manager.create(
      'stay',
      await house.stayFields(bed, '2026-11-25', '2026-12-01', { segments: [segment] }),
    );
    const closed = manager.create('block', {
      scope: 'room',
      targetId: roomId,
      blockKind: 'hold',
      from: '2026-12-01',
      to: '2026-12-05',
      reason: 'Grupa',
      state: 'active',
    });
    const extra = manager.create('bed', { roomId, label: 'C', bedKind: 'extra', order: 3 });
    for (const row of [alone, closed, extra])
      expect((await manager.push(row)).map((answer) => answer.outcome)).toEqual(['accepted']);
    const holders = async (): Promise<string[]> => {
      const nights = await house.store.read((tx) => tx.nightsHeld([extra.id], 0, 60_000));
      return nights.sort((a, b) => a.night - b.night).map((night) => night.holderId);
    };
    expect(await holders()).toEqual([
      ...Array<string>(6).fill(alone.id),
      ...Array<string>(4).fill(closed.id),
    ]);
    const elsewhere = (await house.doc(house.beds['203A']!)).fields['roomId'] as string;
    await manager.push(manager.edit('bed', extra.id, { roomId }, { roomId: elsewhere }));
    expect(await holders()).toEqual([]);
  });

  it('two guests who give way at once have a task each; what a human wrote into one stays', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const one = await guest(house, bed, '2026-11-21', '2026-11-24');
    const two = await guest(house, bed, '2026-11-24', '2026-11-28');
    const row = desk.create(
      'stay',
      await house.stayFields(bed, '2026-11-21', '2026-11-28', {
        checkin: checkin(desk.actor.subject.userId),
      }),
    );
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    await desk.push(row);
    expect((await house.openTasks()).map((task) => (task['stayIds'] as string[])[0]).sort()).toEqual(
      [one.stayId, two.stayId].sort(),
    );
  });

  it('in a group every operation has its own entry with its own id', async () => {
    const desk = house.desk('reception');
    const one = await guest(house, null, '2026-11-21', '2026-12-05');
    const two = await guest(house, null, '2026-11-21', '2026-12-05');
    const group = { id: newId(), size: 2 };
    const rows = [one, two].map((entry) =>
      desk.edit(
        'stay',
        entry.stayId,
        entry.fields,
        { ...entry.fields, state: 'cancelled' },
        { kind: 'stay.cancel', group },
      ),
    );
    house.changes.length = 0;
    await desk.push(...rows);
    expect(house.changes.map((event) => [event.objectId, event.opId])).toEqual(
      rows.map((row) => [row.id, row.ops[0]?.opId]),
    );
  });

  it('a refused edit stands in the history of the person whom it was about', async () => {
    const desk = house.desk('reception');
    const { stayId, personId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    house.changes.length = 0;
    await desk.push(
      desk.edit('stay', stayId, fields, { ...fields, departDate: '2026-11-20' }, { kind: 'stay.dates' }),
    );
    expect(house.changes).toMatchObject([{ action: 'reject', personIds: [personId], siteId: house.siteId }]);
  });

  it('I16: a stay at another site stands in the way without telling its days', async () => {
    const there = house.desk('reception', [house.otherSiteId]);
    const here = house.desk('reception');
    const both = house.desk('dutyManager', [house.siteId, house.otherSiteId]);
    const personId = await house.put('person', { familyName: 'Divi', givenName: 'Testa' });
    const at = async (siteId: string, from: string, to: string): Promise<Fields> => ({
      ...(await house.stayFields(null, from, to)),
      personId,
      reservationId: await house.put(
        'reservation',
        { reservationKind: 'paid', state: 'confirmed' },
        undefined,
        siteId,
      ),
    });
    const first = {
      ...both.create('stay', await at(house.otherSiteId, '2026-12-01', '2026-12-15')),
      siteId: house.otherSiteId,
    };
    expect((await both.push(first))[0]?.outcome).toBe('accepted');
    const [answer] = await here.push(here.create('stay', await at(house.siteId, '2026-12-10', '2026-12-20')));
    expect(answer?.ops[0]?.rejection).toMatchObject({ rule: 'I16', code: 'stayOverlapHidden', params: {} });
    expect(there.actor.subject.siteIds).toEqual([house.otherSiteId]);
  });

  it('an operation that waits ends its row: what was made on top of it waits too', async () => {
    const desk = house.desk('reception');
    const { stayId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    const row = desk.edit(
      'stay',
      stayId,
      fields,
      { ...fields, note: 'x' },
      { kind: 'stay.swap', group: { id: newId(), size: 2 } },
    );
    row.ops.push(desk.op('edit', { note: { before: 'x', after: 'y' } }));
    const [answer] = await desk.push(row);
    expect(answer?.ops.map((op) => op.outcome)).toEqual(['waits', 'waits']);
  });

  it('the same id twice in one push, a lying group, a field named like a property of every object: refused, nothing else stops', async () => {
    const desk = house.desk('reception');
    const { stayId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    const twice = desk.edit('stay', stayId, fields, { ...fields, note: 'x' });
    twice.ops.push({ ...twice.ops[0]! });
    const id = newId();
    const liar = desk.create(
      'reservation',
      { reservationKind: 'paid', state: 'confirmed' },
      { group: { id, size: 2 } },
    );
    const other = desk.create(
      'reservation',
      { reservationKind: 'paid', state: 'confirmed' },
      { group: { id, size: 3 } },
    );
    const proto = desk.edit('stay', stayId, {}, { constructor: 'x' });
    const answers = await desk.push(twice, liar, other, proto);
    expect(answers.map((row) => row.ops.map((op) => op.outcome))).toEqual([
      ['accepted', 'rejected'],
      ['rejected'],
      ['rejected'],
      ['rejected'],
    ]);
  });

  it('a push of many operations in many groups is judged in bounded time', async () => {
    const desk = house.desk('reception');
    const rows = Array.from({ length: 50 }, () =>
      desk.create('reservation', { reservationKind: 'paid', state: 'confirmed' }),
    );
    for (const row of rows) {
      for (let count = 0; count < 90; count += 1)
        row.ops.push(desk.op('edit', {}, { group: { id: newId(), size: 2 } }));
    }
    const answers = await desk.push(...rows);
    expect(answers.every((answer) => answer.outcome === 'waits')).toBe(true);
    await expect(desk.push(...rows, ...rows)).rejects.toThrow('TOO_LARGE');
  });
});
