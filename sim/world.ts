import { createHash } from 'node:crypto';
import { COLLECTIONS, KIND_NAMES, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { takeIdsFrom } from '@sivis/shared/ids/ids.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import {
  giveUp,
  missedRemovals,
  rejectionsOf,
  removed,
  waitInVain,
} from '../desktop/src/renderer/data/core/reconcile.ts';
import type { OpResult } from '@sivis/shared/protocol/messages.ts';
import { createSyncService, type SyncService } from '../sync-service/src/sync/service.ts';
import { rollWindow } from '../sync-service/src/sync/window.ts';
import type { ChangeEvent, SyncActor } from '../sync-service/src/sync/env.ts';
import type { AuditIndex, Store, WriteTx } from '../sync-service/src/store/store.ts';
import { buildCentre } from './centre.ts';
import { nextDeed } from './deeds.ts';
import type { Disk } from './disk.ts';
import { Crash, createDesk, type Desk, type DeskUser } from './desk.ts';
import { createNetwork, NO_FAULTS, NoAnswer, type Network, type NetworkFaults } from './network.ts';
import {
  acceptedIsThere,
  census,
  everythingLogged,
  nightsTrue,
  nothingForeign,
  nothingLost,
  oneGuestPerBedNight,
  replicasEqual,
  unconfirmedHaveTasks,
} from './promises.ts';
import { createRandom, type Random } from './random.ts';

export interface WorldReport {
  readonly seed: number;
  readonly steps: number;
  readonly operations: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly restored: boolean;
  readonly census: Readonly<Record<string, number>>;
  /** Equal for equal worlds: a run is reproducible from its seed. */
  readonly hash: string;
}

const ROLE_PLAN: readonly (readonly [Role, number])[] = [
  ['reception', 0],
  ['reception', 0],
  ['dutyManager', 0],
  ['catering', 0],
  ['specialist', 0],
  ['reception', 1],
];

/**
 * One world: 3–6 desks of a small house and their service, on a virtual clock, network and disk, driven by one seed. The
 * sync code of both sides is the product's. After every step the promises are asked; at the end the faults stop, all
 * desks come to rest and everything must be equal. Throws BrokenPromise.
 */
export async function runWorld(seed: number, steps: number, disk: Disk): Promise<WorldReport> {
  const random = createRandom(seed);
  const release = takeIdsFrom(() => random.id());
  try {
    return await liveThrough(seed, steps, disk, random);
  } finally {
    release();
    disk.clear();
  }
}

