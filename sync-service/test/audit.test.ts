import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntryView, AuditPage } from '@sivis/shared/protocol/messages/audit.ts';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { NO_EVENT } from '@sivis/shared/tlog/deviceChain.ts';
import { deskEventHash } from '../src/audit/deskEvents.ts';
import { buildEntry, leafHash, parseEnvelope, payloadCommit, type AuditEvent } from '../src/audit/entry.ts';
import { checkAudit, entryLine, exportRows } from '../src/audit/export.ts';
import { testId } from '../src/store/contractWorld.ts';
import { deskOfToken, keyOf } from './deskKey.ts';
import {
  deskSequence,
  deviceId,
  NOW,
  openService,
  OTHER_SITE,
  SITE,
  type TestService,
} from './serviceKit.ts';

const person = (at: number): string => testId(3, at);
const who = {
  subject: { userId: 'u', role: 'reception', siteIds: [SITE] },
  deviceId: 'd',
  sessionId: 's',
  ip: '10.0.0.1',
  app: '1',
  nowMs: NOW,
};

describe('an entry', () => {
  const event: AuditEvent = {
    action: 'update',
    kind: 'person',
    objectId: person(1),
    personIds: [person(1)],
    result: 'ok',
    reason: 'Kļūda Bērziņas uzvārdā',
    changes: [{ field: 'familyName', before: 'Bērziņa', after: 'Kalniņa' }],
    detail: { filter: 'Bērziņa 329999-90011' },
  };
  const key = Buffer.alloc(32, 7);

  it('keeps every name, value, reason and person id out of the envelope', () => {
    const built = buildEntry(who, event, key);
    for (const secret of ['Bērziņ', 'Kalniņ', '329999', person(1), 'Kļūda']) {
      expect(built.envelope).not.toContain(secret);
      expect(built.payload).toContain(secret);
    }
    expect(JSON.parse(built.envelope)).toMatchObject({
      v: 1,
      actor: 'u',
      fields: ['familyName'],
      hasReason: true,
      subjectCount: 1,
    });
  });

  it('commits to its payload and is hashed as an RFC 6962 leaf over canonical JSON', () => {
    const built = buildEntry(who, event, key);
    const envelope = parseEnvelope(built.envelope);
    expect(Object.keys(envelope)).toEqual(Object.keys(envelope).sort());
    expect(envelope.payloadCommit).toBe(payloadCommit(built.salt, built.payload));
    expect(payloadCommit(built.salt, `${built.payload} `)).not.toBe(envelope.payloadCommit);
    expect(built.leafHash).toBe(leafHash(built.envelope));
    // The leaf hash of the empty entry, RFC 6962 test vector.
    expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(buildEntry(who, event, key).salt).not.toBe(built.salt);
  });

  it('gives one person one pseudonym, and another one under another key', () => {
    const refs = (secret: Buffer) => parseEnvelope(buildEntry(who, event, secret).envelope).subjectRefs;
    expect(refs(key)).toEqual(refs(key));
    expect(refs(key)).not.toEqual(refs(Buffer.alloc(32, 8)));
    expect(refs(key)?.[0]).not.toBe(createHash('sha256').update(person(1)).digest('hex'));
  });

  it('counts many people in the envelope and indexes all of them', () => {
    const many = Array.from({ length: 200 }, (_, at) => person(at));
    const built = buildEntry(who, { ...event, kind: 'people', objectId: '', personIds: many }, key);
    const envelope = parseEnvelope(built.envelope);
    expect([envelope.subjectRefs, envelope.subjectCount, built.index.subjectRefs.length]).toEqual([
      undefined,
      200,
      200,
    ]);
  });
});

