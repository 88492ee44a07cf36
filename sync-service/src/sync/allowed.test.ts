import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
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
    expect((await house.openTasks())[0]).toMatchObject({
      taskKind: 'duplicateCandidate',
      personIds: [known!.id, first],
    });
    const other = house.desk('reception', [house.otherSiteId]);
    const [hidden] = await other.push(
      other.create('person', { familyName: 'Trešā', givenName: 'Testa', ...code }),
    );
    expect(hidden?.outcome).toBe('accepted');
    const task = (await house.openTasks()).find((entry) => entry['taskKind'] === 'provisionalPerson');
    expect(task?.['personIds']).toEqual([hidden!.id]);
    expect(JSON.stringify(hidden)).not.toContain(first);
  });
});
