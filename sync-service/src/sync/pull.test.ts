import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { PullResponse } from '@sivis/shared/protocol/messages/sync.ts';
import { encodeCheckpoint, decodeCheckpoint } from './checkpoint.ts';
import { guest, openHouse, type House, type TestDesk } from './testKit.ts';
import { rollWindow } from './window.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

const pull = (
  desk: TestDesk,
  checkpoint: string | null,
  limit = 100,
  collection = 'lodging' as const,
): Promise<PullResponse> => house.service.pull(desk.actor, collection, { checkpoint, limit });

/** Reads everything and returns what the desk holds and the last checkpoint. */
async function readAll(
  desk: TestDesk,
  limit = 100,
  from: { held: Map<string, Fields>; checkpoint: string | null } = { held: new Map(), checkpoint: null },
  collection: 'lodging' | 'people' | 'reference' | 'work' = 'lodging',
): Promise<{ held: Map<string, Fields>; checkpoint: string | null }> {
  let { checkpoint } = from;
  const { held } = from;
  for (let more = true; more;) {
    const page = await house.service.pull(desk.actor, collection, { checkpoint, limit });
    if (page.more) expect(page.documents).toHaveLength(limit);
    for (const doc of page.documents) {
      if (doc.deleted) held.delete(doc.id);
      else held.set(doc.id, doc.fields);
    }
    checkpoint = page.checkpoint;
    more = page.more;
  }
  return { held, checkpoint };
}

