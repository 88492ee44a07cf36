import type { Subject } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { idField } from '@sivis/shared/docs/fieldTypes.ts';
import { COLLECTIONS, KIND_NAMES, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { SessionUser } from '@sivis/shared/protocol/messages/signIn.ts';
import { rigaDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Host, HostJournal } from '../../host/index.ts';
import { createDeskEvents, type DeskEventPorts } from '../audit/deskEvents.ts';
import { createLogWitness } from '../audit/logWitness.ts';
import { createSearchEvents } from '../audit/searchEvents.ts';
import { openDatabase, type AnyStorage } from '../db/database.ts';
import { StoreBrokenError } from '../db/storeBroken.ts';
import { createDocStore, type DocStore } from '../db/docStore.ts';
import { createOutbox, type Outbox } from '../db/outbox.ts';
import { createSync } from '../db/sync.ts';
import type { Sync } from '../db/syncTypes.ts';
import { createSyncLog } from '../db/syncLog.ts';
import { openSyncMarks } from '../db/syncMarks.ts';
import { createSyncCalls } from '../db/syncPorts.ts';
import { createCommands } from '../desk/commands.ts';
import { createDesk } from '../desk/desk.ts';
import { createDrafts } from '../desk/drafts.ts';
import { createInbox } from '../desk/inbox.ts';
import { watchPending, type PendingWatch } from '../desk/pending.ts';
import { openDeskJournal } from '../journal/deskJournal.ts';
import { journaledStore, type JournaledStore } from '../journal/journaledStore.ts';
import { answeredOps, ownRecords, restoreRecords } from '../journal/unsentOfDesk.ts';
import type { OpenKey } from '../keys/keyring.ts';
import { liveValue, readLive, type Live } from '../live.ts';
import type { Api } from '../net/api.ts';
import type { DeskClock } from '../net/deskClock.ts';
import type { Link } from '../net/link.ts';
import { createLiveSocket, type SocketLike } from '../net/liveSocket.ts';
import type { Timers } from '../net/timers.ts';
import type { Quarantined } from '../storage/encryptedStorage.ts';
import { createPeopleSearch } from '../search/peopleSearch.ts';
import type { ReadOnly } from '../readOnly.ts';
import type { Recovered, Work } from '../work.ts';
import type { Device } from './device.ts';

/** Everything of one signed-in user while the desk is unlocked: what screens work with, and what stands behind it. */
export interface OpenWork {
  /** Opaque name of the user on this desk. */
  readonly place: string;
  /** For screens. */
  readonly work: Work;
  readonly pending: PendingWatch;
  readonly sync: Sync;
  readonly outbox: Outbox;
  /** False for roles whose desk holds nothing (IT, auditor): there is nothing to wait for. */
  readonly replicates: boolean;
  /** Ends everything and closes the database. */
  close(): Promise<void>;
}

export interface WorkPorts {
  readonly user: SessionUser;
  readonly key: OpenKey;
  /** Which of this person's databases beside each other. */
  readonly store: number;
  readonly device: Pick<Device, 'id' | 'name'>;
  readonly host: Host;
  readonly api: Api;
  readonly link: Link;
  readonly clock: DeskClock;
  readonly timers: Timers;
  readonly storage: AnyStorage;
  readonly wrap?: (storage: AnyStorage) => AnyStorage;
  readonly random: () => number;
  /** Why nothing may be changed on this desk now. */
  readonly readOnly: Live<ReadOnly | null>;
  /** Signs by the key of the desk. */
  readonly sign: DeskEventPorts['sign'];
  /** The service says that rights changed. */
  readonly rightsChanged: () => void;
  readonly openSocket: (path: string, protocols: readonly string[]) => SocketLike;
}

/** Of the name of what was damaged, in the audit log. */
const MAX_SCREEN = 40;
const TICK_MS = 30_000;
/** What is unsent is put together that often, in ticks. */
const SAVE_TICKS = 10;

/** Opens the user's database and everything on it; sync starts in the background and never holds the screen up. */
export async function openWork(ports: WorkPorts): Promise<OpenWork> {
  const { user, key, device, host, api, link, clock, timers, storage, wrap } = ports;
  const subject: Subject = { userId: user.id, role: user.role, siteIds: user.siteIds };
  const damaged = new Set<Collection>();
  let repull: ((collection: Collection) => void) | null = null;
  let noteDamage: ((document: Quarantined) => void) | null = null;

  const found: Quarantined[] = [];
  const database = await openDatabase({
    key,
    store: ports.store,
    inner: storage,
    ...(wrap === undefined ? {} : { wrap }),
    quarantined: (document) => {
      const { collection } = document;
      if (noteDamage === null) found.push(document);
      else noteDamage(document);
      const known = COLLECTIONS.find((name) => name === collection);
      if (known === undefined) return;
      damaged.add(known);
      repull?.(known);
    },
  }).catch((error: unknown) => {
    throw new StoreBrokenError(error);
  });

  try {
    const outbox = createOutbox(database.outbox);
    const stored = createDocStore(database);
    await stored.load().catch((error: unknown) => {
      throw new StoreBrokenError(error);
    });
    const kept = await openKept(host.journal, key, stored, outbox);
    const store = kept?.store ?? stored;
    const marks = await openSyncMarks(outbox);
    const desk = createDesk(store);
    const syncLog = createSyncLog(outbox, clock);
    if (kept?.recovered) syncLog.note({ event: 'recovered', count: kept.recovered.edits });
    const commands = createCommands({
      desk,
      store,
      outbox,
      clock,
      subject,
      deviceId: device.id,
      readOnly: () => readLive(ports.readOnly),
    });
    const inbox = createInbox({ outbox, desk, commands: () => commands, clock });
    const drafts = createDrafts({ outbox, clock, timers });
    await Promise.all([inbox.load(), drafts.load(), commands.finishInterrupted()]);
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
      filedWhole: inbox.filedWhole,
    });
    repull = sync.repull;
    const search = createPeopleSearch(desk, () => rigaDate(clock.now()));
    const audit = createDeskEvents({ outbox, api, clock, usable: link.usable, timers, sign: ports.sign });
    const logWitness = createLogWitness({ outbox, api, events: audit, clock, usable: link.usable, timers });
    const searches = createSearchEvents(audit, timers);
    const tellDamage = (what: { objectId?: string; screen: string }): void => {
      // One that cannot be written down now must not stop who works.
      void audit.record({ action: 'localIntegrityFailure', ...what }).catch(() => undefined);
    };
    noteDamage = ({ collection, id }) => {
      syncLog.note({ event: 'damaged', collection });
      const objectId = idField.safeParse(id).data;
      tellDamage({
        screen: collection.slice(0, MAX_SCREEN),
        ...(objectId === undefined ? {} : { objectId }),
      });
    };
    found.forEach(noteDamage);
    if (kept?.recovered?.storeLost === true) tellDamage({ screen: 'store' });
    if (kept?.recovered?.damaged === true) tellDamage({ screen: 'journal' });
    let greeted = false;
    let following = false;
    /** Rights changed: told by a notice, or by a page after a time without a network. */
    const followRights = (): void => {
      if (following) return;
      following = true;
      // The pages first: they tell why documents go, a comparison of ids would have to ask.
      void (started ? sync.syncNow().then(() => sync.reconcile()) : Promise.resolve())
        .catch(() => undefined)
        .then(() => {
          following = false;
          ports.rightsChanged();
        });
    };
    const socket = createLiveSocket({
      api,
      timers,
      random: ports.random,
      open: ports.openSocket,
      changed: (collections) => {
        if (started) sync.touch(collections);
      },
      rights: followRights,
      opened: () => {
        if (started) sync.touch(COLLECTIONS);
        logWitness.soon();
        // Who pulls nothing learns nothing from pages of what changed while the desk had no network.
        if (!started && greeted) ports.rightsChanged();
        greeted = true;
      },
    });

    const replicates = replicatesAny(user);
    // Who holds nothing now may have held much under an earlier role: that goes.
    const started = replicates || COLLECTIONS.some((name) => store.count(name) > 0);
    let usableNow = false;
    const ends = [
      sync.events.on((event) => {
        syncLog.note(event);
        if (event.event === 'rights') followRights();
      }),
      link.state.subscribe((state) => {
        syncLog.note({ event: 'link', code: state });
      }),
      link.usable.subscribe((usable) => {
        if (usable === usableNow) return;
        usableNow = usable;
        if (usable) socket.start();
        else socket.stop();
      }),
    ];
    audit.start();
    await logWitness.start();
    if (kept !== null) {
      const { store: keeping } = kept;
      ends.push(
        link.usable.subscribe((usable) => {
          if (!usable || !keeping.waits()) return;
          void sync
            .syncNow()
            .then(() => keeping.release())
            .catch(() => undefined);
        }),
      );
    }
    if (started) {
      void sync.start().then(() => {
        for (const collection of damaged) sync.repull(collection);
      });
    }
    // Looked at every half minute and not by one long timer: computers sleep, and clocks are corrected.
    const today = liveValue<PlainDate>(rigaDate(clock.now()));
    let tick: unknown = null;
    let ticks = 0;
    const ticking = (): void => {
      tick = timers.set(() => {
        commands.tick();
        ticks += 1;
        if (ticks % SAVE_TICKS === 0) void kept?.save();
        today.set(rigaDate(clock.now()));
        ticking();
      }, TICK_MS);
    };
    ticking();
    // Housekeeping of the outbox; what does not succeed now does at the next start.
    void syncLog
      .tidy()
      .then(() => outbox.tidy())
      .catch(() => undefined);

    const loaded = liveValue(false);
    ends.push(
      sync.state.subscribe(({ hasSynced }) => {
        if (hasSynced) desk.tell();
        loaded.set(hasSynced || !replicates);
      }),
    );
    const work: Work = {
      user,
      subject,
      siteId: user.siteIds[0] ?? '',
      deviceId: device.id,
      deviceName: device.name.get(),
      desk,
      commands,
      inbox,
      events: audit,
      logWitness,
      search,
      searches,
      drafts,
      api,
      host,
      recovered: kept?.recovered ?? null,
      online: link.usable,
      loaded,
      today,
      now: () => clock.now(),
      sync: {
        log: () => syncLog.read(),
        copyForSupport: () =>
          syncLog.copyForSupport({
            app: host.version,
            device: device.id,
            role: user.role,
            documents: COLLECTIONS.map((name) => `${name} ${store.count(name)}`).join(', '),
            pending: pending.read().count,
            clockOffsetMs: clock.offsetMs,
          }),
        now: sync.syncNow,
        removal: sync.question,
        answerRemoval: sync.answerRemoval,
      },
    };
    return {
      place: key.place,
      work,
      pending,
      sync,
      outbox,
      replicates,
      async close() {
        timers.clear(tick);
        for (const end of ends) end();
        socket.stop();
        await Promise.allSettled([searches.settle(), drafts.flush()]);
        audit.stop();
        logWitness.stop();
        search.close();
        pending.close();
        desk.close();
        try {
          await sync.stop();
          await syncLog.settled();
          await kept?.store.settled();
        } finally {
          store.close();
          await database.close();
        }
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Kept {
  readonly store: JournaledStore;
  readonly recovered: Recovered | null;
  /** Never rejects: the notes before it stay. */
  save(): Promise<void>;
}

/** The store behind the journal of the host; `null` where the host has none. What a crash left behind is written first. */
async function openKept(
  host: HostJournal | null,
  key: OpenKey,
  stored: DocStore,
  outbox: Outbox,
): Promise<Kept | null> {
  if (host === null) return null;
  const journal = await openDeskJournal(host, key);
  const store = journaledStore(stored, journal);
  const storeLost = await restoreRecords(outbox, journal);
  const edits = await store.restore(await answeredOps(outbox));
  const save = (): Promise<void> => store.save(() => ownRecords(outbox)).catch(() => undefined);
  await save();
  const nothing = edits === 0 && !storeLost && !journal.lost;
  return { store, recovered: nothing ? null : { edits, storeLost, damaged: journal.lost }, save };
}

/** A role that replicates nothing (IT, auditor) has no reason to ask. */
function replicatesAny(user: SessionUser): boolean {
  return KIND_NAMES.some((kind) => {
    const row = rightsRow(user.role, kind);
    return row !== undefined && row.replica !== 'none';
  });
}
