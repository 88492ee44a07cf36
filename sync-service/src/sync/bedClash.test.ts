import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

describe('two claims to one bed (decision 24)', () => {
  it('I1: the first to reach the service holds it; the second is accepted without a bed, unconfirmed, with a task that names both', async () => {
    const one = house.desk('reception');
    const two = house.desk('reception');
    const bed = house.beds['201A']!;
    const first = one.create('stay', await house.stayFields(bed, '2026-11-25', '2026-12-09'));
    const second = two.create('stay', await house.stayFields(bed, '2026-12-01', '2026-12-15'));
    await one.push(first);
    const [late] = await two.push(second);
    expect(late).toMatchObject({ outcome: 'accepted', ops: [{ warnings: ['unconfirmed'] }] });
    expect(late?.master.fields).toMatchObject({
      unconfirmed: true,
      segments: [{ bedId: null, from: '2026-12-01', to: '2026-12-15' }],
    });
    expect((await house.stayOf(first.id)).segments[0]?.bedId).toBe(bed);
    const [task] = await house.openTasks();
    expect(task).toMatchObject({
      taskKind: 'bedClash',
      ownerRole: 'reception',
      bedId: bed,
      from: '2026-12-01',
      to: '2026-12-09',
    });
    expect(new Set(task?.['stayIds'] as string[])).toEqual(new Set([first.id, second.id]));
    expect((task?.['personIds'] as string[]).length).toBe(2);
    expect((task?.['proposedBedIds'] as string[]).length).toBeGreaterThan(0);
    expect(task?.['proposedBedIds']).not.toContain(bed);
  });

  it('I5: a room that followed somebody else meanwhile is a claim like any other, never a refusal', async () => {
    const desk = house.desk('reception');
    await house.follows('203A');
    const man = await guest(house, house.beds['203A']!, '2026-11-25', '2026-12-05', {}, { sex: 'M' });
    const woman = await house.stayFields(house.beds['203B']!, '2026-11-28', '2026-12-03', {
      personId: await house.put('person', { familyName: 'Otra', givenName: 'Testa', sex: 'F' }),
    });
    const [late] = await desk.push(desk.create('stay', woman));
    expect(late).toMatchObject({ outcome: 'accepted', ops: [{ warnings: ['unconfirmed'] }] });
    expect(late?.master.fields).toMatchObject({ unconfirmed: true, segments: [{ bedId: null }] });
    expect((await house.openTasks())[0]).toMatchObject({ stayIds: [late!.id, man.stayId] });
  });

  it('I5: in a swap each comes into the room as the other leaves it; neither is a claim against the other', async () => {
    const desk = house.desk('reception');
    await house.follows('202A');
    const man = await guest(house, house.beds['201A']!, '2026-11-25', '2026-12-05', {}, { sex: 'M' });
    const woman = await guest(house, house.beds['202A']!, '2026-11-25', '2026-12-05', {}, { sex: 'F' });
    const group = { id: newId(), size: 2 };
    const put = (who: typeof man, bedId: string): ReturnType<typeof desk.edit> => {
      const segments = [{ ...(who.fields['segments'] as Fields[])[0], bedId }];
      const after = { ...who.fields, segments };
      return desk.edit('stay', who.stayId, who.fields, after, { kind: 'stay.swap', group });
    };
    const answers = await desk.push(put(man, house.beds['202A']!), put(woman, house.beds['201A']!));
    expect(answers.map(({ outcome, ops }) => [outcome, ops[0]?.warnings])).toEqual([
      ['accepted', undefined],
      ['accepted', undefined],
    ]);
    expect((await house.stayOf(man.stayId)).segments[0]?.bedId).toBe(house.beds['202A']);
    expect(await house.openTasks()).toEqual([]);
  });

  it('I5: two of both sexes whom one author puts into a room that follows are refused, not outrun', async () => {
    const desk = house.desk('reception');
    await house.follows('202A');
    const group = { id: newId(), size: 2 };
    const book = async (bed: string, sex: string): Promise<ReturnType<typeof desk.create>> => {
      const personId = await house.put('person', { familyName: 'Pāris', givenName: 'Testa', sex });
      const fields = await house.stayFields(house.beds[bed]!, '2026-11-25', '2026-12-05', { personId });
      return desk.create('stay', fields, { group });
    };
    const answers = await desk.push(await book('202A', 'F'), await book('202B', 'M'));
    expect(answers.map((row) => row.ops[0]?.rejection?.rule)).toEqual(['I5', 'I5']);
  });

  it('I5: a group that writes twice to a stay whose room followed somebody else still has its task', async () => {
    const desk = house.desk('reception');
    await house.follows('203A');
    await guest(house, house.beds['203A']!, '2026-11-25', '2026-12-05', {}, { sex: 'M' });
    const group = { id: newId(), size: 2 };
    const personId = await house.put('person', { familyName: 'Otra', givenName: 'Testa', sex: 'F' });
    const fields = await house.stayFields(house.beds['203B']!, '2026-11-28', '2026-12-03', { personId });
    const row = desk.create('stay', fields, { group });
    row.ops.push(desk.op('edit', { note: { before: null, after: 'vēlu' } }, { group }));
    const [answer] = await desk.push(row);
    expect(answer?.master.fields).toMatchObject({
      unconfirmed: true,
      segments: [{ bedId: null }],
      note: 'vēlu',
    });
    expect((await house.openTasks())[0]?.['stayIds']).toContain(row.id);
    // What the service made of it stands in the log as well: the last entry has the sum.
    const entries = house.changes.filter(({ objectId }) => objectId === row.id);
    expect(
      entries.map(({ changes }) => Object.fromEntries(changes.map(({ field, after }) => [field, after]))),
    ).toMatchObject([
      { arriveDate: '2026-11-28' },
      { unconfirmed: true, note: 'vēlu', segments: [{ bedId: null }] },
    ]);
  });

  it('a stay that loses its bed by its author taking the move back waits with an open task', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05');
    const [late] = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-11-21', '2026-12-05')),
    );
    const waiting = late!.master.fields as Fields;
    const { unconfirmed: _, ...rest } = waiting;
    const moved = {
      ...rest,
      segments: [{ ...(waiting['segments'] as Fields[])[0], bedId: house.beds['203B']! }],
    };
    await desk.push(desk.edit('stay', late!.id, waiting, moved, { kind: 'stay.move' }));
    expect(await house.openTasks()).toEqual([]);
    await desk.push(desk.edit('stay', late!.id, moved, waiting, { kind: 'stay.move' }));
    expect((await house.openTasks()).map((task) => task['stayIds'])).toEqual([[late!.id]]);
    const ended = { ...waiting, state: 'cancelled' };
    const cancel = desk.edit('stay', late!.id, waiting, ended, { kind: 'stay.cancel' });
    await desk.push(cancel);
    expect(await house.openTasks()).toEqual([]);
    const { opId } = cancel.ops[0]!;
    await desk.push(desk.edit('stay', late!.id, ended, waiting, { kind: 'undo', undoes: opId }));
    expect((await house.openTasks()).map((task) => task['stayIds'])).toEqual([[late!.id]]);
  });

  it('a departure and an arrival on one day are no clash', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05');
    const [answer] = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-12-05', '2026-12-19')),
    );
    expect(answer?.ops[0]?.warnings).toBeUndefined();
  });

  it('a guest who is checked in is never displaced: the expected one gives way, both stays are kept', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const expected = await guest(house, bed, '2026-11-21', '2026-12-05');
    const walkIn = desk.create('stay', await house.stayFields(bed, '2026-11-21', '2026-11-28'));
    const identity = {
      checkin: { identity: { doneAt: '2026-11-21T07:00:00.000Z', by: desk.actor.subject.userId } },
    };
    walkIn.ops[0] = desk.op('create', {
      ...walkIn.ops[0]!.changes,
      checkin: { before: null, after: identity.checkin },
      state: { before: null, after: 'in_house' },
    });
    const [answer] = await desk.push(walkIn);
    expect(answer?.outcome).toBe('accepted');
    expect((await house.stayOf(walkIn.id)).segments[0]?.bedId).toBe(bed);
    expect(await house.stayOf(expected.stayId)).toMatchObject({
      unconfirmed: true,
      state: 'expected',
      segments: [{ bedId: null }],
    });
    const [task] = await house.openTasks();
    expect(task?.['stayIds']).toEqual([expected.stayId, walkIn.id]);
    expect(
      house.changes.some((event) => event.action === 'displace' && event.objectId === expected.stayId),
    ).toBe(true);
  });

  it('a guest in house who was moved into another guest in house goes back to the bed he had', async () => {
    const desk = house.desk('reception');
    const mine = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05', { state: 'in_house' });
    await guest(house, house.beds['202A']!, '2026-11-21', '2026-12-05', { state: 'in_house' });
    const segments = [{ id: newId(), bedId: house.beds['202A']!, from: '2026-11-21', to: '2026-12-05' }];
    const [answer] = await desk.push(
      desk.edit('stay', mine.stayId, mine.fields, { ...mine.fields, segments }, { kind: 'stay.move' }),
    );
    expect(answer).toMatchObject({ outcome: 'accepted', ops: [{ warnings: ['unconfirmed'] }] });
    expect((await house.stayOf(mine.stayId)).segments.map((part) => part.bedId)).toEqual([
      house.beds['201A'],
    ]);
    expect(await house.openTasks()).toHaveLength(1);
  });

  it('I13: a stay that stretches into taken nights loses only those; a shortened one frees them in the same step', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const mine = await guest(house, bed, '2026-11-21', '2026-12-01');
    const next = await guest(house, bed, '2026-12-03', '2026-12-10');
    const segments = [{ ...(mine.fields['segments'] as Fields[])[0], to: '2026-12-05' }];
    await desk.push(
      desk.edit(
        'stay',
        mine.stayId,
        mine.fields,
        { ...mine.fields, departDate: '2026-12-05', segments },
        { kind: 'stay.dates' },
      ),
    );
    expect(
      (await house.stayOf(mine.stayId)).segments.map(({ bedId, from, to }) => [bedId, from, to]),
    ).toEqual([
      [bed, '2026-11-21', '2026-12-03'],
      [null, '2026-12-03', '2026-12-05'],
    ]);
    await desk.push(
      desk.edit(
        'stay',
        next.stayId,
        next.fields,
        { ...next.fields, state: 'cancelled' },
        { kind: 'stay.cancel', reason: 'atteicās' },
      ),
    );
    const free = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-12-03', '2026-12-10')),
    );
    expect(free[0]?.ops[0]?.warnings).toBeUndefined();
  });

  it('the task is done when a human gives the stay a bed', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05');
    const [late] = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-11-21', '2026-12-05')),
    );
    const stay = late!.master.fields as Fields;
    const { unconfirmed: _, ...rest } = stay;
    const segments = [{ ...(stay['segments'] as Fields[])[0], bedId: house.beds['203B']! }];
    await desk.push(desk.edit('stay', late!.id, stay, { ...rest, segments }, { kind: 'stay.move' }));
    expect(await house.stayOf(late!.id)).toMatchObject({ segments: [{ bedId: house.beds['203B'] }] });
    expect((await house.stayOf(late!.id)).unconfirmed).toBeUndefined();
    expect(await house.openTasks()).toEqual([]);
  });

  it('H11: a block over an occupied bed moves nobody; it takes the free nights and makes a worklist', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const there = await guest(house, bed, '2026-11-21', '2026-11-25');
    await desk.push(
      desk.create('block', {
        scope: 'bed',
        targetId: bed,
        blockKind: 'outOfOrder',
        from: '2026-11-23',
        to: '2026-11-30',
        reason: 'Remonts',
        state: 'active',
      }),
    );
    expect((await house.stayOf(there.stayId)).segments[0]?.bedId).toBe(bed);
    expect((await house.openTasks())[0]).toMatchObject({ stayIds: [there.stayId] });
    const [late] = await desk.push(
      desk.create('stay', await house.stayFields(bed, '2026-11-26', '2026-11-28')),
    );
    expect(late?.ops[0]?.warnings).toEqual(['unconfirmed']);
  });
});
