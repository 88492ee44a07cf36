import { KIND_NAMES } from '@sivis/shared/docs/kinds.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { rollWindow } from '../../sync-service/src/sync/window.ts';
import { buildCentre } from '../centre.ts';
import type { DeskState, DeskUser } from '../desk.ts';
import type { Copy, Disk } from '../disk.ts';
import { createNetwork, NO_FAULTS, type NetworkFaults } from '../network.ts';
import { nothingForeign, noForeignClash, replicasEqual } from '../promises.ts';
import { createRandom } from '../random.ts';
import { startService } from '../serviceProcess.ts';
import { changeRights, enrol, readStaff } from '../staff.ts';
import { createTrace } from '../trace.ts';
import { createWatch } from '../watch.ts';
import { startDesk, type DeskProcess } from './deskClient.ts';

/** How many desks a world has; RxDB allows one desk in a process (13 collections per realm). */
export const DESKS = 3;
const ROLES: readonly Role[] = ['reception', 'dutyManager', 'reception'];
const FAULTS: NetworkFaults = {
  lostRequest: 0.05,
  lostReply: 0.06,
  truncated: 0.03,
  doubled: 0.06,
  reordered: 0.05,
};
const MINUTE = 60_000;
const ROUNDS = 40;

export interface RxdbReport {
  readonly seed: number;
  readonly operations: number;
  readonly events: Readonly<Record<string, number>>;
}

/** What is still unanswered, for the message. */
async function unrest(desks: readonly DeskProcess[]): Promise<string> {
  const states = await Promise.all(desks.map((desk) => desk.state()));
  const docs = states.flatMap(({ user, replicas }) =>
    Object.values(replicas).flatMap((replica) =>
      [...replica.docs.values()]
        .filter(({ ops }) => ops.length > 0)
        .map((doc) => ({ role: user.role, ...doc })),
    ),
  );
  return JSON.stringify(docs);
}

/** Desks in processes of their own, for one world after the other. */
export function startDesks(): { desks: readonly DeskProcess[]; failure: () => unknown; end: () => void } {
  let failure: unknown;
  const desks = Array.from({ length: DESKS }, () =>
    startDesk((error) => {
      failure ??= error;
    }),
  );
  return {
    desks,
    failure: () => failure,
    end: () => {
      for (const desk of desks) desk.end();
    },
  };
}

/**
 * One world in which RxDB itself takes part, on the time of the wall: what is chosen comes from the seed, the order in
 * which processes get their turn does not. The promises are asked at quiescence, in the middle and at the end, and at the
 * door for every reply. Throws what broke.
 */