describe('the audit view', () => {
  let service: TestService;
  const tokens: Record<string, Tokens> = {};

  beforeEach(async () => {
    service = await openService();
    const roles = ['reception', 'dutyManager', 'it', 'auditor', 'specialist'] as const;
    for (const [at, role] of roles.entries()) {
      await service.user(role.toLowerCase(), role);
      tokens[role] = await service.signIn(role.toLowerCase(), at + 1);
    }
    await service.put(person(1), 'person', { familyName: 'Bērziņa', givenName: 'Anna', alerts: ['latex'] });
    await service.put(person(2), 'person', { familyName: 'Ozols', givenName: 'Jānis' }, OTHER_SITE);
    const reception = tokens['reception']?.user.id ?? '';
    const author = {
      ...who,
      subject: { userId: reception, role: 'reception', siteIds: [SITE] },
      deviceId: deviceId(1),
    };
    await service.store.write(async (tx) => {
      await service.deps.audit.recordAudit(tx, author, {
        action: 'update',
        kind: 'person',
        objectId: person(1),
        objectRev: 2,
        siteId: SITE,
        personIds: [person(1)],
        result: 'ok',
        changes: [
          { field: 'familyName', before: 'Bērziņ', after: 'Bērziņa' },
          { field: 'alerts', before: [], after: ['latex'] },
        ],
      });
      await service.deps.audit.recordAudit(
        tx,
        { ...author, subject: { ...author.subject, userId: 'cits' } },
        {
          action: 'update',
          kind: 'person',
          objectId: person(2),
          siteId: OTHER_SITE,
          personIds: [person(2)],
          result: 'ok',
          changes: [{ field: 'familyName', before: 'Ozol', after: 'Ozols' }],
        },
      );
    });
  });
  afterEach(() => service.close());

  const query = async (role: string, body: object = {}): Promise<AuditPage> => {
    const reply = await service.call(tokens[role] ?? null, PATHS.auditQuery, { limit: 50, ...body });
    expect(reply.statusCode).toBe(200);
    return reply.json<AuditPage>();
  };
  const updates = async (role: string): Promise<AuditEntryView[]> =>
    (await query(role, { actions: ['update'] })).entries;

  it('shows the auditor everything but values of health fields', async () => {
    const entries = await updates('auditor');
    expect(entries.map((entry) => entry.subjectName)).toEqual(['OZOLS, Jānis', 'BĒRZIŅA, Anna']);
    expect(entries[1]?.changes).toEqual([
      { field: 'familyName', before: 'Bērziņ', after: 'Bērziņa', masked: false },
      { field: 'alerts', before: null, after: null, masked: true },
    ]);
    expect(entries[1]).toMatchObject({
      actorName: 'Vārds reception',
      deviceName: 'Galds 1',
      objectId: person(1),
    });
  });

  it('says what the ids in an entry are called, as far as the reader may know it', async () => {
    const [room, bed, stay] = [testId(6, 1), testId(6, 2), testId(6, 3)];
    await service.put(room, 'room', { number: '214' });
    await service.put(bed, 'bed', { roomId: room, label: 'B' });
    await service.put(stay, 'stay', { personId: person(2), reservationId: testId(6, 4), specialistIds: [] });
    const owner = tokens['specialist']?.user.id ?? '';
    await service.store.write((tx) =>
      service.deps.audit.recordAudit(
        tx,
        { ...who, subject: { userId: owner, role: 'reception', siteIds: [SITE] } },
        {
          action: 'create',
          kind: 'task',
          objectId: testId(6, 5),
          siteId: SITE,
          personIds: [],
          personal: false,
          result: 'ok',
          changes: [
            { field: 'bedId', before: null, after: bed },
            { field: 'personIds', before: null, after: [person(1)] },
            { field: 'stayIds', before: null, after: [stay] },
            { field: 'ownerId', before: null, after: owner },
          ],
        },
      ),
    );
    const labels = async (role: string) =>
      (await query(role, { actions: ['create'] })).entries.find((entry) => entry.kind === 'task')?.labels;
    const all = {
      [bed]: '214 B',
      [person(1)]: 'BĒRZIŅA, Anna',
      [stay]: 'OZOLS, Jānis',
      [owner]: 'Vārds specialist',
    };
    expect(await labels('auditor')).toEqual(all);
    // Whoever was named by a label was shown: the log of the log says so.
    const shown = (await service.entries('auditQuery')).at(-1);
    expect(shown?.subjectRefs).toEqual(
      [person(1), person(2)].map((id) => service.deps.audit.subjectRef(id)).sort(),
    );
    expect(await labels('dutyManager')).toEqual(all);
    // A role without rights on people and places learns nothing of them; masked values have no ids at all.
    expect(await labels('it')).toEqual({});
  });

  it('finds people for the auditor only, only those in the log, and says so in it', async () => {
    await service.put(person(3), 'person', {
      familyName: 'Ozoliņa',
      givenName: 'Nekad',
      birthDate: '1985-07-14',
    });
    const search = (role: string, text: string) =>
      service.call(tokens[role] ?? null, PATHS.auditPeople, { text });
    expect((await search('auditor', 'ozol')).json()).toEqual({
      people: [{ id: person(2), name: 'OZOLS, Jānis', birthDate: '' }],
      more: false,
    });
    const log = (await service.entries('auditQuery')).at(-1);
    expect(log).toMatchObject({ kind: 'person', personal: true, subjectCount: 1 });
    expect(JSON.stringify(log)).not.toContain('ozol');
    for (const role of ['reception', 'dutyManager', 'specialist', 'it'])
      expect((await search(role, 'ozol')).statusCode).toBe(403);
    expect((await search('auditor', 'o')).statusCode).toBe(400);
  });

  it('opens masked values for the auditor with a reason, which is in the log; for nobody else', async () => {
    const [, entry] = await updates('auditor');
    const open = (role: string, reason: string) =>
      service.call(tokens[role] ?? null, PATHS.auditOpen, { seq: entry?.seq, reason });
    expect((await open('auditor', 'īss')).statusCode).toBe(400);
    const opened = (await open('auditor', 'Klientes sūdzība nr. 7')).json<AuditEntryView>();
    expect(opened.changes[1]).toEqual({ field: 'alerts', before: [], after: ['latex'], masked: false });
    const [log] = await service.entries('auditOpen');
    expect(log).toMatchObject({ object: String(entry?.seq), hasReason: true, subjectCount: 1 });
    for (const role of ['dutyManager', 'reception', 'it']) {
      expect((await open(role, 'Klientes sūdzība nr. 7')).statusCode).toBe(403);
    }
    expect(
      (
        await service.call(tokens['auditor'] ?? null, PATHS.auditOpen, {
          seq: 9_999,
          reason: 'Nav tāda ieraksta',
        })
      ).statusCode,
    ).toBe(404);
  });

  it('shows the duty manager the own site, never a health value', async () => {
    const entries = await updates('dutyManager');
    expect(entries.map((entry) => entry.subjectName)).toEqual(['BĒRZIŅA, Anna']);
    expect(entries[0]?.changes.map((change) => [change.field, change.masked])).toEqual([
      ['familyName', false],
      ['alerts', true],
    ]);
  });

  it('shows IT technical entries without content, and nobody a person through it', async () => {
    const page = await query('it');
    expect(page.entries.length).toBeGreaterThan(0);
    expect(page.entries.map((entry) => entry.action)).not.toContain('update');
    for (const entry of page.entries)
      expect([entry.subjectName, entry.personId, entry.reason]).toEqual(['', '', '']);
    expect(JSON.stringify(page)).not.toContain('erzi');
    const bySubject = await query('it', { personId: person(1) });
    expect(bySubject.entries).toEqual([]);
  });

  it('shows others their own acts only', async () => {
    const own = await query('reception');
    expect(new Set(own.entries.map((entry) => entry.actorId))).toEqual(
      new Set([tokens['reception']?.user.id]),
    );
    expect((await updates('reception'))[0]?.changes.every((change) => !change.masked)).toBe(true);
    expect((await query('reception', { actorId: tokens['it']?.user.id })).entries).toEqual([]);
    const specialist = await query('specialist');
    expect(specialist.entries.map((entry) => entry.action)).not.toContain('update');
  });

  it('hides values of a person whom the reader may no longer see', async () => {
    await service.put(person(1), 'person', { familyName: 'Bērziņa', givenName: 'Anna' }, OTHER_SITE);
    const [entry] = await updates('reception');
    expect(entry).toMatchObject({ subjectName: '', personId: '', objectId: '', action: 'update' });
    expect(entry?.changes.every((change) => change.masked)).toBe(true);
  });

  it('writes every reading into the log before it answers, with the people who were shown', async () => {
    await updates('auditor');
    const [entry] = await service.entries('auditQuery');
    expect(entry).toMatchObject({ subjectCount: 2, personal: true });
    expect((await query('auditor', { personId: person(2), actions: ['update'] })).entries).toHaveLength(1);
    const page = await query('auditor', { limit: 2 });
    expect([page.entries.length, page.more, page.size > 2]).toEqual([2, true, true]);
    const next = await query('auditor', { limit: 2, before: page.entries[1]?.seq });
    expect(next.entries[0]?.seq).toBe((page.entries[1]?.seq ?? 0) - 1);
  });

  describe('desk events', () => {
    let place = deskSequence();
    beforeEach(() => {
      place = deskSequence();
    });
    const event = (at: number, more: object = {}) =>
      place({
        eventId: testId(50, at),
        at: '2026-11-21T07:00:00.000Z',
        action: 'view',
        kind: 'person',
        objectId: person(1),
        offline: true,
        ...more,
      });
    const deliver = (role: string, events: object[], signer?: string) => {
      const token = tokens[role]?.accessToken ?? '';
      const last = deskEventHash(events.at(-1) as DeskEvent);
      const signed = keyOf(signer ?? deskOfToken(token)).signed(last);
      return service.call(tokens[role] ?? null, PATHS.auditEvents, { events, signed });
    };

    it('are taken once each, with the actor and device of the session, and judged alone', async () => {
      const first = event(1);
      const reply = await deliver('reception', [
        first,
        { ...first, eventId: testId(50, 2), actorId: 'kāds cits', deviceId: 'cita' },
        { ...first, eventId: testId(50, 3), action: 'erase' },
        { ...first, eventId: testId(50, 5), chain: undefined },
        event(4, { action: 'search', kind: undefined, objectId: undefined, filter: 'Bērz', count: 3 }),
      ]);
      expect(reply.json()).toMatchObject({
        accepted: [testId(50, 1), testId(50, 4)],
        refused: [2, 3, 5].map((at) => ({ eventId: testId(50, at), code: 'malformed' })),
      });
      expect((await deliver('reception', [first])).json()).toMatchObject({ accepted: [testId(50, 1)] });
      const views = await service.entries('view');
      expect(views).toHaveLength(1);
      expect(views[0]).toMatchObject({
        actor: tokens['reception']?.user.id,
        device: deviceId(1),
        happenedAt: '2026-11-21T07:00:00.000Z',
        offline: true,
        subjectCount: 1,
        result: 'ok',
        purpose: 'service',
        deviceSeq: 1,
        prevDeviceSeq: NO_EVENT,
      });
      // The same number at another desk is another event.
      await deliver('dutyManager', [first]);
      expect(await service.entries('view')).toHaveLength(2);
      expect(await service.entries('deviceAlarm')).toEqual([]);
    });

    it('from a clock that runs ahead are taken and marked', async () => {
      await deliver('reception', [
        event(1, { at: '2026-11-21T08:04:00.000Z' }),
        event(2, { at: '2026-11-21T09:00:00.000Z' }),
      ]);
      expect((await service.entries('view')).map((entry) => entry.result)).toEqual(['ok', 'clock-skew']);
    });

    const alarms = async () =>
      (await service.entries('deviceAlarm')).map(({ result, object }) => [result, object]);

    it('that are missing give the alarm, and their late arrival does not give another', async () => {
      const [a, b, c, d] = [event(1), event(2), event(3), event(4)];
      await deliver('reception', [a, c]);
      expect(await alarms()).toEqual([['chain-gap', deviceId(1)]]);
      await deliver('reception', [b, d]);
      expect(await alarms()).toHaveLength(1);
      expect(
        (await service.entries('view')).map(({ deviceSeq, chainAlarm }) => [deviceSeq, chainAlarm]),
      ).toEqual([
        [1, undefined],
        [3, 'gap'],
        [2, 'late'],
        [4, undefined],
      ]);
    });

    it('that have another past, take a place that is taken, or begin anew give the alarm', async () => {
      const first = event(1);
      const second = event(2);
      await deliver('reception', [first, second]);
      const forked = { ...event(3), chain: { ...second.chain, n: 3, prev: NO_EVENT } };
      await deliver('reception', [forked]);
      await deliver('reception', [{ ...second, eventId: testId(50, 8), filter: 'cits' }]);
      const anew = deskSequence(testId(60, 2));
      await deliver('reception', [anew({ ...event(9), chain: undefined })]);
      expect((await alarms()).map(([result]) => result)).toEqual([
        'chain-fork',
        'chain-reuse',
        'chain-restart',
      ]);
      // Another user of the same desk has a sequence of his own.
      expect(
        (await deliver('dutyManager', [deskSequence()({ ...event(9), chain: undefined })])).statusCode,
      ).toBe(200);
      expect(await alarms()).toHaveLength(3);
    });

    it('are signed by the desk where a delivery ends, and what is not gives the alarm', async () => {
      await deliver('reception', [event(1), event(2)]);
      const [first, second] = await service.entries('view');
      expect(first?.deviceSig).toBeUndefined();
      const desk = keyOf(deviceId(1));
      expect(second?.deviceKey).toBe(desk.signed('').key);
      expect(await alarms()).toEqual([]);
      // By the key of another desk, for another event, not at all: the events are taken all the same.
      await deliver('reception', [event(3)], deviceId(2));
      const [four, five] = [event(4), event(5)];
      const signed = desk.signed(deskEventHash(four as unknown as DeskEvent));
      const call = (body: object) => service.call(tokens['reception'] ?? null, PATHS.auditEvents, body);
      await call({ events: [four, five], signed });
      await call({ events: [event(6)] });
      expect((await alarms()).map(([result]) => result)).toEqual(Array(3).fill('chain-unsigned'));
      expect(await service.entries('view')).toHaveLength(6);
      // What is known already gives none: only its reply was lost.
      await call({ events: [five] });
      expect(await alarms()).toHaveLength(3);
    });
  });

  it('is exported line by line and checks itself', async () => {
    const lines: string[] = [];
    for await (const row of exportRows(service.store)) lines.push(entryLine(row, false));
    expect(lines).toHaveLength(await service.store.read((tx) => tx.auditSize()));
    expect(lines.join('')).not.toContain('Bērziņ');
    const full: string[] = [];
    for await (const row of exportRows(service.store)) full.push(entryLine(row, true));
    expect(full.join('')).toContain('Bērziņ');
    expect((await checkAudit(service.store)).broken).toEqual([]);
    await service.store.write((tx) =>
      tx.appendAudit('{"payloadCommit":"00"}', 'nav', '{}', 'aa', {
        at: '',
        happenedAt: '',
        actorId: '',
        deviceId: '',
        action: '',
        siteId: '',
        subjectRefs: [],
        personal: false,
      }),
    );
    expect((await checkAudit(service.store)).broken).toEqual([lines.length + 1]);
  });
});