async function liveThrough(seed: number, steps: number, disk: Disk, random: Random): Promise<WorldReport> {
  let nowMs = Date.parse('2026-03-27T09:00:00.000Z') + random.below(3) * 86_400_000;
  let store = await disk.open();
  let epoch = random.id();
  let crashes = 0;
  let restored = false;
  let quiet = false;
  const handedOut = new Set<string>();

  const audit = async (
    tx: WriteTx,
    actor: SyncActor,
    at: string,
    action: string,
    detail: object,
  ): Promise<void> => {
    if (!quiet && random.chance(0.02)) throw new Crash('service before commit');
    const index: AuditIndex = {
      at: toInstant(nowMs),
      happenedAt: at,
      actorId: actor.subject.userId,
      deviceId: actor.deviceId,
      action,
      siteId: '',
      subjectRefs: [],
      personal: true,
    };
    await tx.appendAudit(JSON.stringify({ action, ...detail }), '00', null, null, index);
  };

  const serve = (): SyncService<SyncActor> =>
    createSyncService<SyncActor>({
      store,
      clock: { now: () => nowMs },
      key: Buffer.alloc(32, 7),
      newId: () => random.id(),
      recordChange: (tx, actor, event: ChangeEvent) =>
        audit(tx, actor, event.happenedAt, event.action, {
          opId: event.opId,
          objectId: event.objectId,
          rev: event.objectRev,
          changes: event.changes,
        }),
      recordReplicate: (tx, actor, event) =>
        audit(tx, actor, toInstant(nowMs), 'replicate', { delivered: event.deliveredIds }),
    });
  let service = serve();

  const centre = await store.write(async (tx) => {
    await tx.setMeta('epoch', epoch);
    return buildCentre(tx, random);
  });
  const beginning = await store.read(async (tx) => {
    const docs = await Promise.all(KIND_NAMES.map((kind) => tx.docsOfKind(kind)));
    return new Map(docs.flat().map((doc) => [doc.id, doc.fields]));
  });
  await rollWindow(store, rigaDate(nowMs));

  const faults = (): NetworkFaults =>
    quiet ? NO_FAULTS : { lostRequest: 0.1, lostReply: 0.1, doubled: 0.08, reordered: 0.08 };
  const wire = createNetwork(
    () => service,
    () => nowMs,
    random,
    faults,
  );
  const network: Network = {
    ...wire,
    pull: async (deskId, user, collection, request) => {
      const asked = { userId: user.id, role: user.role, siteIds: user.siteIds };
      const page = await wire.pull(deskId, user, collection, request);
      await store.read((tx) => nothingForeign(tx, asked, collection, page, nowMs));
      for (const doc of page.documents) if (!doc.deleted) handedOut.add(doc.id);
      return page;
    },
  };

  const desks: Desk[] = ROLE_PLAN.slice(0, 3 + random.below(4)).map(([role, site]) => {
    const user: DeskUser = { id: random.id(), role, siteIds: [centre.siteIds[site] ?? centre.siteIds[0]] };
    return createDesk(random.id(), user, network, random, () => ({ crash: quiet ? 0 : 0.01 }));
  });
  const skew = new Map(
    desks.map((desk) => [desk.id, random.chance(0.2) ? (random.below(240) - 60) * 60_000 : 0]),
  );

  const attempt = async (work: () => Promise<unknown>, desk: Desk): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof NoAnswer) return;
      if (!(error instanceof Crash)) throw error;
      // What the dead process had under way beside it ends as well, and was counted.
      if (error.message === 'the process is gone') return;
      crashes += 1;
      desk.restart();
    }
  };

  quiet = true;
  for (const desk of desks) for (const collection of COLLECTIONS) while (await desk.pull(collection, 50));
  quiet = false;

  let backup: { open(): Promise<Store> } | null = null;
  const restore = async (): Promise<void> => {
    if (backup === null) return;
    await store.close();
    store = await backup.open();
    epoch = random.id();
    await store.write((tx) => tx.setMeta('epoch', epoch));
    service = serve();
    handedOut.clear();
    restored = true;
    backup = null;
  };

  for (let step = 0; step < steps; step += 1) {
    const desk = random.pick(desks);
    const dice = random.next();
    nowMs += random.below(20) * 60_000;
    const collection: Collection = random.pick(COLLECTIONS);
    if (dice < 0.34) {
      const at = toInstant(nowMs + (skew.get(desk.id) ?? 0));
      const drafts = nextDeed(desk, rigaDate(nowMs), at, random);
      if (drafts.length > 0) desk.execute(drafts, at);
    } else if (dice < 0.45) await attempt(() => desk.push(collection), desk);
    else if (dice < 0.6) {
      // A page and an answer under way at the same time, and somebody who works meanwhile.
      const at = toInstant(nowMs + (skew.get(desk.id) ?? 0));
      const drafts = random.chance(0.5) ? nextDeed(desk, rigaDate(nowMs), at, random) : [];
      const late = random.below(80);
      const other = random.pick(desks);
      await Promise.all([
        attempt(() => desk.push(collection), desk),
        attempt(() => desk.pull(collection, 1 + random.below(12)), desk),
        // What it does stands between the answer of the one and the page.
        other === desk ? undefined : attempt(() => other.push(collection), other),
        (async () => {
          for (let left = late; left > 0; left -= 1) await Promise.resolve();
          if (drafts.length > 0) desk.execute(drafts, at);
          if (random.chance(0.3)) desk.retryParked();
        })(),
      ]);
    } else if (dice < 0.92) await attempt(() => desk.pull(collection, 1 + random.below(12)), desk);
    else if (dice < 0.95) desk.retryParked();
    else if (dice < 0.965) desk.restart();
    else if (dice < 0.975) changeRights(desk, random, centre.siteIds);
    else if (dice < 0.985) {
      nowMs += 86_400_000;
      await rollWindow(store, rigaDate(nowMs));
    } else if (dice < 0.99 && backup === null && !restored) backup = await disk.copy(store);
    else if (dice >= 0.997) await restore();
    await store.read(async (tx) => {
      await nothingLost(tx, desks, restored);
      if (step % 10 === 0) {
        await nightsTrue(tx);
        await oneGuestPerBedNight(tx);
        await unconfirmedHaveTasks(tx);
      }
    });
  }

  quiet = true;
  if (backup !== null && random.chance(0.5)) await restore();
  await comeToRest(desks, service, () => store);

  const made = new Set(desks.flatMap((desk) => [...desk.made.keys()]));
  await store.read(async (tx) => {
    await nothingLost(tx, desks, false);
    await replicasEqual(tx, desks, nowMs);
    await nightsTrue(tx);
    await oneGuestPerBedNight(tx);
    await unconfirmedHaveTasks(tx);
  });
  await acceptedIsThere(store, beginning, desks);
  await everythingLogged(store, handedOut, made);
  const report = await store.read(async (tx) => {
    const outcomes: Record<string, number> = {};
    for (const opId of made) {
      const record = await tx.op(opId);
      const result = record === undefined ? undefined : (JSON.parse(record.result) as OpResult);
      const outcome =
        result === undefined
          ? 'beforeRestore'
          : `${result.outcome}${result.rejection ? ` ${result.rejection.rule} ${result.rejection.code}` : ''}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const counts = await census(tx);
    const hash = createHash('sha256').update(
      JSON.stringify([outcomes, counts, await tx.headSeq(), nowMs, crashes]),
    );
    return { outcomes, census: counts, hash: hash.digest('hex').slice(0, 16) };
  });
  await store.close();
  return { seed, steps, operations: made.size, crashes, restored, ...report };
}

function changeRights(desk: Desk, random: Random, siteIds: readonly string[]): void {
  if (random.chance(0.5))
    desk.user.role = random.pick(['reception', 'dutyManager', 'catering', 'specialist'] as const);
  else desk.user.siteIds = random.chance(0.5) ? [...siteIds] : [random.pick(siteIds)];
}

/** All desks push and pull without faults until nothing moves, with the daily reconciliation of ids in between. */
async function comeToRest(
  desks: readonly Desk[],
  service: SyncService<SyncActor>,
  store: () => Store,
): Promise<void> {
  let head = -1;
  for (let round = 0; round < 60; round += 1) {
    for (const desk of desks) {
      desk.restart();
      desk.retryParked();
      for (const collection of COLLECTIONS) {
        for (let turn = 0; turn < 40; turn += 1) if (!(await desk.push(collection))) break;
        for (let turn = 0; turn < 200; turn += 1) if (!(await desk.pull(collection, 50))) break;
      }
    }
    const now = await store().read((tx) => tx.headSeq());
    if (now === head) {
      for (const desk of desks) await reconcile(desk, service);
      if (desks.every((desk) => desk.pendingOps() === 0)) break;
    }
    head = now;
  }
}

async function reconcile(desk: Desk, service: SyncService<SyncActor>): Promise<void> {
  const subject = { userId: desk.user.id, role: desk.user.role, siteIds: desk.user.siteIds };
  const allowed = new Map<Collection, ReadonlySet<string>>();
  for (const collection of COLLECTIONS) {
    const { ids } = await service.ids({ subject, deviceId: desk.id }, collection, '', 20_000);
    allowed.set(collection, new Set(ids));
  }
  const atService = (id: string): boolean => [...allowed.values()].some((ids) => ids.has(id));
  const everything = COLLECTIONS.flatMap((collection) => [...desk.replicas[collection].docs.values()]);
  const lost = waitInVain(everything, atService);
  const records = lost.flatMap(rejectionsOf);
  for (const record of records) desk.outbox.set(`rejection ${record.id}`, record);
  const filed = new Set(records.map((record) => record.id));
  for (const collection of COLLECTIONS) {
    const replica = desk.replicas[collection];
    const missed = missedRemovals(replica.docs.values(), allowed.get(collection) ?? new Set());
    const given = lost.filter((entry) => collectionOf(entry.kind) === collection);
    for (const doc of [...missed.map(removed), ...given.map((entry) => giveUp(entry, filed, atService))]) {
      replica.docs.set(doc.id, doc);
      replica.assumed.set(doc.id, doc);
    }
  }
}
