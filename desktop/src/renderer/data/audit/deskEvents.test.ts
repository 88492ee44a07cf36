import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { NO_EVENT } from '@sivis/shared/tlog/deviceChain.ts';
import { describe, expect, it } from 'vitest';
import type { Outbox, OutboxEntry } from '../db/outbox.ts';
import { liveValue } from '../live.ts';
import { NoAnswerError } from '../net/failure.ts';
import { testTimers } from '../net/testTimers.ts';
import { createDeskEvents } from './deskEvents.ts';
import { deskEventHash } from './logCrypto.ts';

function memoryOutbox() {
  const entries = new Map<string, OutboxEntry>();
  const outbox = {
    put: (list: readonly OutboxEntry[]) => {
      for (const entry of list) entries.set(entry.id, entry);
      return Promise.resolve();
    },
    all: (kind: string) =>
      Promise.resolve(
        [...entries.values()].filter((entry) => entry.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
    get: (id: string) => Promise.resolve(entries.get(id)?.data ?? null),
    remove: (ids: readonly string[]) => {
      for (const id of ids) entries.delete(id);
      return Promise.resolve();
    },
  } as unknown as Outbox;
  /** Records of events; where the sequence stands is kept beside them. */
  const waiting = () => [...entries.values()].filter(({ kind }) => kind === 'deskEvent');
  return { outbox, waiting };
}

function setUp(memory = memoryOutbox()) {
  const { waiting, outbox } = memory;
  const time = testTimers();
  const usable = liveValue(false);
  const sent: DeskEvent[][] = [];
  const signed: string[] = [];
  let cut = false;
  let most = Number.POSITIVE_INFINITY;
  const events = createDeskEvents({
    outbox,
    api: {
      call: (_: string, body: unknown) => {
        if (cut) return Promise.reject(new NoAnswerError('UNREACHABLE'));
        if (JSON.stringify(body).length > most) return Promise.reject(new SivisError('TOO_LARGE'));
        const { events: batch, signed: proof } = body as { events: DeskEvent[]; signed: { value: string } };
        sent.push(batch);
        signed.push(proof.value);
        const [first, ...rest] = batch.map((event) => event.eventId);
        const refused = rest.length > 0 && first !== undefined ? [{ eventId: first, code: 'malformed' }] : [];
        const accepted = refused.length > 0 ? rest : batch.map((event) => event.eventId);
        return Promise.resolve({ accepted, refused, serverTime: '2026-11-21T10:00:00.000Z' }) as never;
      },
    },
    clock: { now: () => Date.parse('2026-11-21T10:00:00.000Z') },
    usable,
    timers: time.timers,
    sign: (text) => Promise.resolve({ key: 'desk', value: `signed ${text}` }),
  });
  const limit = (bytes: number): void => {
    most = bytes;
  };
  return { waiting, events, time, usable, sent, signed, limit, cut: (now: boolean) => (cut = now) };
}

describe('desk events', () => {
  it('are on disk before anything is shown, and delivered when there is a connection', async () => {
    const { waiting, events, time, usable, sent } = setUp();
    events.start();
    const objectId = newId();
    await events.record({
      action: 'view',
      kind: 'person',
      objectId,
      personIds: [objectId],
      screen: 'person',
    });
    expect(waiting()[0]?.data).toMatchObject({ action: 'view', objectId, offline: true });
    await events.record({ action: 'search', filter: 'b'.repeat(300), count: 3 });
    usable.set(true);
    await time.pass(1_000);
    expect(sent[0]?.map((event) => event.action)).toEqual(['view', 'search']);
    expect(sent[0]?.[1]?.filter).toHaveLength(200);
    expect(waiting().length).toBe(0);
    await events.record({ action: 'list', screen: 'stays', count: 12 });
    await time.pass(1_000);
    expect(sent[1]?.[0]).toMatchObject({ action: 'list', offline: false });
    events.stop();
    expect(time.waiting()).toEqual([]);
  });

  it('wait on disk while the service does not answer, in batches then', async () => {
    const { waiting, events, time, usable, sent, cut } = setUp();
    events.start();
    for (let index = 0; index < 501; index += 1) await events.record({ action: 'view' });
    cut(true);
    usable.set(true);
    await time.pass(1_000);
    expect(waiting().length).toBe(501);
    cut(false);
    await time.pass(30_000);
    expect(sent.map((batch) => batch.length)).toEqual([500, 1]);
    expect(waiting().length).toBe(0);
    events.stop();
  });

  it('go in requests that the service takes, and halved where something takes less', async () => {
    const { waiting, events, sent, limit } = setUp();
    const personIds = Array.from({ length: 300 }, newId);
    for (let index = 0; index < 120; index += 1)
      await events.record({ action: 'list', screen: 'people', personIds, count: 300 });
    await events.deliver();
    expect(sent.length).toBeGreaterThan(1);
    for (const batch of sent) expect(JSON.stringify({ events: batch }).length).toBeLessThan(1_048_576);
    expect(waiting().length).toBe(0);

    sent.length = 0;
    limit(5_000);
    await events.record({ action: 'list', personIds });
    for (let index = 0; index < 40; index += 1) await events.record({ action: 'view' });
    await expect(events.deliver()).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(sent.flat()).toHaveLength(40);
    expect(waiting().length).toBe(1);
  });

  it('form one sequence, also of events recorded at once and after the desk was closed', async () => {
    const memory = memoryOutbox();
    const first = setUp(memory);
    await Promise.all([1, 2, 3].map((count) => first.events.record({ action: 'list', count })));
    const second = setUp(memory);
    await second.events.record({ action: 'view' });
    await second.events.deliver();
    const all = second.sent.flat();
    expect(all.map(({ chain }) => chain.n)).toEqual([1, 2, 3, 4]);
    expect(new Set(all.map(({ chain }) => chain.id)).size).toBe(1);
    // The last one of a delivery is signed, and with it all that it names.
    expect(second.signed).toEqual([`signed ${deskEventHash(all[3] as DeskEvent)}`]);
    expect(all.map(({ chain }) => chain.prev)).toEqual([NO_EVENT, ...all.slice(0, 3).map(deskEventHash)]);
    // A store that began anew begins a sequence of its own.
    const other = setUp();
    await other.events.record({ action: 'view' });
    await other.events.deliver();
    expect(other.sent[0]?.[0]?.chain).toMatchObject({ n: 1, prev: NO_EVENT });
    expect(other.sent[0]?.[0]?.chain.id).not.toBe(all[0]?.chain.id);
  });
});
