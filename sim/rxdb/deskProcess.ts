import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import type { PullResponse, PushResponse } from '@sivis/shared/protocol/messages/sync.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { filter } from 'rxjs';
import { viewOf } from '../../desktop/src/renderer/data/core/localDoc.ts';
import {
  filedWhole,
  withEarlier,
  type ConflictRecord,
  type OutboxRecord,
} from '../../desktop/src/renderer/data/core/records.ts';
import { openDatabase, type AnyStorage } from '../../desktop/src/renderer/data/db/database.ts';
import { createDocStore } from '../../desktop/src/renderer/data/db/docStore.ts';
import { createOutbox } from '../../desktop/src/renderer/data/db/outbox.ts';
import { createSync } from '../../desktop/src/renderer/data/db/sync.ts';
import { openSyncMarks } from '../../desktop/src/renderer/data/db/syncMarks.ts';
import type { OpenKey } from '../../desktop/src/renderer/data/keys/keyring.ts';
import { DESK_LIMITS } from '../../desktop/src/renderer/data/limits.ts';
import { liveValue } from '../../desktop/src/renderer/data/live.ts';
import { NoAnswerError } from '../../desktop/src/renderer/data/net/failure.ts';
import type { Timers } from '../../desktop/src/renderer/data/net/timers.ts';
import { testCipher } from '../../desktop/src/renderer/data/storage/testStorage.ts';
import { nextDeed } from '../deeds.ts';
import { madeBy, type DeskUser, type Made } from '../desk.ts';
import { createRandom, type Random } from '../random.ts';
import type { DeskDump, FromDesk, ToDesk } from './messages.ts';

/**
 * The process of one desk: RxDB on its memory storage below the product's encryption, with the product's replication. The
 * world is the parent process; the network is the channel to it.
 */
const HASTE = 20;
const RETRY_MS = 40;
const SETTLE_MS = 30;
// A pause after a failed call is time in which nothing happens.
Object.assign(DESK_LIMITS, { retryMs: RETRY_MS });
const timers: Timers = {
  set: (run, ms) => setTimeout(run, Math.min(ms, 3_600_000) / HASTE),
  clear: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

const tell = (message: FromDesk): void => void process.send?.(message);

let calls = 0;
const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();

function call<T>(method: 'push' | 'pull' | 'ids', collection: Collection, body: unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const number = (calls += 1);
    waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject });
    tell({ from: 'call', call: number, method, collection, body });
  });
}

function answered({ call: number, answer, code }: Extract<ToDesk, { to: 'answer' }>): void {
  const open = waiting.get(number);
  waiting.delete(number);
  if (code === undefined) open?.resolve(answer);
  else
    open?.reject(code === 'NO_ANSWER' ? new NoAnswerError('UNREACHABLE') : new SivisError(code as ErrorCode));
}

/** What a dead process had under way fails with this; nobody is there to hear it. */
class Gone extends Error {}

process.on('unhandledRejection', (error) => {
  if (!(error instanceof Gone)) throw error;
});

const unlessGone = (error: unknown): void => {
  if (!(error instanceof Gone)) throw error;
};

