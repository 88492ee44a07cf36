import { COLLECTIONS, KIND_NAMES, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { takeIdsFrom } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { PROTOCOL_VERSION } from '@sivis/shared/protocol/version.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { checkpointText } from '@sivis/shared/tlog/checkpoint.ts';
import { storeRoot } from '../sync-service/src/audit/publisher.ts';
import { rollWindow } from '../sync-service/src/sync/window.ts';
import type { Store } from '../sync-service/src/store/store.ts';
import { buildCentre } from './centre.ts';
import { nextDeed } from './deeds.ts';
import { BETWEEN_COLLECTIONS, Crash, createDesk, type Desk, type DeskFaults } from './desk.ts';
import type { Copy, Disk } from './disk.ts';
import { createNetwork, NO_FAULTS, NoAnswer, type DoorWatch, type NetworkFaults } from './network.ts';
import { census, newOriginNamed, noForeignClash, nothingForeign, replicasEqual } from './promises.ts';
import { createRandom, type Random } from './random.ts';
import { ServiceDied, startService } from './serviceProcess.ts';
import { changeAccess, changeRights, enrol, isLetIn, readStaff } from './staff.ts';
import { superviseOnce } from './supervisor.ts';
import { createTrace, type Trace } from './trace.ts';
import { createWatch } from './watch.ts';

export interface WorldReport {
  readonly seed: number;
  readonly steps: number;
  readonly operations: number;
  /** Answers of the service to the operations of the world, by outcome and rule. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What happened in the world: deeds, faults, changes, by name. */
  readonly events: Readonly<Record<string, number>>;
  readonly census: Readonly<Record<string, number>>;
  /** Of everything that happened, in its order: equal for equal seeds. */
  readonly hash: string;
}

/** A promise was broken in a world, or its code failed. `step` is the last one, or the number of steps at rest. */
export class WorldFailure extends Error {
  readonly seed: number;
  readonly step: number;
  readonly trace: readonly string[];
  constructor(seed: number, step: number, trace: readonly string[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.seed = seed;
    this.step = step;
    this.trace = trace;
  }
}

const ROLE_PLAN: readonly (readonly [Role, number])[] = [
  ['reception', 0],
  ['reception', 0],
  ['dutyManager', 0],
  ['catering', 0],
  ['specialist', 0],
  ['reception', 1],
  ['dutyManager', 1],
  ['reception', 0],
];
const FAULTS: NetworkFaults = {
  lostRequest: 0.08,
  lostReply: 0.08,
  truncated: 0.03,
  doubled: 0.08,
  reordered: 0.08,
};
const DESK_FAULTS = { crash: 0.01, refusal: 0.3 };
const SERVICE_DEATH = 0.06;
/** As many documents as a desk of the product pushes at once: chance of smaller ones may get over what stands still. */
const BATCH = 500;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** How far clocks of desks are off. */
const SKEWS = [5 * MINUTE, -5 * MINUTE, DAY, -DAY, 3650 * DAY, -3650 * DAY] as const;

/**
 * One world: 3–8 desks of a small house and their service, on a virtual clock, network and disk, driven by one seed. The
 * sync code of both sides is the product's. After every step the promises are asked; at the end the faults stop, the
 * desks that are still admitted come to rest and must be equal to the service. Throws WorldFailure.
 */
export async function runWorld(seed: number, steps: number, disk: Disk): Promise<WorldReport> {
  const random = createRandom(seed);
  const release = takeIdsFrom(() => random.id());
  const trace = createTrace();
  const at = { step: 0 };
  const open = new Set<() => Promise<void>>();
  try {
    return await liveThrough({ seed, steps, disk, random, trace, at, open });
  } catch (error) {
    throw new WorldFailure(seed, at.step, trace.lines, error);
  } finally {
    release();
    for (const close of open) await close().catch(() => undefined);
    disk.clear();
  }
}

interface Stage {
  readonly seed: number;
  readonly steps: number;
  readonly disk: Disk;
  readonly random: Random;
  readonly trace: Trace;
  /** How far the world has come. */
  readonly at: { step: number };
  /** What is to be closed when the world ends, however it ends. */
  readonly open: Set<() => Promise<void>>;
}

async function liveThrough({ seed, steps, disk, random, trace, at, open }: Stage): Promise<WorldReport> {
  let nowMs = Date.parse('2026-03-27T09:00:00.000Z') + random.below(3) * DAY;
  const now = (): number => nowMs;
  let quiet = true;
  const service = startService(await disk.open(), {
    random,
    now,
    mayDie: () => (quiet ? 0 : SERVICE_DEATH),
  });
  open.add(() => service.stop());

  const centre = await service.disk.write(async (tx) => {
    await tx.setMeta('epoch', random.id());
    return buildCentre(tx, random);
  });
  const beginning = await service.disk.read(async (tx) => {
    const docs = await Promise.all(KIND_NAMES.map((kind) => tx.docsOfKind(kind)));
    return new Map(docs.flat().map((doc) => [doc.id, doc.fields]));
  });
  await rollWindow(service.disk, rigaDate(nowMs));

  const desks: Desk[] = [];
  const watch = createWatch(beginning, desks, service);
  const handedOut: DoorWatch = async ({ subject }, _collection, reply) => {
    const documents = 'documents' in reply ? reply.documents : reply.rows.map((row) => row.master);
    if ('rows' in reply)
      for (const { master, ops } of reply.rows)
        for (const answer of ops) noForeignClash(subject, master, answer);
    if (documents.length === 0) return;
    await service.disk.read((tx) => nothingForeign(tx, subject, documents, nowMs));
    await watch.handedOut(documents.flatMap((doc) => (doc.deleted ? [] : [doc.id])));
  };
  const faults = (): NetworkFaults => (quiet ? NO_FAULTS : FAULTS);
  const network = createNetwork({ service, now, random, faults, trace, handedOut });
  let crowded = false;
  const deskFaults = (): DeskFaults => ({ ...(quiet ? { crash: 0, refusal: 0 } : DESK_FAULTS), crowded });
  for (const [role, site] of ROLE_PLAN.slice(0, 3 + random.below(6))) {
    const id = random.id();
    const siteIds = [centre.siteIds[site] ?? centre.siteIds[0]];
    const user = await enrol(service.disk, random, id, { role, siteIds }, nowMs);
    const desk = createDesk(id, user, network, random, deskFaults);
    if (random.chance(0.3)) desk.skewMs = random.pick(SKEWS);
    desks.push(desk);
  }
  const nameOf = (desk: Desk): string => `desk ${desks.indexOf(desk) + 1}`;
  const event = (what: string, detail = ''): void => {
    trace.note(`${what}${detail}`);
    trace.count(what);
  };

  const attempt = async (work: () => Promise<unknown>, desk: Desk): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof NoAnswer || error instanceof SivisError) return;
      if (!(error instanceof Crash)) throw error;
      // What the dead process had under way beside it ends as well, and was counted.
      if (error.message === 'the process is gone') return;
      event(
        error.message === BETWEEN_COLLECTIONS ? 'desk crash in a command' : 'desk crash',
        `: ${nameOf(desk)} ${error.message}`,
      );
      await desk.restart();
    }
  };
  const work = async (desk: Desk): Promise<void> => {
    const atDesk = nowMs + desk.skewMs;
    const drafts = nextDeed(desk, rigaDate(atDesk), toInstant(atDesk), random);
    if (drafts.length === 0) return;
    for (const draft of drafts)
      event(`deed ${draft.kind} ${draft.op}`, `: ${nameOf(desk)} ${draft.id.slice(0, 8)}`);
    await attempt(() => desk.execute(drafts, toInstant(atDesk)), desk);
  };

  for (const desk of desks) for (const collection of COLLECTIONS) while (await desk.pull(collection, 50));
  quiet = false;

  /** Without them no checkpoint is known: a service that was restored without its keys cannot tell that it was. */
  const loseKeys = (): void => {
    service.loseKeys();
    event('keys lost');
  };
  const copies: Copy[] = [];
  let witnessed: string | undefined;
  const restore = async (): Promise<void> => {
    const [copy] = copies.splice(random.below(copies.length));
    if (copy === undefined) return;
    const epoch = random.id();
    await service.restoreFrom(await copy.open(), epoch, witnessed);
    if (random.chance(0.3)) loseKeys();
    await service.disk.read((tx) => newOriginNamed(tx, epoch, witnessed));
    watch.restored();
    await readStaff(service.disk, desks, random, nowMs);
    event('restore');
  };
  const roll = async (): Promise<void> => {
    service.arrive();
    try {
      await rollWindow(service.store, rigaDate(nowMs));
    } catch (error) {
      if (!(error instanceof ServiceDied)) throw error;
      await rollWindow(service.disk, rigaDate(nowMs));
    }
  };

  const supervise = async (desk: Desk): Promise<void> => {
    const decision = await superviseOnce(service, desk, random, nowMs);
    if (decision !== undefined) event(`supervisor ${decision}`, `: ${nameOf(desk)}`);
  };

  /** Pushes, pulls and other desks under way at the same time, and somebody who works meanwhile. */
  const together = async (desk: Desk, collection: Collection): Promise<void> => {
    const late = random.below(160);
    const other = random.pick(desks);
    const busy = random.chance(0.5);
    crowded = true;
    await Promise.all([
      attempt(() => desk.push(collection), desk),
      attempt(() => desk.pull(collection, 1 + random.below(12)), desk),
      random.chance(0.1) ? attempt(() => desk.reconcile(), desk) : undefined,
      // What it does stands between the answer of the one and the page.
      other === desk ? undefined : attempt(() => other.push(collection), other),
      (async () => {
        for (let left = late; left > 0; left -= 1) await Promise.resolve();
        if (busy) await work(desk);
        if (random.chance(0.3)) desk.retryParked();
      })(),
    ]);
    crowded = false;
  };

  const happenings: readonly (readonly [number, (desk: Desk, collection: Collection) => unknown])[] = [
    [330, (desk) => work(desk)],
    [110, (desk, collection) => attempt(() => desk.push(collection), desk)],
    [140, together],
    [270, (desk, collection) => attempt(() => desk.pull(collection, 1 + random.below(12)), desk)],
    [25, (desk) => desk.retryParked()],
    [
      15,
      async (desk) => {
        event('desk restart');
        await desk.restart();
      },
    ],
    [12, (desk) => attempt(() => desk.reconcile(), desk)],
    [
      14,
      async (desk) => {
        await changeRights(service.disk, desk, random, centre.siteIds, nowMs);
        event('rights changed', `: ${nameOf(desk)} ${desk.user.role} ${desk.user.siteIds.length}`);
      },
    ],
    [
      10,
      async (picked) => {
        const isOut = await Promise.all(desks.map(async (one) => !(await isLetIn(service.disk, one))));
        const desk = (random.chance(0.6) ? desks.find((_, index) => isOut[index]) : undefined) ?? picked;
        const isIn = await changeAccess(service.disk, desk, random, nowMs);
        event(isIn ? 'let in again' : 'barred', `: ${nameOf(desk)}`);
      },
    ],
    [
      12,
      (desk) => {
        desk.skewMs = random.chance(0.3) ? 0 : random.pick(SKEWS);
        desk.clockWasSet = true;
        event('desk clock', `: ${nameOf(desk)} ${desk.skewMs}`);
      },
    ],
    [
      5,
      () => {
        nowMs -= random.below(26 * 60) * MINUTE;
        event('service clock back');
      },
    ],
    [
      12,
      (desk) => {
        desk.version = PROTOCOL_VERSION + (random.chance(0.6) ? 0 : random.pick([-1, 1]));
        event('desk version', `: ${nameOf(desk)} ${desk.version}`);
      },
    ],
    [
      12,
      async () => {
        nowMs += DAY;
        await roll();
        event('midnight');
      },
    ],
    [
      10,
      async () => {
        if (copies.length < 2) copies.push(await disk.copy(service.disk));
        event('backup');
      },
    ],
    [
      6,
      async () => {
        const size = await service.disk.read((tx) => tx.auditSize());
        const root = await storeRoot(service.disk, size);
        witnessed = checkpointText({ origin: 'sim', size, root, extensions: [] });
        event('checkpoint witnessed');
      },
    ],
    [5, restore],
    [2, loseKeys],
    [
      20,
      async (picked) => {
        await supervise(
          desks.find(({ user }) => user.role === 'dutyManager' && random.chance(0.9)) ?? picked,
        );
      },
    ],
  ];
  const weight = happenings.reduce((sum, [one]) => sum + one, 0);

  for (; at.step < steps; at.step += 1) {
    const desk = random.pick(desks);
    nowMs += random.below(20) * MINUTE;
    const collection: Collection = random.pick(COLLECTIONS);
    let dice = random.below(weight);
    const [, happen] = happenings.find(([one]) => (dice -= one) < 0) ?? [0, () => undefined];
    trace.note(`step ${at.step} ${toInstant(nowMs)} ${nameOf(desk)}`);
    await happen(desk, collection);
    await watch.look();
  }

  quiet = true;
  if (random.chance(0.25)) await restore();
  const resting = await letIn(desks, service.disk, random, nowMs);
  trace.note(`at rest: ${resting.map(nameOf).join(', ')}`);
  let isSettled = false;
  const settled = async (): Promise<void> => {
    // After a restore the service does not know any more what it has handed out; the comparison of ids heals that.
    if (!isSettled && (trace.counts['restore'] ?? 0) === 0)
      await service.disk.read((tx) => replicasEqual(tx, resting, nowMs, false));
    isSettled = true;
  };
  await comeToRest(resting, service.disk, settled);
  // Most of what is held back comes only now.
  for (const desk of resting.filter(({ user }) => user.role === 'dutyManager'))
    for (let left = random.below(4); left > 0; left -= 1) await supervise(desk);
  await comeToRest(resting, service.disk, settled);
  await watch.lookAtRest(resting);
  await service.disk.read((tx) => replicasEqual(tx, resting, nowMs, true));

  const outcomes: Record<string, number> = {};
  let operations = 0;
  for (const desk of desks) {
    for (const opId of desk.made.keys()) {
      operations += 1;
      const result = watch.answers().get(opId);
      const reason =
        result?.rejection === undefined ? '' : ` ${result.rejection.rule} ${result.rejection.code}`;
      const outcome = `${result?.outcome ?? 'unanswered'}${reason}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  const deaths = service.deaths();
  if (deaths > 0) trace.note(`the service died ${deaths} times`);
  const counts = await service.disk.read(census);
  trace.note(JSON.stringify([outcomes, counts]));
  const events = deaths > 0 ? { ...trace.counts, 'service death': deaths } : trace.counts;
  return { seed, steps, operations, outcomes, events, census: counts, hash: trace.hash() };
}

/** Lets most of the barred in again and updates most programs; the others keep what they have. Returns who is in. */
async function letIn(desks: readonly Desk[], store: Store, random: Random, nowMs: number): Promise<Desk[]> {
  const resting: Desk[] = [];
  for (const desk of desks) {
    if (random.chance(0.8)) desk.version = PROTOCOL_VERSION;
    const isIn = await isLetIn(store, desk);
    if (!isIn && random.chance(0.7)) await changeAccess(store, desk, random, nowMs, true);
    if (desk.version === PROTOCOL_VERSION && (await isLetIn(store, desk))) resting.push(desk);
  }
  return resting;
}

/**
 * All desks push and pull without faults until nothing moves, with the daily reconciliation of ids in between; `settled`
 * is called when nothing moves, before it.
 */
async function comeToRest(desks: readonly Desk[], store: Store, settled: () => Promise<void>): Promise<void> {
  let head = -1;
  const headNow = (): Promise<number> => store.read((tx) => tx.headSeq());
  /** Up to where each desk has pulled everything: as with the notices of a real service, it need not ask again. */
  const pulled = new Map<Desk, number>();
  for (let round = 0; round < 60; round += 1) {
    for (const desk of desks) {
      await desk.restart();
      desk.retryParked();
      for (const collection of COLLECTIONS)
        for (let turn = 0; turn < 40; turn += 1) if (!(await desk.push(collection, BATCH))) break;
    }
    const now = await headNow();
    for (const desk of desks) {
      if (pulled.get(desk) === now) continue;
      for (const collection of COLLECTIONS)
        for (let turn = 0; turn < 200; turn += 1) if (!(await desk.pull(collection, 50))) break;
      pulled.set(desk, now);
    }
    if (now === head) {
      await settled();
      for (const desk of desks) await desk.reconcile();
      if (desks.every((desk) => desk.pendingOps() === 0)) break;
    }
    head = now;
  }
}