describe('a pull', () => {
  it('fills its pages by rights: foreign documents in between leave no short page', async () => {
    for (let count = 0; count < 6; count += 1) {
      await guest(house, null, '2026-11-21', '2026-12-05');
      await house.put(
        'reservation',
        { reservationKind: 'paid', state: 'confirmed' },
        undefined,
        house.otherSiteId,
      );
    }
    const desk = house.desk('reception');
    const small = await readAll(desk, 2);
    const large = await readAll(house.desk('reception'), 100);
    expect(new Set(small.held.keys())).toEqual(new Set(large.held.keys()));
    expect(small.held.size).toBe(12);
  });

  it('an empty page brings a later checkpoint, and nothing is read twice', async () => {
    const desk = house.desk('reception');
    const { checkpoint } = await readAll(desk);
    await house.put(
      'reservation',
      { reservationKind: 'paid', state: 'confirmed' },
      undefined,
      house.otherSiteId,
    );
    const empty = await pull(desk, checkpoint);
    expect(empty.documents).toEqual([]);
    expect(empty.checkpoint).not.toBe(checkpoint);
  });

  it('redacts fields, never sends another role the person of a stay', async () => {
    await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05', { dietCode: 'GL' });
    const { held } = await readAll(house.desk('catering'));
    const stay = [...held.values()].find((fields) => fields['dietCode'] === 'GL');
    expect(stay).toMatchObject({ arriveDate: '2026-11-21', dietCode: 'GL' });
    expect(Object.keys(stay ?? {})).not.toContain('personId');
    expect((await readAll(house.desk('catering'), 100, undefined, 'people')).held.size).toBe(0);
    expect((await readAll(house.desk('it'))).held.size).toBe(0);
  });

  it('what a role may no longer read comes as a blank, again and again until the desk has read past it', async () => {
    const desk = house.desk('specialist');
    const specialistIds = [desk.actor.subject.userId];
    const { stayId, personId } = await guest(house, null, '2026-11-21', '2026-12-05', { specialistIds });
    const lodging = await readAll(desk);
    const people = await readAll(desk, 100, undefined, 'people');
    expect([...lodging.held.keys()]).toContain(stayId);
    expect([...people.held.keys()]).toEqual([personId]);
    const manager = house.desk('dutyManager');
    await manager.push(manager.edit('stay', stayId, { specialistIds }, {}));
    for (let lost = 0; lost < 3; lost += 1) {
      const page = await pull(desk, lodging.checkpoint);
      expect(page.documents.find((doc) => doc.id === stayId)).toEqual({
        id: stayId,
        kind: 'stay',
        siteId: '',
        rev: 0,
        deleted: true,
        fields: {},
      });
    }
    expect((await readAll(desk, 100, people, 'people')).held.size).toBe(0);
    const after = await readAll(desk, 100, lodging);
    const later = await pull(desk, after.checkpoint);
    expect(later.documents).toEqual([]);
    expect((await readAll(desk)).held.has(stayId)).toBe(false);
  });

  it('counts the removals to come and what the desk holds, for the question to a human', async () => {
    const desk = house.desk('specialist');
    const specialistIds = [desk.actor.subject.userId];
    const guests = [];
    for (let count = 0; count < 4; count += 1)
      guests.push(await guest(house, null, '2026-11-21', '2026-12-05', { specialistIds }));
    const before = await readAll(desk);
    const manager = house.desk('dutyManager');
    for (const { stayId } of guests) await manager.push(manager.edit('stay', stayId, { specialistIds }, {}));
    const page = await pull(desk, before.checkpoint, 3);
    expect(page.removals).toBe(8);
    expect(page.held).toBe(8);
  });

  it('a person enters the desk with the stay that brings her, though she was never changed', async () => {
    const personId = await house.put('person', { familyName: 'Sen', givenName: 'Testa' });
    const desk = house.desk('reception');
    const before = await readAll(desk, 100, undefined, 'people');
    expect(before.held.has(personId)).toBe(false);
    const reservationId = await house.put('reservation', { reservationKind: 'state', state: 'confirmed' });
    await desk.push(
      desk.create('stay', {
        reservationId,
        personId,
        arriveDate: '2026-12-01',
        departDate: '2026-12-15',
        segments: [
          { id: '0198f2b0-0000-7000-8000-000000000001', bedId: null, from: '2026-12-01', to: '2026-12-15' },
        ],
        state: 'expected',
        boardPlan: 'full',
      }),
    );
    expect((await readAll(desk, 100, before, 'people')).held.has(personId)).toBe(true);
  });

  it('the window moves with the day: 60 days after departure stay, person and reservation leave the desk', async () => {
    await rollWindow(house.store, rigaDate(house.clock.nowMs));
    const { stayId, personId } = await guest(house, null, '2026-11-21', '2026-12-05');
    const desk = house.desk('reception');
    const lodging = await readAll(desk);
    const people = await readAll(desk, 100, undefined, 'people');
    house.clock.nowMs = Date.parse('2027-02-03T08:00:00.000Z');
    await rollWindow(house.store, '2027-02-03');
    expect((await readAll(desk, 100, lodging)).held.has(stayId)).toBe(true);
    house.clock.nowMs = Date.parse('2027-02-04T08:00:00.000Z');
    await rollWindow(house.store, '2027-02-04');
    expect((await readAll(desk, 100, lodging)).held.has(stayId)).toBe(false);
    expect((await readAll(desk, 100, people, 'people')).held.has(personId)).toBe(false);
    expect(await rollWindow(house.store, '2027-02-04')).toBe(0);
  });

  it('the window moves with the day for blocks as for stays', async () => {
    await rollWindow(house.store, rigaDate(house.clock.nowMs));
    const manager = house.desk('dutyManager');
    const block = manager.create('block', {
      scope: 'bed',
      targetId: house.beds['201A']!,
      blockKind: 'outOfOrder',
      from: '2026-11-21',
      to: '2026-12-05',
      reason: 'Remonts',
      state: 'active',
    });
    await manager.push(block);
    const desk = house.desk('reception');
    const lodging = await readAll(desk);
    expect(lodging.held.has(block.id)).toBe(true);
    house.clock.nowMs = Date.parse('2027-02-04T08:00:00.000Z');
    expect(await rollWindow(house.store, '2027-02-04')).toBe(1);
    expect((await readAll(desk, 100, lodging)).held.has(block.id)).toBe(false);
  });

  it('a client of old does not come back to a specialist, or to a site, because she stays elsewhere now', async () => {
    const specialist = house.desk('specialist');
    const reception = house.desk('reception');
    const personId = await house.put('person', { familyName: 'Bijusī', givenName: 'Testa' });
    await house.put('stay', {
      reservationId: newId(),
      personId,
      arriveDate: '2026-06-01',
      departDate: '2026-06-15',
      segments: [],
      state: 'departed',
      boardPlan: 'full',
      specialistIds: [specialist.actor.subject.userId],
    });
    await house.put(
      'stay',
      {
        reservationId: newId(),
        personId,
        arriveDate: '2026-11-20',
        departDate: '2026-12-04',
        segments: [],
        state: 'in_house',
        boardPlan: 'full',
      },
      newId(),
      house.otherSiteId,
    );
    for (const desk of [specialist, reception])
      expect((await readAll(desk, 100, undefined, 'people')).held.has(personId)).toBe(false);
    const there = house.desk('reception', [house.otherSiteId]);
    expect((await readAll(there, 100, undefined, 'people')).held.has(personId)).toBe(true);
  });

  it('changed rights and another epoch start anew and say which of the two it was', async () => {
    await guest(house, null, '2026-11-21', '2026-12-05');
    const desk = house.desk('reception');
    const { checkpoint } = await readAll(desk);
    const promoted = { ...desk.actor, subject: { ...desk.actor.subject, role: 'dutyManager' as const } };
    const byRights = await house.service.pull(promoted, 'lodging', { checkpoint, limit: 100 });
    expect(byRights.resync).toBe('rights');
    expect(byRights.documents.length).toBe(2);
    await house.store.write((tx) => tx.setMeta('epoch', 'after-restore'));
    expect((await pull(desk, checkpoint)).resync).toBe('epoch');
  });

  it('rights that were taken and given back start anew: in between documents may have gone from the desk', async () => {
    const { stayId } = await guest(house, null, '2026-11-21', '2026-12-05');
    const desk = house.desk('reception');
    const { checkpoint } = await readAll(desk);
    expect((await pull(desk, checkpoint)).documents).toEqual([]);
    const { userId, role, siteIds } = desk.actor.subject;
    await house.store.write(async (tx) => {
      await tx.addFormerRight(userId, { until: '2026-11-21T10:00:00.000Z', role, siteIds });
      await tx.addFormerRight(userId, { until: '2026-11-21T10:05:00.000Z', role: 'it', siteIds });
    });
    const page = await pull(desk, checkpoint);
    expect(page.resync).toBe('rights');
    expect(page.documents.map(({ id }) => id)).toContain(stayId);
    expect((await pull(desk, page.checkpoint)).resync).toBe('no');
  });

  it('hands nothing over without an entry in the log', async () => {
    const { stayId, personId } = await guest(house, null, '2026-11-21', '2026-12-05');
    await readAll(house.desk('reception'));
    expect(house.handedOver.flatMap((event) => event.deliveredIds)).toContain(stayId);
    expect(house.handedOver.flatMap((event) => event.personIds)).toContain(personId);
  });

  it('lists ids for reconciliation', async () => {
    const { stayId } = await guest(house, null, '2026-11-21', '2026-12-05');
    const desk = house.desk('reception');
    const first = await house.service.ids(desk.actor, 'lodging', '', 1);
    expect(first.more).toBe(true);
    const rest = await house.service.ids(desk.actor, 'lodging', first.ids[0]!, 100);
    expect([...first.ids, ...rest.ids]).toContain(stayId);
    expect(rest.more).toBe(false);
  });
});

describe('a checkpoint', () => {
  const key = Buffer.alloc(32, 3);
  it('is opaque, signed, and comes back as it was', () => {
    const checkpoint = { epoch: 'e', seq: 42, rights: 'r' };
    const desk = { userId: newId(), deviceId: newId() };
    const text = encodeCheckpoint(checkpoint, desk, key);
    expect(decodeCheckpoint(text, desk, key)).toEqual(checkpoint);
    for (const forged of [
      '',
      'x',
      `${text}x`,
      `x${text}`,
      text.replace('.', ''),
      encodeCheckpoint(checkpoint, desk, Buffer.alloc(32, 4)),
      encodeCheckpoint(checkpoint, { ...desk, deviceId: newId() }, key),
      encodeCheckpoint(checkpoint, { ...desk, userId: newId() }, key),
    ]) {
      expect(() => decodeCheckpoint(forged, desk, key)).toThrow('BAD_CHECKPOINT');
    }
  });
});
