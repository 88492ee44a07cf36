import { newId } from '@sivis/shared/ids/ids.ts';
import {
  book,
  checkIn,
  createDraft,
  endUnused,
  moveStay,
  patchDraft,
  swapBeds,
} from '@sivis/shared/lodging/commands.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removed } from '../core/reconcile.ts';
import type { ConflictRecord, OutboxRecord } from '../core/records.ts';
import { testDesk } from '../db/testDesk.ts';
import { testService } from '../db/testService.ts';
import type { ReadOnly } from '../readOnly.ts';
import { createCommands } from './commands.ts';
import { createDesk } from './desk.ts';
import { createInbox } from './inbox.ts';
import { watchPending } from './pending.ts';

const SITE = newId();
const USER = newId();
const DEVICE = newId();
const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const at = (run: () => void): void => {
  run();
};

async function setUp(role: Role = 'reception') {
  const service = testService();
  const base = await testDesk(service.calls);
  base.usable.set(false);
  let now = NOW;
  let readOnly: ReadOnly | null = null;
  const clock = { now: () => now };
  const desk = createDesk(base.store, at);
  const subject = { userId: USER, role, siteIds: [SITE] };
  const commands = createCommands({
    desk,
    store: base.store,
    outbox: base.outbox,
    clock,
    subject,
    deviceId: DEVICE,
    readOnly: () => readOnly,
  });
  const inbox = createInbox({ outbox: base.outbox, desk, commands: () => commands, clock });
  const ids = {
    room: newId(),
    building: newId(),
    floor: newId(),
    bedA: newId(),
    bedB: newId(),
    anna: newId(),
    zane: newId(),
  };
  const put = (kind: Parameters<typeof createDraft>[0], id: string, fields: object) => {
    const draft = createDraft(kind, SITE, fields, id);
    const op = {
      opId: newId(),
      kind: 'create',
      at: '2026-11-01T10:00:00.000Z',
      actor: USER,
      device: DEVICE,
      changes: draft.changes as never,
    };
    return { id, kind, siteId: SITE, op };
  };
  await base.store.write([
    put('room', ids.room, {
      buildingId: ids.building,
      floorId: ids.floor,
      number: '214',
      roomType: 'divvietīga',
      sexPolicy: 'any',
      adapted: false,
      order: 1,
    }),
    put('bed', ids.bedA, { roomId: ids.room, label: 'A', bedKind: 'fixed', order: 1 }),
    put('bed', ids.bedB, { roomId: ids.room, label: 'B', bedKind: 'fixed', order: 2 }),
    put('person', ids.anna, { familyName: 'Bērziņa', givenName: 'Anna', sex: 'F' }),
    put('person', ids.zane, { familyName: 'Kalniņa', givenName: 'Zane', sex: 'F' }),
  ]);
  const stayIn = (personId: string, bedId: string, from = '2026-11-21', to = '2026-11-25') =>
    book({
      siteId: SITE,
      personId,
      reservation: { reservationKind: 'state', state: 'confirmed' },
      from,
      to,
      bedId,
      boardPlan: 'full',
    });
  const target = (id: string) => {
    const doc = desk.get('stay', id);
    if (doc === undefined) throw new Error('no such stay');
    return { id, siteId: doc.siteId, fields: doc.fields as unknown as Fields };
  };
  return {
    ...base,
    desk,
    commands,
    inbox,
    ids,
    stayIn,
    target,
    only: (why: ReadOnly | null) => {
      readOnly = why;
    },
    later: (ms: number) => {
      now += ms;
    },
  };
}

