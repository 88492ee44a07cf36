import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { QuarantineDecided, QuarantineEntry } from '@sivis/shared/protocol/messages/quarantine.ts';
import type { PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import {
  createRow,
  editRow,
  opOf,
  pushTo,
  send,
  startService,
  type LiveService,
  type Session,
} from './liveService.ts';

const HOUR = 3_600_000;

describe('edits made with rights that were lost since', () => {
  let service: LiveService;
  let it1: Session;
  let manager: Session;
  let anna: Session;
  let personId: string;
  beforeEach(async () => {
    service = await startService();
    for (const [name, role] of [
      ['iveta', 'it'],
      ['inara', 'dutyManager'],
      ['anna', 'reception'],
    ] as const)
      await service.user(name, role);
    it1 = await service.signIn('iveta');
    manager = await service.signIn('inara');
    anna = await service.signIn('anna');
    personId = await service.put('person', { familyName: 'Bērziņa', givenName: 'Anna', country: 'LV' });
    // A person of the site has a stay there.
    const reservationId = await service.put('reservation', { reservationKind: 'state', state: 'confirmed' });
    const [arriveDate, departDate] = [
      toInstant(Date.now()).slice(0, 10),
      toInstant(Date.now() + 72 * HOUR).slice(0, 10),
    ];
    await service.put('stay', {
      reservationId,
      personId,
      arriveDate,
      departDate,
      segments: [{ id: newId(), bedId: null, from: arriveDate, to: departDate }],
      state: 'expected',
      boardPlan: 'full',
    });
  });
  afterEach(() => service.stop());

  const person = () => ({ id: personId, kind: 'person' as const, siteId: service.siteId });
  /** An edit that anna made an hour ago, while her desk had no network. */
  const earlier = (country: string, at = Date.now() - HOUR) => {
    const row = editRow(anna, person(), { country: 'LV' }, { country });
    return { ...row, ops: row.ops.map((op) => ({ ...op, at: toInstant(at) })) };
  };
  const change = async (role: Role): Promise<void> => {
    const reply = await send(service.base, PATHS.userUpdate, {
      session: it1,
      body: { id: anna.tokens.user.id, role },
    });
    expect(reply.status).toBe(200);
  };
  const push = (session: Session, ...rows: readonly unknown[]): Promise<PushRowResult[]> =>
    pushTo(service.base, session, 'people', rows);
  const list = async (open = true): Promise<QuarantineEntry[]> =>
    (await send(service.base, PATHS.quarantineList, { session: manager, body: { open } })).body[
      'entries'
    ] as QuarantineEntry[];
  const decide = async (id: string, accept: boolean): Promise<QuarantineDecided> =>
    (
      await send(service.base, PATHS.quarantineDecide, {
        session: manager,
        body: { id, accept, reason: 'Zvanīju klientei, pareizi.' },
      })
    ).body as unknown as QuarantineDecided;
  const country = async (): Promise<unknown> =>
    (await service.store.read((tx) => tx.doc(personId)))?.fields['country'];
  const code = (rows: readonly PushRowResult[]): string | undefined => rows[0]?.ops[0]?.rejection?.code;

  it('wait for a manager, are neither applied nor dropped, and the same push has the same answer', async () => {
    await change('catering');
    const row = earlier('EE');
    expect(code(await push(anna, row))).toBe('quarantined');
    expect(code(await push(anna, row))).toBe('quarantined');
    expect(await country()).toBe('LV');
    const [entry, ...more] = await list();
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      authorName: 'Darbinieks anna',
      state: 'open',
      source: 'push',
      ops: [
        {
          subjectName: 'BĒRZIŅA, Anna',
          op: 'edit',
          changes: [{ field: 'country', before: 'LV', after: 'EE' }],
        },
      ],
    });
    const log = await service.auditAfter(0);
    expect(log.filter(({ envelope }) => envelope.action === 'quarantine').length).toBe(1);
  });

  it('are applied by the manager’s rights, and the log names the author', async () => {
    await change('catering');
    const row = earlier('EE');
    await push(anna, row);
    const [entry] = await list();
    expect(await decide(entry?.id ?? '', true)).toEqual({ state: 'accepted', results: [] });
    expect(await country()).toBe('EE');
    const update = (await service.auditAfter(0)).find(({ envelope }) => envelope.action === 'update');
    expect(update?.envelope.actor).toBe(manager.tokens.user.id);
    expect(update?.payload?.detail).toMatchObject({ author: anna.tokens.user.id, quarantine: entry?.id });
    expect(await list()).toEqual([]);
    expect((await list(false))[0]).toMatchObject({ state: 'accepted', decidedByName: 'Darbinieks inara' });
    const opId = row.ops[0]?.opId;
    const mine = await send(service.base, PATHS.quarantineMine, { session: anna, body: { opIds: [opId] } });
    expect(mine.body['ops']).toMatchObject([
      { opId, state: 'accepted', reason: 'Zvanīju klientei, pareizi.' },
    ]);
    expect(
      (await send(service.base, PATHS.quarantineMine, { session: manager, body: { opIds: [opId] } })).body[
        'ops'
      ],
    ).toEqual([]);
  });

  it('are discarded with a reason, once', async () => {
    await change('catering');
    await push(anna, earlier('EE'));
    const [entry] = await list();
    expect((await decide(entry?.id ?? '', false)).state).toBe('discarded');
    expect(await country()).toBe('LV');
    const again = { id: entry?.id, accept: true, reason: 'Tomēr pieņemt.' };
    expect((await send(service.base, PATHS.quarantineDecide, { session: manager, body: again })).status).toBe(
      409,
    );
  });

  it('stay open when they cannot be applied, with the reason', async () => {
    await change('catering');
    await push(anna, earlier('EE'));
    await push(manager, editRow(manager, person(), { country: 'LV' }, { country: 'LT' }));
    const [entry] = await list();
    const answer = await decide(entry?.id ?? '', true);
    expect(answer).toMatchObject({ state: 'open', results: [{ outcome: 'conflict' }] });
    expect([await country(), (await list()).length]).toEqual(['LT', 1]);
  });

  it('wait together: a group, and what was built on something that waits', async () => {
    await change('catering');
    const at = toInstant(Date.now() - HOUR);
    const made = createRow(
      anna,
      'person',
      service.siteId,
      { familyName: 'Jauns', givenName: 'Cilvēks' },
      { at },
    );
    const contact = createRow(
      anna,
      'contact',
      service.siteId,
      { personId: made.id, contactKind: 'phone', value: '20000000' },
      { at },
    );
    expect((await push(anna, made, contact)).map((row) => code([row]))).toEqual([
      'quarantined',
      'quarantined',
    ]);
    const later = {
      id: made.id,
      kind: 'person',
      siteId: service.siteId,
      ops: [opOf(anna, 'edit', { sex: { before: null, after: 'M' } }, { at })],
    };
    expect(code(await push(anna, later))).toBe('quarantined');
    const group = { id: newId(), size: 2 };
    const reservation = createRow(
      anna,
      'reservation',
      service.siteId,
      { reservationKind: 'state', state: 'confirmed' },
      { at, group },
    );
    const stay = createRow(
      anna,
      'stay',
      service.siteId,
      {
        reservationId: reservation.id,
        personId,
        arriveDate: '2027-03-01',
        departDate: '2027-03-05',
        segments: [{ id: newId(), bedId: null, from: '2027-03-01', to: '2027-03-05' }],
        state: 'expected',
        boardPlan: 'full',
      },
      { at, group },
    );
    const both = await pushTo(service.base, anna, 'lodging', [reservation, stay]);
    expect(both.map((row) => code([row]))).toEqual(['quarantined', 'quarantined']);
    const open = await list();
    expect(open.map(({ ops }) => ops.length).sort()).toEqual([1, 1, 1, 2]);
    const pair = open.find(({ ops }) => ops.length === 2);
    expect((await decide(pair?.id ?? '', true)).state).toBe('accepted');
    expect(await service.store.read((tx) => tx.doc(stay.id))).toBeDefined();
  });

  it('are refused at once when they were made after the rights were lost, or without any right ever', async () => {
    await change('catering');
    expect(code(await push(anna, earlier('EE', Date.now() + 2_000)))).toBe('noRight');
    await service.user('juris', 'catering');
    const juris = await service.signIn('juris');
    expect(code(await push(juris, editRow(juris, person(), { country: 'LV' }, { country: 'EE' })))).toBe(
      'noRight',
    );
    expect(await list()).toEqual([]);
  });

  it('are shown to the manager of their site and to nobody else; nobody decides about his own', async () => {
    await change('catering');
    await push(anna, earlier('EE'));
    const [entry] = await list();
    await service.user('cita', 'dutyManager', [newId()]);
    const other = await service.signIn('cita');
    const ask = (session: Session) =>
      send(service.base, PATHS.quarantineList, { session, body: { open: true } });
    expect((await ask(other)).body['entries']).toEqual([]);
    expect((await ask(anna)).status).toBe(403);
    const body = { id: entry?.id, accept: true, reason: 'Man tā patīk.' };
    expect((await send(service.base, PATHS.quarantineDecide, { session: other, body })).status).toBe(404);
    expect((await send(service.base, PATHS.quarantineDecide, { session: anna, body })).status).toBe(404);
    await change('dutyManager');
    expect((await send(service.base, PATHS.quarantineDecide, { session: anna, body })).body['code']).toBe(
      'FORBIDDEN',
    );
  });
});
