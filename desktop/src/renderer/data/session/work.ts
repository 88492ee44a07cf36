import type { Subject } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { COLLECTIONS, KIND_NAMES, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { SessionUser } from '@sivis/shared/protocol/messages.ts';
import { rigaDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { World } from '@sivis/shared/rules/world.ts';
import { createDeskEvents, type DeskEvents } from '../audit/deskEvents.ts';
import { openDatabase, type AnyStorage } from '../db/database.ts';
import { createDocStore } from '../db/docStore.ts';
import { createOutbox, type Outbox } from '../db/outbox.ts';
import { createSync, type Sync } from '../db/sync.ts';
import { createSyncLog, type SyncLog } from '../db/syncLog.ts';
import { openSyncMarks } from '../db/syncMarks.ts';
import { createSyncCalls } from '../db/syncPorts.ts';
import { createCommands, type Commands } from '../desk/commands.ts';
import { createDesk, type Desk } from '../desk/desk.ts';
import { createInbox, type Inbox } from '../desk/inbox.ts';
import { watchPending, type PendingWatch } from '../desk/pending.ts';
import { deskWorld } from '../desk/world.ts';
import type { OpenKey } from '../keys/keyring.ts';
import type { Api } from '../net/api.ts';
import type { DeskClock } from '../net/deskClock.ts';
import type { Link } from '../net/link.ts';
import { createLiveSocket, type SocketLike } from '../net/liveSocket.ts';
import type { Timers } from '../net/timers.ts';
import { createPeopleSearch, type PeopleSearch } from '../search/peopleSearch.ts';

/** Everything of one signed-in user while the desk is unlocked. */
export interface Work {
  readonly user: SessionUser;
  readonly subject: Subject;
  readonly desk: Desk;
  readonly commands: Commands;
  readonly inbox: Inbox;
  readonly pending: PendingWatch;
  readonly sync: Sync;
  readonly syncLog: SyncLog;
  readonly audit: DeskEvents;
  readonly search: PeopleSearch;
  readonly outbox: Outbox;
  readonly api: Api;
  readonly clock: DeskClock;
  /** False for roles whose desk holds nothing (IT, auditor): there is nothing to wait for. */
  readonly replicates: boolean;
  /** Today in Riga by the corrected clock (decision 22). */
  today(): PlainDate;
  /** What the shared rules look at. */
  world(): World;
  /** Ends everything and closes the database. */
  close(): Promise<void>;
}

export interface WorkPorts {
  readonly user: SessionUser;
  readonly key: OpenKey;
  readonly deviceId: string;
  readonly api: Api;
  readonly link: Link;
  readonly clock: DeskClock;
  readonly timers: Timers;
  readonly storage: AnyStorage;
  readonly wrap?: (storage: AnyStorage) => AnyStorage;
  readonly random: () => number;
  readonly openSocket: (path: string, protocols: readonly string[]) => SocketLike;
}

const TICK_MS = 30_000;

/** Opens the user's database and everything on it; sync starts in the background and never holds the screen up. */
export async function openWork(ports: WorkPorts): Promise<Work> {
  const { user, key, deviceId, api, link, clock, timers, storage, wrap } = ports;
  const subject: Subject = { userId: user.id, role: user.role, siteIds: user.siteIds };
  const damaged = new Set<Collection>();
  let repull: ((collection: Collection) => void) | null = null;
  let noteDamage: ((collection: string) => void) | null = null;

  const database = await openDatabase({
    key,
    inner: storage,
    ...(wrap === undefined ? {} : { wrap }),
    quarantined: ({ collection }) => {
      noteDamage?.(collection);
      const known = COLLECTIONS.find((name) => name === collection);
      if (known === undefined) return;
      damaged.add(known);
      repull?.(known);
    },
  });

  try {
    const outbox = createOutbox(database.outbox);
    const store = createDocStore(database);
    await store.load();
    const marks = await openSyncMarks(outbox);
    const desk = createDesk(store);
    const syncLog = createSyncLog(outbox, clock);
    noteDamage = (collection) => {
      syncLog.note({ event: 'damaged', collection });
    };
    for (const collection of damaged) noteDamage(collection);
    const commands = createCommands({ desk, store, outbox, clock, subject, deviceId });
    const inbox = createInbox({ outbox, desk, commands: () => commands, clock });
    await Promise.all([inbox.load(), commands.finishInterrupted()]);
    const pending = watchPending(store);
    const sync = createSync({
      database,
      store,
      outbox,
      marks,
      calls: createSyncCalls(api),
      link,
      clock,
      timers,
      file: inbox.file,
      filedRejections: inbox.filedRejections,
    });
    repull = sync.repull;
    const search = createPeopleSearch(desk, () => rigaDate(clock.now()));
    const audit = createDeskEvents({ outbox, api, clock, usable: link.usable, timers });
    const socket = createLiveSocket({
      api,
      timers,
      random: ports.random,
      open: ports.openSocket,
      changed: sync.touch,
      rights: () => {
        sync.touch(COLLECTIONS);
        void sync.reconcile().catch(() => undefined);
      },
      opened: () => {
        sync.touch(COLLECTIONS);
      },
    });

    const replicates = replicatesAny(user);
    let usableNow = false;
    const ends = [
      sync.events.on((event) => {
        syncLog.note(event);
      }),
      link.state.subscribe((state) => {
        syncLog.note({ event: 'link', code: state });
      }),
      link.usable.subscribe((usable) => {
        if (usable === usableNow) return;
        usableNow = usable;
        if (usable && replicates) socket.start();
        else socket.stop();
      }),
    ];
    audit.start();
    if (replicates) {
      void sync.start().then(() => {
        for (const collection of damaged) sync.repull(collection);
      });
    }
    let tick: unknown = null;
    const ticking = (): void => {
      tick = timers.set(() => {
        commands.tick();
        ticking();
      }, TICK_MS);
    };
    ticking();
    // Housekeeping of the outbox; what does not succeed now does at the next start.
    void syncLog
      .tidy()
      .then(() => outbox.tidy())
      .catch(() => undefined);

    return {
      user,
      subject,
      desk,
      commands,
      inbox,
      pending,
      sync,
      syncLog,
      audit,
      search,
      outbox,
      api,
      clock,
      replicates,
      today: () => rigaDate(clock.now()),
      world: () => deskWorld(desk, rigaDate(clock.now())),
      async close() {
        timers.clear(tick);
        for (const end of ends) end();
        socket.stop();
        audit.stop();
        search.close();
        pending.close();
        desk.close();
        await sync.stop();
        await syncLog.settled();
        store.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A role that replicates nothing (IT, auditor) has no reason to ask. */
function replicatesAny(user: SessionUser): boolean {
  return KIND_NAMES.some((kind) => {
    const row = rightsRow(user.role, kind);
    return row !== undefined && row.replica !== 'none';
  });
}
