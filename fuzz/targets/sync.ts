import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { deskEventsRequestSchema } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { pullRequestSchema, pushRequestSchema } from '@sivis/shared/protocol/messages/sync.ts';
import { createAuditLog } from '../../sync-service/src/audit/auditLog.ts';
import { takeDeskEvents } from '../../sync-service/src/audit/deskEvents.ts';
import type { RequestContext } from '../../sync-service/src/identity/context.ts';
import { scopeOf } from '../../sync-service/src/store/visibility.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../sync-service/src/sync/checkpoint.ts';
import { openHouse } from '../../sync-service/src/sync/testKit.ts';
import { bytesOf, textOf, type Target } from '../lib/target.ts';
import { AT, bodyReader, bySchema, ID } from './requests.ts';

const KEY = Buffer.alloc(32, 1);
const DOOR = 'HTTP, a workstation';

/** Push, pull and what desks tell of their acts, down into rules and store. */
export async function syncTargets(): Promise<Target[]> {
  const house = await openHouse();
  const desk = house.desk('dutyManager');
  const read = bodyReader();
  const person = desk.create('person', { familyName: 'Liepa', givenName: 'Ilze', birthDate: '1950-02-03' });
  await desk.push(person);
  const reservation = desk.create('reservation', { reservationKind: 'state', state: 'confirmed' });
  const segment = { id: ID, bedId: house.beds['201A'] ?? '', from: '2026-11-21', to: '2026-11-28' };
  const stay = desk.create('stay', {
    reservationId: reservation.id,
    personId: person.id,
    arriveDate: segment.from,
    departDate: segment.to,
    segments: [segment],
    state: 'expected',
    boardPlan: 'full',
  });
  const edit = desk.edit('person', person.id, { givenName: 'Ilze' }, { givenName: 'Ilga' });
  const group = { id: ID, size: 2 };
  const task = desk.create('task', { title: 'Zvanīt', state: 'open' });

  const push: Target = {
    name: 'push',
    door: DOOR,
    seeds: [
      { rows: [desk.create('person', { familyName: 'Ozola', givenName: 'Anna' })] },
      { rows: [reservation, stay] },
      { rows: [edit, task] },
      { rows: [{ ...stay, ops: stay.ops.map((op) => ({ ...op, group })) }, edit] },
    ].map(bytesOf),
    json: true,
    limit: LIMITS.pushBytes,
    async run(input) {
      const { rows } = bySchema(pushRequestSchema, read(input));
      const answers = await desk.push(...rows);
      house.changes.length = 0;
      house.handedOver.length = 0;
      if (answers.length !== rows.length) throw new TypeError('not every row was answered');
      const all = new Set(
        answers.flatMap(({ outcome, ops }) => [
          outcome,
          ...ops.map(({ rejection }) => rejection?.code ?? ''),
        ]),
      );
      return `taken ${[...all]
        .filter((word) => word !== '')
        .sort()
        .slice(0, 3)
        .join(' ')}`;
    },
  };

  const whose = { userId: desk.actor.subject.userId, deviceId: desk.actor.deviceId };
  const first = await house.service.pull(desk.actor, 'people', { checkpoint: null, limit: 10 });
  const pull: Target = {
    name: 'pull',
    door: DOOR,
    seeds: [
      { checkpoint: null, limit: 10 },
      { checkpoint: first.checkpoint, limit: 1 },
    ].map(bytesOf),
    json: true,
    limit: LIMITS.bodyBytes,
    async run(input) {
      const request = bySchema(pullRequestSchema, read(input));
      const page = await house.service.pull(desk.actor, 'people', request);
      house.handedOver.length = 0;
      return `taken ${page.resync}`;
    },
  };
  const checkpoint: Target = {
    name: 'checkpoint',
    door: DOOR,
    seeds: [
      bytesOf(encodeCheckpoint({ epoch: ID, seq: 17, rights: 'r1' }, whose, KEY)),
      bytesOf(encodeCheckpoint({ epoch: '', seq: 2 ** 53 - 1, rights: '' }, whose, KEY)),
    ],
    json: false,
    limit: 400,
    run(input) {
      decodeCheckpoint(textOf(input), whose, KEY);
      return 'taken';
    },
  };

  const audit = createAuditLog(Buffer.alloc(32, 2));
  const context: RequestContext = {
    subject: desk.actor.subject,
    user: {
      id: whose.userId,
      user: 'anna',
      name: 'Anna',
      role: 'dutyManager',
      siteIds: [house.siteId],
      passwordHash: '',
      disabled: false,
      createdAt: AT,
      lastSignInAt: null,
    },
    deviceId: whose.deviceId,
    thumbprint: '',
    sessionId: ID,
    ip: '127.0.0.1',
    app: 'fuzz',
    requestId: ID,
    nowMs: Date.parse(AT),
  };
  const chain = { id: '2f1c1f0e-5d7a-4f0e-9c55-0a3f6b7c8d9e', n: 1, prev: '0'.repeat(64) };
  const event = {
    eventId: ID,
    at: AT,
    action: 'view',
    kind: 'person',
    objectId: person.id,
    offline: false,
    chain,
  };
  const other = {
    ...event,
    eventId: person.id,
    action: 'search',
    filter: 'liepa',
    count: 3,
    screen: 'search',
  };
  const events: Target = {
    name: 'desk events',
    door: DOOR,
    seeds: [
      { events: [event] },
      { events: [event], signed: { key: 'A'.repeat(86), value: 'A'.repeat(86) } },
      { events: [event, { ...other, personIds: [ID], chain: { ...chain, n: 2 } }] },
    ].map(bytesOf),
    json: true,
    limit: LIMITS.bodyBytes,
    async run(input) {
      const request = bySchema(deskEventsRequestSchema, read(input));
      const answer = await takeDeskEvents(house.store, audit, context, request.events, request.signed);
      if (answer.accepted.length + answer.refused.length !== request.events.length)
        throw new TypeError('not every event was answered');
      return answer.refused.length === 0 ? 'taken' : 'refused';
    },
  };
  const search: Target = {
    name: 'words of a search',
    door: DOOR,
    seeds: ['Liepa Il', '+371 29 123 456', '030250-1', '"Liepa" OR *'].map(bytesOf),
    json: false,
    limit: 480,
    async run(input) {
      const visible = scopeOf(desk.actor.subject, 'person', AT.slice(0, 10));
      const { total } = await house.store.read((tx) => tx.searchPeople(textOf(input), 20, visible));
      return total > 0 ? 'taken' : 'taken, nobody';
    },
  };
  return [push, pull, checkpoint, events, search];
}