/** A storage that writes nothing more from a moment on: the process died there. */
function mortal(inner: AnyStorage): { storage: AnyStorage; die: () => Promise<void> } {
  let isDead = false;
  const running = new Set<Promise<unknown>>();
  const storage: AnyStorage = {
    ...inner,
    async createStorageInstance(params) {
      const instance = await inner.createStorageInstance(params);
      return new Proxy(instance, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          // The memory storage tells all its instances of a write; a dead one must not hear of those of the next life.
          if (name === 'changeStream') return () => target.changeStream().pipe(filter(() => !isDead));
          if (name !== 'bulkWrite') return value.bind(target) as unknown;
          return (...args: unknown[]): unknown => {
            if (isDead) return Promise.reject(new Gone());
            const write = Promise.resolve(Reflect.apply(value, target, args) as unknown);
            running.add(write);
            void write.finally(() => running.delete(write)).catch(() => undefined);
            return write;
          };
        },
      });
    },
  };
  return {
    storage,
    async die() {
      isDead = true;
      // Nor those of the next life of the last ones of this life.
      await Promise.allSettled(running);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function open(key: OpenKey, disk: AnyStorage, nowMs: () => number) {
  const { storage, die } = mortal(disk);
  const damaged: string[] = [];
  const database = await openDatabase({
    key,
    inner: storage,
    quarantined: ({ id }) => {
      damaged.push(id);
    },
  });
  const outbox = createOutbox(database.outbox);
  const store = createDocStore(database);
  await store.load();
  const records = async (): Promise<OutboxRecord[]> => {
    const kinds = ['conflict', 'rejection', 'sent'] as const;
    const all = await Promise.all(kinds.map((kind) => outbox.all<OutboxRecord>(kind)));
    return all.flat().map(({ data }) => data);
  };
  const onFile = await records();
  const file = async (filed: readonly OutboxRecord[]): Promise<void> => {
    for (const record of filed) {
      // As the inbox does: an unsettled value of the same field stays beside the newer one.
      const before =
        record.type === 'conflict' ? ((await outbox.get<ConflictRecord>(record.id)) ?? undefined) : undefined;
      const kept = record.type === 'conflict' ? withEarlier(before, record) : record;
      await outbox.put([{ id: kept.id, kind: kept.type, data: kept }]);
      onFile.push(kept);
    }
  };
  const usable = liveValue(true);
  const sync = createSync({
    database,
    store,
    outbox,
    marks: await openSyncMarks(outbox),
    calls: {
      pull: (collection, request) => call<PullResponse>('pull', collection, request),
      push: (collection, rows) => call<PushResponse>('push', collection, rows),
      ids: async (collection) => new Set(await call<string[]>('ids', collection, null)),
    },
    link: { usable, report: () => undefined },
    clock: { now: nowMs },
    timers,
    file,
    filedWhole: (opIds) => filedWhole(onFile, opIds),
  });
  await sync.start();
  return {
    store,
    sync,
    usable,
    records,
    damaged,
    async close() {
      await sync.stop();
      store.close();
      await database.close();
    },
    /** Ends as a killed process does: nothing more is written, answers that are on their way are not heard. */
    async crash() {
      const dead = die();
      for (const { reject } of waiting.values()) reject(new NoAnswerError('ABORTED'));
      waiting.clear();
      await sync.stop().catch(unlessGone);
      store.close();
      await database.close().catch(unlessGone);
      await dead;
    },
  };
}

let desk: Opened | null = null;
let disk: AnyStorage = getRxStorageMemory();
let key: OpenKey | null = null;
let me: { deskId: string; user: DeskUser; random: Random } | null = null;
let nowMs = 0;
const made = new Map<string, Made>();

async function work(times: number): Promise<void> {
  if (desk === null || me === null) return;
  const { store } = desk;
  const { random, user, deskId } = me;
  for (let turn = 0; turn < times; turn += 1) {
    const all = (kind: Parameters<typeof collectionOf>[0]) =>
      [...store.all(collectionOf(kind))]
        .filter((doc) => doc.kind === kind)
        .map((doc) => ({ id: doc.id, siteId: doc.siteId, fields: viewOf(doc) }));
    const drafts = nextDeed({ user, all, made }, rigaDate(nowMs), toInstant(nowMs), random);
    const own = madeBy(drafts, user.id, deskId, toInstant(nowMs), random);
    await store.write(own.map(({ docId, ...rest }) => ({ ...rest, id: docId })));
    for (const one of own) made.set(one.op.opId, one);
  }
}

const pending = (): number =>
  desk === null
    ? 0
    : COLLECTIONS.reduce(
        (sum, name) =>
          sum +
          [...(desk?.store.pending(name).values() ?? [])].reduce((count, { ops }) => count + ops.length, 0),
        0,
      );

async function dump(): Promise<DeskDump | undefined> {
  if (desk === null) return undefined;
  const { store, records, damaged } = desk;
  if (damaged.length > 0) throw new Error(`damaged documents: ${damaged.join(' ')}`);
  return {
    docs: COLLECTIONS.flatMap((name) => [...store.all(name)]),
    outbox: await records(),
    made: [...made.values()],
  };
}

async function obey(order: Exclude<ToDesk, { to: 'answer' }>): Promise<DeskDump | undefined> {
  if (order.to === 'open') {
    const { deskId, user, seed } = order;
    const random = createRandom(seed);
    me = { deskId, user, random };
    made.clear();
    disk = getRxStorageMemory();
    key = { escrow: null, place: deskId, cipher: await testCipher() };
    desk = await open(key, disk, () => nowMs);
    return undefined;
  }
  if (order.to === 'work') {
    ({ nowMs } = order);
    await work(order.times);
  } else if (order.to === 'link') desk?.usable.set(order.online);
  else if (order.to === 'user' && me !== null) me = { ...me, user: order.user };
  else if (order.to === 'crash' && key !== null) {
    const dying = desk;
    desk = null;
    await dying?.crash();
    desk = await open(key, disk, () => nowMs);
  } else if (order.to === 'sync') {
    desk?.usable.set(true);
    await desk?.sync.syncNow();
    if (order.reconcile) await desk?.sync.reconcile();
  } else if (order.to === 'tell') return dump();
  else if (order.to === 'close') {
    await desk?.close();
    desk = null;
  }
  return undefined;
}

process.on('message', (message: ToDesk) => {
  if (message.to === 'answer') {
    answered(message);
    return;
  }
  const { n } = message;
  void obey(message).then(
    (state) => {
      tell({ from: 'done', n, pending: pending(), ...(state === undefined ? {} : { state }) });
    },
    (error: unknown) => {
      tell({
        from: 'done',
        n,
        pending: -1,
        error: error instanceof Error ? (error.stack ?? '') : String(error),
      });
    },
  );
});
process.on('disconnect', () => process.exit(0));
