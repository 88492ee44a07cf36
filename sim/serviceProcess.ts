import type { ReadTx, Store } from '../sync-service/src/store/store.ts';
import { createAuditLog, type AuditLog } from '../sync-service/src/audit/auditLog.ts';
import { beginNewOrigin } from '../sync-service/src/audit/newOrigin.ts';
import { syncEntries } from '../sync-service/src/http/sync.ts';
import type { RequestContext } from '../sync-service/src/identity/context.ts';
import type { SyncActor } from '../sync-service/src/sync/env.ts';
import { createSyncService, type SyncService } from '../sync-service/src/sync/service.ts';
import type { Random } from './random.ts';

/** The process of the service ended in the middle of a request; its transaction is rolled back, nobody is answered. */
export class ServiceDied extends Error {}

/** The service as a process that can end between any two steps of a request and is started again at once. */
export interface ServiceProcess {
  /** The program as it runs now. A request that began in an earlier life ends at its next step. */
  readonly sync: SyncService<RequestContext & SyncActor>;
  /** The store as the program sees it: every call is a step at which it may die. */
  readonly store: Store;
  /** The store without deaths, for whoever looks from outside. */
  readonly disk: Store;
  /** A request arrives: it may be the one that the process does not survive. */
  arrive(): void;
  deaths(): number;
  /** How many transactions have begun to write. */
  writes(): number;
  /** Operations for which an answer was written down since this was asked last, or was to be. */
  remembered(): ReadonlySet<string>;
  /** The audit log, for what is asked of the service beside the replication. */
  readonly audit: AuditLog;
  /** Goes on under other keys: checkpoints of before are none any more. */
  loseKeys(): void;
  /** Goes on with a restored store, under a new epoch and a new origin of the log. */
  restoreFrom(store: Store, epoch: string, lastCheckpoint: string | undefined): Promise<void>;
  stop(): Promise<void>;
}

export interface ServicePorts {
  readonly random: Random;
  readonly now: () => number;
  /** The chance that a request is the last one of the process. */
  readonly mayDie: () => number;
}

/** The most steps that a process takes after it was chosen to die; a push takes some hundred. */
const STEPS_TO_DEATH = 220;

export function startService(first: Store, { random, now, mayDie }: ServicePorts): ServiceProcess {
  const audit = createAuditLog(Buffer.alloc(32, 9));
  let writes = 0;
  let remembered = new Set<string>();
  const counted = (store: Store): Store => ({
    ...store,
    write: (work) =>
      store.write((tx) => {
        writes += 1;
        return work({
          ...tx,
          putOp: (op) => {
            remembered.add(op.opId);
            return tx.putOp(op);
          },
        });
      }),
  });
  let disk = counted(first);
  let life = 0;
  let key = 7;
  let deaths = 0;
  let left = Infinity;
  let running: { readonly sync: SyncService<RequestContext & SyncActor>; readonly store: Store };

  function start(): void {
    life += 1;
    left = Infinity;
    const mine = life;
    const store = mortal(disk, () => {
      if (mine !== life) throw new ServiceDied();
      left -= 1;
      if (left > 0) return;
      deaths += 1;
      start();
      throw new ServiceDied();
    });
    const sync = createSyncService<RequestContext & SyncActor>({
      store,
      clock: { now },
      key: Buffer.alloc(32, key),
      newId: () => random.id(),
      ...syncEntries(audit),
    });
    running = { sync, store };
  }
  start();

  return {
    get sync() {
      return running.sync;
    },
    get store() {
      return running.store;
    },
    get disk() {
      return disk;
    },
    arrive() {
      const odds = mayDie();
      if (odds === 0) left = Infinity;
      else if (left === Infinity && random.chance(odds)) left = 1 + random.below(STEPS_TO_DEATH);
    },
    deaths: () => deaths,
    writes: () => writes,
    remembered() {
      const since = remembered;
      remembered = new Set();
      return since;
    },
    audit,
    loseKeys() {
      key += 1;
      start();
    },
    async restoreFrom(store, epoch, lastCheckpoint) {
      await disk.close();
      disk = counted(store);
      await disk.write((tx) =>
        beginNewOrigin(tx, audit, { epoch, nowMs: now(), app: 'sim', lastCheckpoint }),
      );
      start();
    },
    stop: () => disk.close(),
  };
}

/** The store with a step before every call in a transaction, before the commit and after it. */
function mortal(store: Store, step: () => void): Store {
  const stepwise = <T extends ReadTx>(tx: T): T =>
    new Proxy(tx, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          step();
          return Reflect.apply(value, target, args);
        };
      },
    });
  return {
    ...store,
    async write(work) {
      step();
      const done = await store.write(async (tx) => {
        const result = await work(stepwise(tx));
        step();
        return result;
      });
      step();
      return done;
    },
    read: (work) => {
      step();
      return store.read((tx) => work(stepwise(tx)));
    },
  };
}
