import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

const stayOf = async (id: string): Promise<Stay> => (await house.doc(id)).fields as unknown as Stay;
const stayFields = async (
  bedId: string | null,
  from: string,
  to: string,
  over: Fields = {},
): Promise<Fields> => ({
  reservationId: await house.put('reservation', { reservationKind: 'state', state: 'confirmed' }),
  personId: await house.put('person', { familyName: 'Piemērs', givenName: 'Testa' }),
  arriveDate: from,
  departDate: to,
  segments: [{ id: newId(), bedId, from, to }],
  state: 'expected',
  boardPlan: 'full',
  ...over,
});
/** Gives the bed's room to whoever comes first and those of the same sex. */
async function follows(bed: string): Promise<void> {
  const roomId = (await house.doc(house.beds[bed]!)).fields['roomId'] as string;
  await house.put('room', { ...(await house.doc(roomId)).fields, sexPolicy: 'follow' }, roomId);
}
const openTasks = async (): Promise<Fields[]> =>
  (await house.store.read((tx) => tx.docsOfKind('task')))
    .map((doc) => doc.fields)
    .filter((task) => task['state'] === 'open');

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
    expect(await stayOf(stayId)).toMatchObject({ note: 'otra', dietCode: 'GL' });
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
    expect((await stayOf(stayId)).note).toBeUndefined();
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
    const bad = desk.create('stay', await stayFields(null, '2026-12-05', '2026-12-01'), { group });
    expect((await desk.push(good))[0]?.outcome).toBe('waits');
    const answers = await desk.push(good, bad);
    expect(answers.map((row) => row.ops[0]?.rejection?.rule)).toEqual(['group', 'I2']);
    await expect(house.doc(good.id)).rejects.toThrow('no such document');
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
    expect((await stayOf(one.stayId)).segments[0]?.bedId).toBe(house.beds['202A']);
    expect((await stayOf(two.stayId)).unconfirmed).toBeUndefined();
    expect(await openTasks()).toEqual([]);
  });
});

