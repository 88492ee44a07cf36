import { newId } from '@sivis/shared/ids/ids.ts';
import {
  deskEventsResponseSchema,
  type DeskEvent,
  type DeskSignature,
} from '@sivis/shared/protocol/messages/deskEvents.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { NO_EVENT, type ChainLink } from '@sivis/shared/tlog/deviceChain.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { Outbox } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { Live } from '../live.ts';
import type { Api } from '../net/api.ts';
import type { Timers } from '../net/timers.ts';
import { deskEventHash } from './logCrypto.ts';

/** What is told of an act on the desk; id, time, place in the desk's sequence and whether it happened offline are added here. */
export type DeskAct = Omit<DeskEvent, 'eventId' | 'at' | 'offline' | 'chain'> & { readonly at?: string };

/** The desk's own audit entries (decision 10): what only the desk can know. */
export interface DeskEvents {
  /** Writes the entry; resolves when it is on disk. Await it before showing what it is about. */
  record(act: DeskAct): Promise<void>;
  /** Delivers what waits, in batches; rejects when the service does not answer. */
  deliver(): Promise<void>;
  start(): void;
  stop(): void;
}

export interface DeskEventPorts {
  readonly outbox: Outbox;
  readonly api: Api;
  readonly clock: Clock;
  readonly usable: Live<boolean>;
  readonly timers: Timers;
  /** Signs by the key of the desk. */
  readonly sign: (text: string) => Promise<DeskSignature>;
}

const MAX_PERSONS = 2_000;
const MAX_FILTER = 200;
const SOON_MS = 1_000;

/** The oldest events that go into one request: a list of people makes an event of up to 80 KB. */
function batchOf(waiting: readonly DeskEvent[]): DeskEvent[] {
  const batch: DeskEvent[] = [];
  let bytes = 0;
  for (const event of waiting) {
    bytes += new TextEncoder().encode(JSON.stringify(event)).length + 1;
    if (batch.length > 0 && (batch.length === DESK_LIMITS.auditBatch || bytes > DESK_LIMITS.auditBytes))
      break;
    batch.push(event);
  }
  return batch;
}

/** Where the sequence of this user's events on this desk stands: what the next event names. */
const CHAIN_ID = 'deskChain';

export function createDeskEvents({ outbox, api, clock, usable, timers, sign }: DeskEventPorts): DeskEvents {
  let online = false;
  let running = false;
  let timer: unknown = null;
  let delivering: Promise<void> | null = null;
  let unsubscribe: (() => void) | null = null;

  let next: ChainLink | null = null;
  /** Events get their places one after the other, however many are recorded at once. */
  let recording: Promise<void> = Promise.resolve();

  async function nextLink(): Promise<ChainLink> {
    next ??= (await outbox.get<ChainLink>(CHAIN_ID)) ?? { id: newId(), n: 1, prev: NO_EVENT };
    return next;
  }

  /** Writes the event and the place of the one after it in one transaction: a desk that is killed continues rightly. */
  async function write(event: DeskEvent): Promise<void> {
    const after = { id: event.chain.id, n: event.chain.n + 1, prev: deskEventHash(event) };
    await outbox.put([
      { id: event.eventId, kind: 'deskEvent', data: event },
      { id: CHAIN_ID, kind: 'deskChain', data: after },
    ]);
    next = after;
  }

  function plan(ms: number): void {
    if (!running || timer !== null) return;
    timer = timers.set(() => {
      timer = null;
      deliver().catch(() => {
        plan(DESK_LIMITS.auditRetryMs);
      });
    }, ms);
  }

  async function deliverAll(): Promise<void> {
    /** Entries that are too large one by one for what lies between here and the service: they stay, the others go. */
    const tooLarge = new Set<string>();
    for (;;) {
      const waiting = (await outbox.all<DeskEvent>('deskEvent'))
        .map(({ data }) => data)
        // In the order of the sequence; ids follow the clock, which may have been put back.
        .sort((a, b) => a.chain.n - b.chain.n);
      const batch = batchOf(waiting.filter((event) => !tooLarge.has(event.eventId)));
      if (batch.length === 0) break;
      for (const id of await deliverBatch(batch)) tooLarge.add(id);
    }
    if (tooLarge.size > 0) throw new SivisError('TOO_LARGE', { events: tooLarge.size });
  }

  /** Returns the ids of events that are refused for their size even alone. */
  async function deliverBatch(batch: readonly DeskEvent[]): Promise<string[]> {
    let answer;
    const last = batch.at(-1);
    // The last one names the one before it, and so on: one signature is for all of them.
    const signed = last === undefined ? undefined : await sign(deskEventHash(last));
    try {
      answer = await api.call(PATHS.auditEvents, { events: batch, signed }, deskEventsResponseSchema);
    } catch (error) {
      if (!(error instanceof SivisError) || error.code !== 'TOO_LARGE') throw error;
      if (batch.length <= 1) return batch.map((event) => event.eventId);
      const half = Math.ceil(batch.length / 2);
      return [...(await deliverBatch(batch.slice(0, half))), ...(await deliverBatch(batch.slice(half)))];
    }
    // A refused entry would be refused for ever; the service has noted the refusal.
    const done = [...answer.accepted, ...answer.refused.map((entry) => entry.eventId)];
    await outbox.remove(done.filter((id) => batch.some((event) => event.eventId === id)));
    if (done.length === 0) throw new Error('the service took none of the desk events');
    return [];
  }

  function deliver(): Promise<void> {
    delivering ??= deliverAll().finally(() => {
      delivering = null;
    });
    return delivering;
  }

  return {
    async record(act) {
      const at = act.at ?? toInstant(clock.now());
      const offline = !online;
      const written = recording.then(async () => {
        const event: DeskEvent = {
          eventId: newId(),
          at,
          action: act.action,
          ...(act.kind === undefined ? {} : { kind: act.kind }),
          ...(act.objectId === undefined ? {} : { objectId: act.objectId }),
          ...(act.personIds === undefined ? {} : { personIds: act.personIds.slice(0, MAX_PERSONS) }),
          ...(act.screen === undefined ? {} : { screen: act.screen }),
          ...(act.filter === undefined ? {} : { filter: act.filter.slice(0, MAX_FILTER) }),
          ...(act.count === undefined ? {} : { count: act.count }),
          offline,
          chain: await nextLink(),
        };
        await write(event);
      });
      recording = written.catch(() => undefined);
      await written;
      if (online) plan(SOON_MS);
    },
    deliver,
    start() {
      if (running) return;
      running = true;
      unsubscribe = usable.subscribe((now) => {
        online = now;
        if (now) plan(SOON_MS);
      });
    },
    stop() {
      running = false;
      online = false;
      unsubscribe?.();
      if (timer !== null) timers.clear(timer);
      timer = null;
    },
  };
}