describe('commands', () => {
  let world: Awaited<ReturnType<typeof setUp>>;
  beforeEach(async () => {
    world = await setUp();
  });
  afterEach(async () => {
    await world.close();
  });

  it.each(['leaseEnding', 'diskFull'] as const)(
    'writes nothing while %s, says why, and forgets no undo',
    async (why) => {
      const { commands, ids, stayIn, only, store, desk } = world;
      await commands.execute(stayIn(ids.anna, ids.bedA), { label: 'Rezervēt' });
      only(why);
      const drafts = stayIn(ids.zane, ids.bedB);
      const reasons = new Set(commands.check(drafts).map(({ violation }) => violation.code));
      expect(reasons).toEqual(new Set([why]));
      expect(await commands.execute(drafts, { label: 'x' })).toMatchObject({ ok: false, reason: 'rules' });
      expect(store.get('lodging', drafts[1].id)).toBeUndefined();
      expect((await commands.undo())?.result).toMatchObject({ ok: false, reason: 'rules' });
      only(null);
      expect((await commands.undo())?.result.ok).toBe(true);
      expect(desk.staysOfPerson(ids.anna)[0]?.fields.state).toBe('cancelled');
    },
  );

  it('writes a booking as one group, shown at once and pending', async () => {
    const { commands, desk, ids, stayIn, store } = world;
    const drafts = stayIn(ids.anna, ids.bedA);
    const result = await commands.execute(drafts, { label: 'Rezervēt' });
    if (!result.ok) throw new Error(result.violations[0]?.violation.code);
    const stay = desk.get('stay', drafts[1].id);
    expect(stay).toMatchObject({
      pending: [{ kind: 'create', at: expect.any(String) as string }],
      rev: 0,
      fields: { personId: ids.anna, state: 'expected' },
    });
    expect(desk.staysOfBed(ids.bedA).map((doc) => doc.id)).toEqual([drafts[1].id]);
    const ops = drafts.map((draft) => store.get('lodging', draft.id)?.ops[0]);
    expect(ops[0]?.group).toEqual({ id: ops[1]?.group?.id, size: 2 });
    expect(ops[0]).toMatchObject({
      actor: USER,
      device: DEVICE,
      at: '2026-11-21T10:00:00.000Z',
      kind: 'create',
    });
  });

  it('groups by collection only: a push goes by collection', async () => {
    const { commands, ids, store, outbox } = world;
    const personId = newId();
    const person = createDraft('person', SITE, { familyName: 'Liepa', givenName: 'Ilze' }, personId);
    const drafts = [person, ...world.stayIn(personId, ids.bedA)];
    expect((await commands.execute(drafts, { label: 'Jauns klients', undoable: false })).ok).toBe(true);
    expect(store.get('people', personId)?.ops[0]?.group).toBeUndefined();
    expect(await outbox.all('intent')).toEqual([]);
  });

  it('finishes a command over several collections that a crash cut in two', async () => {
    const { commands, store, outbox, ids } = world;
    const [reservation, stay] = world.stayIn(ids.anna, ids.bedA);
    const op = (draft: typeof stay) => ({
      opId: newId(),
      kind: 'create',
      at: '2026-11-21T10:00:00.000Z',
      actor: USER,
      device: DEVICE,
      changes: draft.changes as never,
    });
    const writes = [reservation, stay].map((draft) => ({
      id: draft.id,
      kind: draft.kind,
      siteId: SITE,
      op: op(draft),
    }));
    await outbox.put([{ id: newId(), kind: 'intent', data: { writes } }]);
    await store.write(writes.slice(0, 1));
    await commands.finishInterrupted();
    expect(store.get('lodging', stay.id)?.ops).toHaveLength(1);
    expect(store.get('lodging', reservation.id)?.ops).toHaveLength(1);
    expect(await outbox.all('intent')).toEqual([]);
  });

  it('refuses what breaks a rule, with its number, and writes nothing', async () => {
    const { commands, ids, stayIn, store, target } = world;
    const [, stay] = stayIn(ids.anna, ids.bedA);
    await commands.execute(stayIn(ids.anna, ids.bedA), { label: 'x' });
    const before = store.count('lodging');
    const clash = await commands.execute(stayIn(ids.zane, ids.bedA), { label: 'x' });
    expect(clash).toMatchObject({ ok: false, reason: 'rules' });
    if (clash.ok) throw new Error('it was taken');
    expect(clash.violations.map((entry) => entry.violation)).toContainEqual(
      expect.objectContaining({
        rule: 'I1',
        code: 'bedTaken',
        params: { bed: '214 A', from: '21.11.2026', to: '25.11.2026' },
      }),
    );
    expect(store.count('lodging')).toBe(before);
    expect(stay.id).toBeDefined();
    const booked = [...world.desk.all('stay').values()][0];
    if (booked === undefined) throw new Error('no stay');
    const arrival = await commands.execute([checkIn(target(booked.id), '2026-11-21T10:00:00.000Z')], {
      label: 'x',
    });
    expect(arrival).toMatchObject({ ok: false, violations: [{ violation: { rule: 'I15' } }] });
  });

  it('judges the parts of one command together: two guests may exchange their beds', async () => {
    const { commands, ids, stayIn, desk, target } = world;
    const [, a] = stayIn(ids.anna, ids.bedA);
    const first = stayIn(ids.anna, ids.bedA);
    const second = stayIn(ids.zane, ids.bedB);
    await commands.execute(first, { label: 'x' });
    await commands.execute(second, { label: 'x' });
    expect(a).toBeDefined();
    const result = await commands.execute(swapBeds(target(first[1].id), target(second[1].id), '2026-11-21'), {
      label: 'Apmainīt',
    });
    expect(result.ok).toBe(true);
    expect(desk.get('stay', first[1].id)?.fields.segments[0]?.bedId).toBe(ids.bedB);
    expect(desk.get('stay', second[1].id)?.fields.segments[0]?.bedId).toBe(ids.bedA);
  });

  it('takes an act back and does it again, and not after ten minutes', async () => {
    const { commands, ids, stayIn, desk, target } = world;
    const drafts = stayIn(ids.anna, ids.bedA);
    const stayId = drafts[1].id;
    await commands.execute(drafts, { label: 'Rezervēt' });
    const move = () =>
      moveStay(target(stayId), { bedId: ids.bedB, arriveDate: '2026-11-21', today: '2026-11-21' });
    await commands.execute([move()], { label: 'Pārvietot' });
    const bed = () => desk.get('stay', stayId)?.fields.segments[0]?.bedId;
    expect(bed()).toBe(ids.bedB);
    let shown = { undo: null as string | null, redo: null as string | null };
    commands.undoState.subscribe((now) => {
      shown = now;
    });
    expect(shown).toEqual({ undo: 'Pārvietot', redo: null });
    expect((await commands.undo())?.result.ok).toBe(true);
    expect(bed()).toBe(ids.bedA);
    expect(shown).toEqual({ undo: 'Rezervēt', redo: 'Pārvietot' });
    expect((await commands.redo())?.result.ok).toBe(true);
    expect(bed()).toBe(ids.bedB);
    const ops = world.store.get('lodging', stayId)?.ops ?? [];
    expect(ops.at(-1)?.undoes).toBe(ops.at(-2)?.opId);
    world.later(600_001);
    commands.tick();
    expect(shown).toEqual({ undo: null, redo: null });
    expect(await commands.undo()).toBeNull();
  });

  it('does not take back what somebody went on from', async () => {
    const { commands, ids, desk } = world;
    const person = desk.get('person', ids.anna);
    if (person === undefined) throw new Error('no person');
    const patch = (givenName: string) => {
      const now = desk.get('person', ids.anna);
      return patchDraft(
        'person',
        { id: ids.anna, siteId: SITE, fields: now?.fields as unknown as Fields },
        'edit',
        { givenName },
      );
    };
    const first = patch('Aija');
    await commands.execute([first], { label: 'Labot' });
    await world.store.write([
      {
        id: ids.anna,
        kind: 'person',
        siteId: SITE,
        op: {
          opId: newId(),
          kind: 'edit',
          at: '2026-11-21T10:00:00.000Z',
          actor: newId(),
          device: newId(),
          changes: { givenName: { before: 'Aija', after: 'Agnese' } },
        },
      },
    ]);
    expect((await commands.undo())?.result).toMatchObject({ ok: false, reason: 'stale' });
    expect(desk.get('person', ids.anna)?.fields.givenName).toBe('Agnese');
    expect(await commands.execute([first], { label: 'x' })).toMatchObject({ ok: false, reason: 'stale' });
  });

  it('keeps rights: reception may not change alerts', async () => {
    const { commands, ids, desk } = world;
    const fields = desk.get('person', ids.anna)?.fields as unknown as Fields;
    const draft = patchDraft('person', { id: ids.anna, siteId: SITE, fields }, 'edit', {
      alerts: ['noStairs'],
    });
    expect(await commands.execute([draft], { label: 'x' })).toMatchObject({
      ok: false,
      violations: [{ violation: { rule: 'rights', code: 'fieldNotAllowed', params: { field: 'alerts' } } }],
    });
  });

  it('settles a clash with a new operation against the value shown', async () => {
    const { inbox, ids, desk, store } = world;
    await inbox.file([
      {
        type: 'conflict',
        id: `${ids.anna}.givenName`,
        docId: ids.anna,
        kind: 'person',
        siteId: SITE,
        field: 'givenName',
        base: 'Anna',
        mine: 'Zane',
        theirs: 'Anna',
        mineAt: '2026-11-21T09:00:00.000Z',
        theirsBy: newId(),
        theirsAt: '2026-11-21T09:30:00.000Z',
        theirsDevice: newId(),
        theirsDeviceName: 'Galds 2',
        opId: newId(),
      },
    ]);
    expect((await inbox.settle(`${ids.anna}.givenName`, { take: 'mine' }, 'Pretruna'))?.ok).toBe(true);
    expect(desk.get('person', ids.anna)?.fields.givenName).toBe('Zane');
    expect(store.get('people', ids.anna)?.ops.at(-1)?.changes).toEqual({
      givenName: { before: 'Anna', after: 'Zane' },
    });
    expect(await world.outbox.all('conflict')).toEqual([]);
    let open: readonly unknown[] = [1];
    inbox.conflicts.subscribe((now) => {
      open = now;
    });
    expect(open).toEqual([]);
  });

  it('settles the clash of a command by the whole command, and all its clashes with it', async () => {
    const { inbox, ids, commands, stayIn, target, desk, store } = world;
    await commands.execute(stayIn(ids.anna, ids.bedA), { label: 'x' });
    const stay = desk.staysOfPerson(ids.anna)[0];
    if (stay === undefined) throw new Error('no stay');
    const draft = endUnused(target(stay.id), 'cancelled', 'ģimenes apstākļi');
    const op = {
      opId: newId(),
      kind: draft.op,
      at: '2026-11-21T09:00:00.000Z',
      actor: USER,
      device: DEVICE,
      changes: { ...draft.changes, state: { before: 'old', after: 'cancelled' } },
      reason: 'ģimenes apstākļi',
    };
    const clash = (field: string): ConflictRecord => ({
      type: 'conflict',
      id: `${stay.id}.${field}`,
      docId: stay.id,
      kind: 'stay',
      siteId: SITE,
      field,
      base: null,
      mine: field === 'state' ? 'cancelled' : 'ģimenes apstākļi',
      theirs: null,
      mineAt: op.at,
      theirsBy: '',
      theirsAt: op.at,
      theirsDevice: '',
      theirsDeviceName: '',
      opId: op.opId,
      op,
    });
    await inbox.file([clash('state'), clash('endReason')]);
    expect((await inbox.settle(`${stay.id}.state`, { take: 'mine' }, 'Atcelt'))?.ok).toBe(true);
    expect(store.get('lodging', stay.id)?.ops.at(-1)).toMatchObject({
      kind: 'stay.cancel',
      reason: 'ģimenes apstākļi',
      changes: {
        state: { before: 'expected', after: 'cancelled' },
        endReason: { before: null, after: 'ģimenes apstākļi' },
      },
    });
    expect(await world.outbox.all('conflict')).toEqual([]);
    await inbox.file([clash('state'), clash('endReason')]);
    expect(await inbox.settle(`${stay.id}.endReason`, { take: 'theirs' }, 'Atcelt')).toBeNull();
    expect(await world.outbox.all('conflict')).toEqual([]);
  });

  it('forgets of a removed document what only the service had told, at once or at the next start', async () => {
    const { inbox, ids, store, outbox } = world;
    const op = {
      opId: newId(),
      kind: 'edit',
      at: '2026-11-21T09:00:00.000Z',
      actor: USER,
      device: DEVICE,
      changes: { givenName: { before: 'Anna', after: 'Zane' } },
    };
    const of = { docId: ids.anna, kind: 'person', siteId: SITE };
    const records = (): OutboxRecord[] => [
      {
        ...of,
        type: 'conflict',
        id: `${ids.anna}.givenName`,
        field: 'givenName',
        base: 'Anna',
        mine: 'Zane',
        theirs: 'Aija',
        mineAt: op.at,
        theirsBy: '',
        theirsAt: op.at,
        theirsDevice: '',
        theirsDeviceName: '',
        opId: op.opId,
      },
      {
        ...of,
        type: 'rejection',
        id: op.opId,
        op,
        view: { givenName: 'Zane', familyName: 'Bērziņa' },
        rejection: { rule: 'T1', code: 'c', params: {}, message: 'c' },
      },
      {
        type: 'sent',
        id: newId(),
        at: '2026-11-21T09:00:00.000Z',
        collection: 'people',
        rows: [{ id: ids.anna, kind: 'person', siteId: SITE, ops: [op] }],
      },
    ];
    const kept = async (): Promise<string> =>
      JSON.stringify(
        await Promise.all((['conflict', 'rejection', 'sent'] as const).map((kind) => outbox.all(kind))),
      );
    await inbox.load();
    await inbox.file(records());
    expect(await kept()).toMatch(/Aija.*Bērziņa.*"type":"sent"/);
    await store.rewrite('people', [ids.anna], (doc) => (doc === undefined ? undefined : removed(doc)));
    // Waits its turn behind what the removal set off.
    await inbox.file([]);
    expect(await kept()).not.toMatch(/Aija|Bērziņa|"type":"sent"/);
    expect(await kept()).toMatch(/"mine":"Zane".*"view":\{"givenName":"Zane"\}/);

    await inbox.file(records());
    await inbox.load();
    expect(await kept()).not.toMatch(/Aija|Bērziņa|"type":"sent"/);
  });

  it('keeps an unsettled value beside a newer clash of the same field', async () => {
    const { inbox, ids } = world;
    const clash = (mine: string): ConflictRecord => ({
      type: 'conflict',
      id: `${ids.anna}.givenName`,
      docId: ids.anna,
      kind: 'person',
      siteId: SITE,
      field: 'givenName',
      base: 'Anna',
      mine,
      theirs: 'Aija',
      mineAt: '2026-11-21T09:00:00.000Z',
      theirsBy: '',
      theirsAt: '2026-11-21T09:30:00.000Z',
      theirsDevice: '',
      theirsDeviceName: '',
      opId: newId(),
    });
    await inbox.file([clash('Zane')]);
    await inbox.file([clash('Ilze'), clash('Inese')]);
    const [kept] = await world.outbox.all<ConflictRecord>('conflict');
    expect(kept?.data).toMatchObject({ mine: 'Inese', earlier: [{ mine: 'Zane' }, { mine: 'Ilze' }] });
  });

  it('counts what is pending', async () => {
    const watch = watchPending(world.store, at);
    const before = watch.read();
    expect(before.oldestAt).toBe('2026-11-01T10:00:00.000Z');
    await world.commands.execute(world.stayIn(world.ids.anna, world.ids.bedA), { label: 'x' });
    let shown = before;
    watch.pending.subscribe((now) => {
      shown = now;
    });
    expect(shown.count).toBe(before.count + 2);
    watch.close();
  });
});