describe('two claims to one bed (decision 24)', () => {
  it('I1: the first to reach the service holds it; the second is accepted without a bed, unconfirmed, with a task that names both', async () => {
    const one = house.desk('reception');
    const two = house.desk('reception');
    const bed = house.beds['201A']!;
    const first = one.create('stay', await stayFields(bed, '2026-11-25', '2026-12-09'));
    const second = two.create('stay', await stayFields(bed, '2026-12-01', '2026-12-15'));
    await one.push(first);
    const [late] = await two.push(second);
    expect(late).toMatchObject({ outcome: 'accepted', ops: [{ warnings: ['unconfirmed'] }] });
    expect(late?.master.fields).toMatchObject({
      unconfirmed: true,
      segments: [{ bedId: null, from: '2026-12-01', to: '2026-12-15' }],
    });
    expect((await stayOf(first.id)).segments[0]?.bedId).toBe(bed);
    const [task] = await openTasks();
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
    await follows('203A');
    const man = await guest(house, house.beds['203A']!, '2026-11-25', '2026-12-05', {}, { sex: 'M' });
    const woman = await stayFields(house.beds['203B']!, '2026-11-28', '2026-12-03', {
      personId: await house.put('person', { familyName: 'Otra', givenName: 'Testa', sex: 'F' }),
    });
    const [late] = await desk.push(desk.create('stay', woman));
    expect(late).toMatchObject({ outcome: 'accepted', ops: [{ warnings: ['unconfirmed'] }] });
    expect(late?.master.fields).toMatchObject({ unconfirmed: true, segments: [{ bedId: null }] });
    expect((await openTasks())[0]).toMatchObject({ stayIds: [late!.id, man.stayId] });
  });

  it('I5: in a swap each comes into the room as the other leaves it; neither is a claim against the other', async () => {
    const desk = house.desk('reception');
    await follows('202A');
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
    expect((await stayOf(man.stayId)).segments[0]?.bedId).toBe(house.beds['202A']);
    expect(await openTasks()).toEqual([]);
  });

  it('I5: two of both sexes whom one author puts into a room that follows are refused, not outrun', async () => {
    const desk = house.desk('reception');
    await follows('202A');
    const group = { id: newId(), size: 2 };
    const book = async (bed: string, sex: string): Promise<ReturnType<typeof desk.create>> => {
      const personId = await house.put('person', { familyName: 'Pāris', givenName: 'Testa', sex });
      const fields = await stayFields(house.beds[bed]!, '2026-11-25', '2026-12-05', { personId });
      return desk.create('stay', fields, { group });
    };
    const answers = await desk.push(await book('202A', 'F'), await book('202B', 'M'));
    expect(answers.map((row) => row.ops[0]?.rejection?.rule)).toEqual(['I5', 'I5']);
  });

  it('I5: a group that writes twice to a stay whose room followed somebody else still has its task', async () => {
    const desk = house.desk('reception');
    await follows('203A');
    await guest(house, house.beds['203A']!, '2026-11-25', '2026-12-05', {}, { sex: 'M' });
    const group = { id: newId(), size: 2 };
    const personId = await house.put('person', { familyName: 'Otra', givenName: 'Testa', sex: 'F' });
    const fields = await stayFields(house.beds['203B']!, '2026-11-28', '2026-12-03', { personId });
    const row = desk.create('stay', fields, { group });
    row.ops.push(desk.op('edit', { note: { before: null, after: 'vēlu' } }, { group }));
    const [answer] = await desk.push(row);
    expect(answer?.master.fields).toMatchObject({
      unconfirmed: true,
      segments: [{ bedId: null }],
      note: 'vēlu',
    });
    expect((await openTasks())[0]?.['stayIds']).toContain(row.id);
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
    const [late] = await desk.push(desk.create('stay', await stayFields(bed, '2026-11-21', '2026-12-05')));
    const waiting = late!.master.fields as Fields;
    const { unconfirmed: _, ...rest } = waiting;
    const moved = {
      ...rest,
      segments: [{ ...(waiting['segments'] as Fields[])[0], bedId: house.beds['203B']! }],
    };
    await desk.push(desk.edit('stay', late!.id, waiting, moved, { kind: 'stay.move' }));
    expect(await openTasks()).toEqual([]);
    await desk.push(desk.edit('stay', late!.id, moved, waiting, { kind: 'stay.move' }));
    expect((await openTasks()).map((task) => task['stayIds'])).toEqual([[late!.id]]);
    const ended = { ...waiting, state: 'cancelled' };
    const cancel = desk.edit('stay', late!.id, waiting, ended, { kind: 'stay.cancel' });
    await desk.push(cancel);
    expect(await openTasks()).toEqual([]);
    const { opId } = cancel.ops[0]!;
    await desk.push(desk.edit('stay', late!.id, ended, waiting, { kind: 'undo', undoes: opId }));
    expect((await openTasks()).map((task) => task['stayIds'])).toEqual([[late!.id]]);
  });

  it('a departure and an arrival on one day are no clash', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05');
    const [answer] = await desk.push(desk.create('stay', await stayFields(bed, '2026-12-05', '2026-12-19')));
    expect(answer?.ops[0]?.warnings).toBeUndefined();
  });

  it('a guest who is checked in is never displaced: the expected one gives way, both stays are kept', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const expected = await guest(house, bed, '2026-11-21', '2026-12-05');
    const walkIn = desk.create('stay', await stayFields(bed, '2026-11-21', '2026-11-28'));
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
    expect((await stayOf(walkIn.id)).segments[0]?.bedId).toBe(bed);
    expect(await stayOf(expected.stayId)).toMatchObject({
      unconfirmed: true,
      state: 'expected',
      segments: [{ bedId: null }],
    });
    const [task] = await openTasks();
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
    expect((await stayOf(mine.stayId)).segments.map((part) => part.bedId)).toEqual([house.beds['201A']]);
    expect(await openTasks()).toHaveLength(1);
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
    expect((await stayOf(mine.stayId)).segments.map(({ bedId, from, to }) => [bedId, from, to])).toEqual([
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
    const free = await desk.push(desk.create('stay', await stayFields(bed, '2026-12-03', '2026-12-10')));
    expect(free[0]?.ops[0]?.warnings).toBeUndefined();
  });

  it('the task is done when a human gives the stay a bed', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05');
    const [late] = await desk.push(desk.create('stay', await stayFields(bed, '2026-11-21', '2026-12-05')));
    const stay = late!.master.fields as Fields;
    const { unconfirmed: _, ...rest } = stay;
    const segments = [{ ...(stay['segments'] as Fields[])[0], bedId: house.beds['203B']! }];
    await desk.push(desk.edit('stay', late!.id, stay, { ...rest, segments }, { kind: 'stay.move' }));
    expect(await stayOf(late!.id)).toMatchObject({ segments: [{ bedId: house.beds['203B'] }] });
    expect((await stayOf(late!.id)).unconfirmed).toBeUndefined();
    expect(await openTasks()).toEqual([]);
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
    expect((await stayOf(there.stayId)).segments[0]?.bedId).toBe(bed);
    expect((await openTasks())[0]).toMatchObject({ stayIds: [there.stayId] });
    const [late] = await desk.push(desk.create('stay', await stayFields(bed, '2026-11-26', '2026-11-28')));
    expect(late?.ops[0]?.warnings).toEqual(['unconfirmed']);
  });
});