export async function runRxdbWorld(
  seed: number,
  processes: ReturnType<typeof startDesks>,
  disk: Disk,
  steps = 14,
): Promise<RxdbReport> {
  const random = createRandom(seed);
  const trace = createTrace();
  let nowMs = Date.parse('2026-03-27T09:00:00.000Z') + random.below(3) * 86_400_000;
  const now = (): number => nowMs;
  let quiet = true;
  const service = startService(await disk.open(), { random, now, mayDie: () => (quiet ? 0 : 0.03) });
  try {
    const centre = await service.disk.write(async (tx) => {
      await tx.setMeta('epoch', random.id());
      return buildCentre(tx, random);
    });
    const beginning = await service.disk.read(async (tx) => {
      const docs = await Promise.all(KIND_NAMES.map((kind) => tx.docsOfKind(kind)));
      return new Map(docs.flat().map((doc) => [doc.id, doc.fields]));
    });
    await rollWindow(service.disk, rigaDate(nowMs));

    const states: DeskState[] = [];
    const watch = createWatch(beginning, states, service);
    const network = createNetwork({
      service,
      now,
      random,
      faults: () => (quiet ? NO_FAULTS : FAULTS),
      trace,
      handedOut: async ({ subject }, _collection, reply) => {
        const documents = 'documents' in reply ? reply.documents : reply.rows.map(({ master }) => master);
        if ('rows' in reply)
          for (const { master, ops } of reply.rows)
            for (const answer of ops) noForeignClash(subject, master, answer);
        await service.disk.read((tx) => nothingForeign(tx, subject, documents, nowMs));
      },
    });

    const desks: { readonly process: DeskProcess; readonly user: DeskUser; readonly id: string }[] = [];
    for (const [index, process] of processes.desks.entries()) {
      const deskId = random.id();
      const siteIds = [centre.siteIds[0]];
      const user = await enrol(
        service.disk,
        random,
        deskId,
        { role: ROLES[index] ?? 'reception', siteIds },
        nowMs,
      );
      await process.open(deskId, user, network, seed * 10 + index);
      await process.tell({ to: 'sync', reconcile: false });
      desks.push({ process, user, id: deskId });
    }

    /** All desks push and pull without faults until nothing moves; then the promises are asked. */
    const comeToRest = async (): Promise<void> => {
      quiet = true;
      let head = -1;
      for (let round = 0; ; round += 1) {
        if (round === ROUNDS)
          throw new Error(`the desks do not come to rest: ${await unrest(processes.desks)}`);
        let left = 0;
        for (const { process } of desks)
          left += (await process.tell({ to: 'sync', reconcile: round > 1 })).pending;
        const head2 = await service.disk.read((tx) => tx.headSeq());
        if (left === 0 && head2 === head && round > 2) break;
        head = head2;
      }
      states.splice(0, states.length, ...(await Promise.all(desks.map(({ process }) => process.state()))));
      await watch.lookAtRest(states);
      await service.disk.read((tx) => replicasEqual(tx, states, nowMs, true));
      const broke = processes.failure();
      if (broke !== undefined) throw broke as Error;
      quiet = false;
    };

    let copy: Copy | undefined;
    quiet = false;
    for (let step = 0; step < steps; step += 1) {
      nowMs += random.below(40) * MINUTE;
      const desk = random.pick(desks);
      const dice = random.next();
      if (dice < 0.12) {
        trace.count('crash');
        await desk.process.tell({ to: 'crash' });
      } else if (dice < 0.22) await desk.process.tell({ to: 'link', online: random.chance(0.5) });
      else if (dice < 0.27) {
        trace.count('rights changed');
        await changeRights(service.disk, desk, random, centre.siteIds, nowMs);
        await desk.process.tell({ to: 'user', user: desk.user });
      } else if (dice < 0.35) copy ??= await disk.copy(service.disk);
      else if (dice < 0.42 && copy !== undefined) {
        trace.count('restore');
        // A service that is taken down breaks its connections: no answer of before comes after its return.
        const offline = async (): Promise<void> => {
          for (const { process } of desks) await process.tell({ to: 'link', online: false });
          await new Promise((resolve) => setTimeout(resolve, 50));
        };
        do await offline();
        while (desks.some(({ process }) => process.underWay() > 0));
        await offline();
        await service.restoreFrom(await copy.open(), random.id(), undefined);
        copy = undefined;
        watch.restored();
        await readStaff(service.disk, desks, random, nowMs);
        for (const { process, user } of desks) {
          await process.tell({ to: 'user', user });
          await process.tell({ to: 'link', online: true });
        }
      } else if (dice < 0.46) await comeToRest();
      else {
        await Promise.all(
          desks.map(({ process }) => process.tell({ to: 'work', nowMs, times: 1 + random.below(4) })),
        );
      }
      // Replication runs by itself; it gets a moment.
      await new Promise((resolve) => setTimeout(resolve, random.below(40)));
    }
    await comeToRest();
    const operations = states.reduce((sum, { made }) => sum + made.size, 0);
    for (const { process } of desks) await process.tell({ to: 'close' });
    return { seed, operations, events: trace.counts };
  } finally {
    await service.stop();
    disk.clear();
  }
}