describe('rights on arrival', () => {
  it('a role without the right, another site, a hidden field: refused, and the master shows nothing', async () => {
    const kitchen = house.desk('catering');
    const elsewhere = house.desk('reception', [house.otherSiteId]);
    const { stayId, personId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    const [byKitchen] = await kitchen.push(
      kitchen.edit('stay', stayId, fields, { ...fields, dietCode: 'GL' }),
    );
    expect(byKitchen?.ops[0]?.rejection).toMatchObject({ rule: 'rights', code: 'noRight' });
    expect(Object.keys(byKitchen?.master.fields ?? {})).not.toContain('personId');
    const person = { ...elsewhere.edit('person', personId, {}, { givenName: 'X' }), siteId: house.siteId };
    const [byOther] = await elsewhere.push(person);
    expect(byOther).toMatchObject({ outcome: 'waits', master: { deleted: true, fields: {} } });
    const reception = house.desk('reception');
    const [alerts] = await reception.push(reception.edit('person', personId, {}, { alerts: ['wheelchair'] }));
    expect(alerts?.ops[0]?.rejection).toMatchObject({ rule: 'rights', code: 'fieldNotAllowed' });
  });

  it('a push tells nothing of a document that its author may not see and never had: it is answered like one that is not there', async () => {
    const elsewhere = house.desk('reception', [house.otherSiteId]);
    const { stayId, personId } = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    const nobody = newId();
    const asked = (id: string): unknown[] => [
      { ...elsewhere.edit('person', id, {}, { givenName: 'X' }), siteId: house.siteId },
      elsewhere.edit('person', id, {}, { givenName: 'X' }),
      elsewhere.edit('stay', id, {}, { note: 'x' }),
      elsewhere.edit('person', id, {}, { alerts: ['wheelchair'] }),
      elsewhere.edit('room', id, {}, { note: 'x' }),
      elsewhere.create('contact', { personId: id, contactKind: 'phone', value: '20000000' }),
    ];
    const answers = async (id: string): Promise<unknown[]> => {
      const replies = [];
      for (const row of asked(id)) replies.push(...(await elsewhere.push(row)));
      return replies.map(({ outcome, ops, master }) => [
        outcome,
        ops.map(({ rejection }) => rejection),
        { ...master, id: '' },
      ]);
    };
    const logged = house.changes.length;
    const unknown = await answers(nobody);
    const noted = house.changes.length - logged;
    expect(unknown.map((answer) => (answer as unknown[])[0])).toContain('waits');
    for (const id of [personId, stayId, house.beds['201A']!]) {
      const before = house.changes.length;
      const theirs = await answers(id);
      expect(theirs).toEqual(unknown);
      expect(house.changes.length - before).toBe(noted);
    }
  });

  it('a document that the desk had is refused in words, and a number that is taken is taken whoever has it', async () => {
    const desk = house.desk('reception');
    const { personId, stayId } = await guest(house, null, '2026-11-21', '2026-12-05');
    await house.service.pull(desk.actor, 'people', { checkpoint: null, limit: 100 });
    const moved: typeof desk.actor = {
      ...desk.actor,
      subject: { ...desk.actor.subject, siteIds: [house.otherSiteId] },
    };
    const edit = desk.edit('person', personId, {}, { givenName: 'X' });
    const [lost] = (await house.service.push(moved, 'people', [edit])).rows;
    expect(lost).toMatchObject({ outcome: 'rejected', master: { deleted: true } });
    expect(lost?.ops[0]?.rejection?.code).toBe('outOfScope');
    const stranger = house.desk('reception', [house.otherSiteId]);
    for (const [who, kind] of [
      [desk, 'person'],
      [stranger, 'person'],
      [stranger, 'reservation'],
    ] as const) {
      const fields =
        kind === 'person'
          ? { familyName: 'Cits', givenName: 'Testa' }
          : { reservationKind: 'paid', state: 'confirmed' };
      const row = { ...who.create(kind, fields), id: kind === 'person' ? personId : stayId };
      expect((await who.push(row))[0]?.ops[0]?.rejection?.code).toBe('exists');
    }
  });

  it('what somebody else was refused to make is awaited like anything that is not there', async () => {
    const desk = house.desk('reception');
    const other = house.desk('reception');
    const bad = desk.create('person', { familyName: '', givenName: 'Testa' });
    await desk.push(bad);
    const contact = (who: typeof desk): unknown =>
      who.create('contact', { personId: bad.id, contactKind: 'phone', value: '20000001' });
    expect((await desk.push(contact(desk)))[0]?.ops[0]?.rejection?.code).toBe('missing');
    expect((await other.push(contact(other)))[0]?.outcome).toBe('waits');
  });

  it('an operation with the number of another one is refused, not answered as its replay', async () => {
    const desk = house.desk('reception');
    const { stayId, fields } = await guest(house, null, '2026-11-21', '2026-12-05');
    const row = desk.edit('stay', stayId, fields, { ...fields, note: 'viens', dietCode: 'GL' });
    const [first] = await desk.push(row);
    const [op] = row.ops;
    const other = { ...row, ops: [{ ...op!, changes: { note: { before: null, after: 'divi' } } }] };
    const [answer] = await desk.push(other);
    expect(answer?.ops[0]?.rejection?.code).toBe('opChanged');
    expect(answer?.master.fields).toMatchObject({ note: 'viens' });
    expect((await desk.push({ ...row, ops: [{ ...op!, reason: 'cits' }] }))[0]?.ops[0]?.rejection?.code).toBe(
      'opChanged',
    );
    // After a restore a desk sends again what was taken of it.
    const part = { ...row, ops: [{ ...op!, changes: { note: op!.changes['note']! } }] };
    expect((await desk.push(part))[0]?.ops).toEqual(first?.ops);
  });

  it('a rule is set aside only by a role that may, and only with a reason', async () => {
    const reception = house.desk('reception');
    const manager = house.desk('dutyManager');
    const { stayId, fields } = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    const checkIn = (desk: typeof manager, reason?: string): ReturnType<typeof desk.edit> =>
      desk.edit(
        'stay',
        stayId,
        fields,
        { ...fields, state: 'in_house' },
        { kind: 'stay.checkIn', override: ['I15'], ...(reason ? { reason } : {}) },
      );
    expect((await reception.push(checkIn(reception, 'avārija naktī')))[0]?.ops[0]?.rejection?.code).toBe(
      'overrideRight',
    );
    expect((await manager.push(checkIn(manager)))[0]?.ops[0]?.rejection?.code).toBe('overrideReason');
    expect((await manager.push(checkIn(manager, 'avārija naktī')))[0]?.outcome).toBe('accepted');
  });

  it('C3.1: a personas kods in use makes the second person provisional, with a task; nobody is revealed to those who may not see', async () => {
    const code = { personalCode: '329999-99901', birthDate: '1980-05-05' };
    const first = await house.put('person', { familyName: 'Pirmā', givenName: 'Testa', ...code });
    const desk = house.desk('reception');
    const [known] = await desk.push(
      desk.create('person', { familyName: 'Otrā', givenName: 'Testa', ...code }),
    );
    expect(known).toMatchObject({
      outcome: 'accepted',
      ops: [{ warnings: ['provisional'] }],
      master: { fields: { provisional: true } },
    });
    expect((await openTasks())[0]).toMatchObject({
      taskKind: 'duplicateCandidate',
      personIds: [known!.id, first],
    });
    const other = house.desk('reception', [house.otherSiteId]);
    const [hidden] = await other.push(
      other.create('person', { familyName: 'Trešā', givenName: 'Testa', ...code }),
    );
    expect(hidden?.outcome).toBe('accepted');
    const task = (await openTasks()).find((entry) => entry['taskKind'] === 'provisionalPerson');
    expect(task?.['personIds']).toEqual([hidden!.id]);
    expect(JSON.stringify(hidden)).not.toContain(first);
  });
});

describe('taking back', () => {
  const cancelled = async (desk: ReturnType<House['desk']>, group?: { id: string; size: number }) => {
    const { stayId, fields } = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    const after = { ...fields, state: 'cancelled' };
    const extra = { kind: 'stay.cancel', ...(group === undefined ? {} : { group }) };
    const row = desk.edit('stay', stayId, fields, after, extra);
    const back = (over: object = {}, who = desk): typeof row =>
      who.edit('stay', stayId, after, fields, { kind: 'undo', undoes: row.ops[0]!.opId, ...over });
    return { stayId, fields, after, row, back };
  };

  it('reverses an operation of the same document by its author, or by somebody who may set rules aside', async () => {
    const desk = house.desk('reception');
    const { row, back, stayId } = await cancelled(desk);
    await desk.push(row);
    const colleague = house.desk('reception');
    const [byOther] = await colleague.push(back({}, colleague));
    expect(byOther?.ops[0]?.rejection?.code).toBe('undoNotOwn');
    expect((await desk.push(back()))[0]?.outcome).toBe('accepted');
    expect((await stayOf(stayId)).state).toBe('expected');
    const again = await cancelled(desk);
    await desk.push(again.row);
    const manager = house.desk('dutyManager');
    expect((await manager.push(again.back({}, manager)))[0]?.outcome).toBe('accepted');
  });

  it('is refused when it names nothing, another document, something else than it reverses, or an old act', async () => {
    const desk = house.desk('reception');
    const { row, back, stayId, fields, after } = await cancelled(desk);
    const other = await cancelled(desk);
    await desk.push(row, other.row);
    const code = async (what: ReturnType<typeof back>): Promise<string | undefined> =>
      (await desk.push(what))[0]?.ops[0]?.rejection?.code;
    expect(await code(back({ undoes: newId() }))).toBe('undoUnknown');
    expect(await code(back({ undoes: other.row.ops[0]!.opId }))).toBe('undoUnknown');
    const more = desk.edit('stay', stayId, after, { ...fields, note: 'un vēl' }, { kind: 'undo' });
    more.ops[0]!.undoes = row.ops[0]!.opId;
    expect(await code(more)).toBe('undoDiffers');
    expect(await code(back({ at: '2026-11-21T07:59:00.000Z' }))).toBe('undoTooLate');
    house.clock.nowMs += 3_600_001;
    expect(await code(back())).toBe('undoTooLate');
    expect((await stayOf(stayId)).state).toBe('cancelled');
  });

  it('takes back a group as a group', async () => {
    const desk = house.desk('reception');
    const group = { id: newId(), size: 2 };
    const one = await cancelled(desk, group);
    const reservation = desk.edit(
      'reservation',
      one.fields['reservationId'] as string,
      { state: 'confirmed' },
      { state: 'cancelled' },
      { group },
    );
    await desk.push(one.row, reservation);
    const part = (await desk.push(one.back()))[0]?.ops[0];
    expect(part?.rejection?.code).toBe('undoDiffers');
    const whole = { id: newId(), size: 2 };
    const back = desk.edit(
      'reservation',
      reservation.id,
      { state: 'cancelled' },
      { state: 'confirmed' },
      { group: whole, undoes: reservation.ops[0]!.opId },
    );
    const answers = await desk.push(one.back({ group: whole }), back);
    expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted']);
  });

  it('of a document that was made ends it by ordinary steps only', async () => {
    const desk = house.desk('reception');
    const row = desk.create('stay', await stayFields(house.beds['201A']!, '2026-11-21', '2026-12-05'));
    const [made] = await desk.push(row);
    const undoes = row.ops[0]!.opId;
    const ending = (state: string): ReturnType<typeof desk.edit> =>
      desk.edit(
        'stay',
        row.id,
        made!.master.fields,
        { ...(made!.master.fields as Fields), state },
        {
          kind: 'undo',
          undoes,
        },
      );
    expect((await desk.push(ending('departed')))[0]?.ops[0]?.rejection?.code).toBe('wrongState');
    expect((await desk.push(ending('cancelled')))[0]?.outcome).toBe('accepted');
  });
});

describe('what a hostile reader found', () => {
  const checkin = (by: string): Fields => ({ identity: { doneAt: '2026-11-21T07:00:00.000Z', by } });

  it('work of yesterday that arrives after midnight is judged by its own day', async () => {
    const desk = house.desk('reception');
    const fields = await stayFields(house.beds['201A']!, '2026-11-21', '2026-11-28', {
      checkin: checkin(desk.actor.subject.userId),
    });
    const row = desk.create('stay', fields);
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    house.clock.nowMs = Date.parse('2026-11-22T01:00:00.000Z');
    expect((await desk.push(row))[0]?.outcome).toBe('accepted');
    const older = desk.create('stay', await stayFields(house.beds['202A']!, '2026-10-01', '2026-10-05'), {
      at: '2026-10-01T10:00:00.000Z',
    });
    expect((await desk.push(older))[0]?.ops[0]?.rejection?.rule).toBe('I10');
  });

  it('a guest who was booked and checked in offline keeps the bed, whatever the order of the operations', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    const expected = await guest(house, bed, '2026-11-21', '2026-12-05');
    const row = desk.create('stay', await stayFields(bed, '2026-11-21', '2026-11-28'));
    row.ops.push(desk.op('edit', { checkin: { before: null, after: checkin(desk.actor.subject.userId) } }));
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    const [answer] = await desk.push(row);
    expect(answer?.ops.map((op) => op.outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await stayOf(row.id)).toMatchObject({ state: 'in_house', segments: [{ bedId: bed }] });
    expect(await stayOf(expected.stayId)).toMatchObject({ unconfirmed: true, segments: [{ bedId: null }] });
  });

  it('a guest who lost the bed to another guest in house can still be checked in', async () => {
    const desk = house.desk('reception');
    const bed = house.beds['201A']!;
    await guest(house, bed, '2026-11-21', '2026-12-05', { state: 'in_house' });
    const row = desk.create(
      'stay',
      await stayFields(bed, '2026-11-21', '2026-11-28', { checkin: checkin(desk.actor.subject.userId) }),
    );
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    const [answer] = await desk.push(row);
    expect(answer?.outcome).toBe('accepted');
    expect(await stayOf(row.id)).toMatchObject({ state: 'in_house', unconfirmed: true });
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
    const [late] = await desk.push(desk.create('stay', await stayFields(bed, '2026-11-22', '2026-11-24')));
    expect(late?.ops[0]?.warnings).toEqual(['unconfirmed']);
  });

  it('I3: a bed added to a room that is let or closed as a whole is held as well', async () => {
    const manager = house.desk('dutyManager');
    const bed = house.beds['201A']!;
    const roomId = (await house.doc(bed)).fields['roomId'] as string;
    const segment = { id: newId(), bedId: bed, from: '2026-11-25', to: '2026-12-01', privateUse: true };
    const alone = manager.create(
      'stay',
      await stayFields(bed, '2026-11-25', '2026-12-01', { segments: [segment] }),
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
      await stayFields(bed, '2026-11-21', '2026-11-28', { checkin: checkin(desk.actor.subject.userId) }),
    );
    row.ops.push(desk.op('stay.checkIn', { state: { before: 'expected', after: 'in_house' } }));
    await desk.push(row);
    expect((await openTasks()).map((task) => (task['stayIds'] as string[])[0]).sort()).toEqual(
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
      ...(await stayFields(null, from, to)),
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
