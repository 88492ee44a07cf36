import { COLLECTIONS, collectionOf, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import { applyOps, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { PROTOCOL_VERSION } from '@sivis/shared/protocol/version.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { Deed } from './deeds.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { createArrivals, type Arrivals } from '../desktop/src/renderer/data/core/arrivals.ts';
import {
  finishCommands,
  groupsOf,
  writeCommand,
  type CommandDisk,
  type Intent,
} from '../desktop/src/renderer/data/core/command.ts';
import { viewOf, withOps, type LocalDoc } from '../desktop/src/renderer/data/core/localDoc.ts';
import { createPullHandler } from '../desktop/src/renderer/data/core/pullHandler.ts';
import { createPushHandler, type PushHandler } from '../desktop/src/renderer/data/core/pushHandler.ts';
import { requeueAll, retry } from '../desktop/src/renderer/data/core/requeue.ts';
import {
  filedWhole,
  withEarlier,
  type OutboxRecord,
  type SentRecord,
} from '../desktop/src/renderer/data/core/records.ts';
import { createReplica, downstream, upstream, type Outbox, type Replica, type Step } from './replica.ts';
import { NoAnswer, type Claims, type Network } from './network.ts';
import { reconcile } from './reconcile.ts';
import type { Random } from './random.ts';

/** A crash of the desk's process: what was in memory is gone, what was written stays. */
export class Crash extends Error {}

/** The user as the service knows her, and what her desk shows it. */
export interface DeskUser {
  readonly id: string;
  role: Role;
  siteIds: readonly string[];
  sessionId: string;
  readonly thumbprint: string;
  /** What the user was before, and may be again. */
  before?: { readonly role: Role; readonly siteIds: readonly string[] };
}

export interface DeskFaults {
  /** The chance that the process ends at a step. */
  readonly crash: number;
  /** The chance that a human does not agree to a large removal. */
  readonly refusal: number;
  /** Something else is under way: how long requests and steps take makes a difference. */
  readonly crowded: boolean;
}

/** An operation that the user made and saw as saved. */
export interface Made {
  readonly op: Op;
  readonly docId: string;
  readonly kind: Kind;
  readonly siteId: string;
}

/** What the promises ask of a desk: what it has on disk, and what its user has made. */
export interface DeskState {
  readonly id: string;
  readonly user: DeskUser;
  readonly replicas: Readonly<Record<Collection, { readonly docs: ReadonlyMap<string, LocalDoc> }>>;
  readonly outbox: ReadonlyMap<string, OutboxRecord>;
  /** Every operation that the user made and saw as saved. */
  readonly made: ReadonlyMap<string, Made>;
  doc(id: string): LocalDoc | undefined;
  pendingOps(): number;
}

/** One desk with one user: durable replicas and outbox, and handlers that a crash forgets. */
export interface Desk extends DeskState {
  /** How far the desk's clock is off, in milliseconds. */
  skewMs: number;
  /** The clock was set while records were kept: their ids are in no order any more. */
  clockWasSet: boolean;
  /** The protocol of the program that is installed. */
  version: number;
  readonly replicas: Readonly<Record<Collection, Replica>>;
  readonly outbox: Outbox;
  /** Makes the operations of a command and saves them; the user sees them as saved when this resolves. */
  execute(drafts: readonly Deed[], at: string): Promise<void>;
  all(kind: Kind): { id: string; siteId: string; fields: Fields }[];
  /** Pushes some documents, or as many as `batch`. */
  push(collection: Collection, batch?: number): Promise<boolean>;
  pull(collection: Collection, limit: number): Promise<boolean>;
  /** Pushes again what waits, as the timer of a real desk does. */
  retryParked(): void;
  /** The daily comparison of ids. */
  reconcile(): Promise<void>;
  /** The process ends, or is ended, and begins anew. */
  restart(): Promise<void>;
}

export function createDesk(
  id: string,
  user: DeskUser,
  network: Network,
  random: Random,
  faults: () => DeskFaults,
): Desk {
  const replicas = Object.fromEntries(COLLECTIONS.map((name) => [name, createReplica()])) as Record<
    Collection,
    Replica
  >;
  const outbox: Outbox = new Map();
  const intents = new Map<string, Intent>();
  const made = new Map<string, Made>();
  let pushers: Record<Collection, PushHandler>;
  let pullers: Record<Collection, ReturnType<typeof createPullHandler>>;
  const claims = (): Claims => ({
    userId: user.id,
    deviceId: id,
    sessionId: user.sessionId,
    thumbprint: user.thumbprint,
    version: desk.version,
  });
  const travel = async (): Promise<void> => {
    if (faults().crowded) await turns(random, LATENCY_TURNS);
  };
  /** Counts the lives of the desk's process: what an earlier one had under way ends at its next step. */
  let life = 0;

  /** The end of a step: other work may come between, and the process may die. */
  const stepsOf = (mine: number) => async (where: string) => {
    if (faults().crowded) await turns(random, 6);
    if (mine !== life) throw new Crash('the process is gone');
    const odds = faults().crash * (where === BETWEEN_COLLECTIONS ? IN_COMMANDS : 1);
    if (random.chance(odds)) throw new Crash(where);
  };

  /** Where commands are written, with what lies between two of its steps. */
  const commandDisk = (step: Step): CommandDisk => ({
    async write(writes) {
      const several = new Set(writes.map(({ kind }) => collectionOf(kind))).size > 1;
      for (const name of COLLECTIONS) {
        const own = writes.filter(({ kind }) => collectionOf(kind) === name);
        if (own.length === 0) continue;
        if (several) await step(BETWEEN_COLLECTIONS);
        const { docs } = replicas[name];
        for (const [docId, ops] of Map.groupBy(own, (write) => write.id)) {
          const next = withOps(docs.get(docId), ops);
          if (next !== undefined) docs.set(docId, next);
        }
        // From here on the command is finished, whatever happens.
        for (const { op, id: docId, kind, siteId } of writes) made.set(op.opId, { op, docId, kind, siteId });
      }
    },
    async keep(intent) {
      await step('before an intent');
      intents.set(intent.id, intent);
    },
    kept: () => Promise.resolve([...intents.values()]),
    async forget(intentId) {
      await step('before an intent is forgotten');
      intents.delete(intentId);
    },
  });

  function repush(collection: Collection): void {
    const { docs } = replicas[collection];
    const sent = [...outbox.values()].filter(
      (record): record is SentRecord => record.type === 'sent' && record.collection === collection,
    );
    // By their ids, as the product reads them: after a clock that was set back these say nothing of their age.
    if (desk.clockWasSet) sent.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const [docId, change] of requeueAll(sent)) {
      const again = change(docs.get(docId));
      if (again !== undefined) docs.set(docId, again);
    }
  }

  function start(): void {
    life += 1;
    const step = stepsOf(life);
    const arrivals = Object.fromEntries(COLLECTIONS.map((name) => [name, createArrivals()])) as Record<
      Collection,
      Arrivals
    >;
    pushers = Object.fromEntries(
      COLLECTIONS.map((name) => [
        name,
        createPushHandler(
          name,
          {
            async send(collection, rows) {
              await travel();
              await step('before a push');
              const answer = await network.push(claims(), collection, rows);
              await travel();
              await step('with an answer');
              return answer;
            },
            file: async (records) => {
              for (const record of records) {
                await step('while filing');
                keep(outbox, record);
              }
            },
            docsOfGroup: async (collection, group) =>
              [...replicas[collection].docs.values()].filter((doc) =>
                doc.ops.some((op) => op.group?.id === group),
              ),
            filedWhole: async (opIds) => filedWhole(outbox.values(), opIds),
            parked: () => undefined,
            now: () => toInstant(Date.parse(network.now()) + desk.skewMs),
          },
          arrivals[name],
        ),
      ]),
    ) as Record<Collection, PushHandler>;
    pullers = Object.fromEntries(
      COLLECTIONS.map((name) => [
        name,
        createPullHandler(
          name,
          {
            async fetch(collection, request) {
              await travel();
              await step('before a pull');
              const page = await network.pull(claims(), collection, request);
              await travel();
              await step('with a page');
              return page;
            },
            local: async (collection, ids) =>
              ids.flatMap((docId) => {
                const doc = replicas[collection].docs.get(docId);
                return doc === undefined ? [] : [doc];
              }),
            highWater: async (collection) => replicas[collection].highWater,
            setHighWater: async (collection, mark) => {
              await step('before a mark');
              replicas[collection].highWater = mark;
            },
            async consentToRemoval() {
              if (random.chance(faults().refusal)) throw new NoAnswer('not agreed to');
            },
            resync: async (collection) => repush(collection),
            received: () => step('before a page is noted'),
            parked: () => undefined,
          },
          arrivals[name],
        ),
      ]),
    ) as Record<Collection, ReturnType<typeof createPullHandler>>;
  }

  const desk: Desk = {
    id,
    user,
    skewMs: 0,
    clockWasSet: false,
    version: PROTOCOL_VERSION,
    replicas,
    outbox,
    made,

    execute(drafts, at) {
      const writes = madeBy(drafts, user.id, id, at, random).map((one) => ({ ...one, id: one.docId }));
      return writeCommand(commandDisk(stepsOf(life)), writes);
    },

    doc: (docId) =>
      COLLECTIONS.map((name) => replicas[name].docs.get(docId)).find((doc) => doc !== undefined),

    all: (kind) =>
      [...replicas[collectionOf(kind)].docs.values()]
        .filter((doc) => doc.kind === kind && !doc.deleted)
        .map((doc) => ({ id: doc.id, siteId: doc.siteId, fields: viewOf(doc) })),

    push: (collection, batch = 1 + random.below(8)) =>
      upstream(replicas[collection], pushers[collection], batch, stepsOf(life)),

    pull: (collection, limit) =>
      downstream(
        replicas[collection],
        async (checkpoint, size) => pullers[collection](checkpoint, size),
        limit,
        stepsOf(life),
      ),

    retryParked() {
      for (const name of COLLECTIONS) {
        const replica = replicas[name];
        for (const doc of [...replica.docs.values()]) {
          const again = retry(doc);
          if (again !== undefined) replica.docs.set(doc.id, again);
        }
      }
    },

    pendingOps: () =>
      COLLECTIONS.reduce(
        (sum, name) =>
          sum + [...replicas[name].docs.values()].reduce((count, doc) => count + doc.ops.length, 0),
        0,
      ),

    reconcile() {
      const step = stepsOf(life);
      return reconcile({
        replicas,
        ids: (name) => network.ids(claims(), name),
        file: async (records) => {
          for (const record of records) {
            await step('while filing');
            keep(outbox, record);
          }
        },
        step,
      });
    },

    restart() {
      start();
      return finishCommands(commandDisk(() => Promise.resolve()));
    },
  };
  start();
  return desk;
}

/** The operations of one command, as the product's desk makes them. */
export function madeBy(
  drafts: readonly Deed[],
  actor: string,
  device: string,
  at: string,
  random: Random,
): Made[] {
  const groups = groupsOf(drafts);
  return drafts.map((draft) => {
    const group = groups.get(collectionOf(draft.kind));
    const op: Op = {
      opId: random.id(),
      kind: draft.op,
      at,
      actor,
      device,
      changes: draft.changes,
      ...(draft.reason === undefined ? {} : { reason: draft.reason }),
      ...(draft.override === undefined ? {} : { override: [...draft.override] }),
      ...(group === undefined ? {} : { group }),
      ...(draft.undoes === undefined ? {} : { undoes: draft.undoes }),
    };
    return { op, docId: draft.id, kind: draft.kind, siteId: draft.siteId };
  });
}

/** The step between two collections of a command; it is rare, so that a process ends there more often. */
export const BETWEEN_COLLECTIONS = 'between the collections of a command';
const IN_COMMANDS = 20;

/** The longest way of a request or a reply, in turns; a push at the service takes some hundred. */
const LATENCY_TURNS = 400;

/** Files a record as the inbox does: an unsettled value of the same field stays beside the newer one. */
function keep(outbox: Outbox, record: OutboxRecord): void {
  const key = `${record.type} ${record.id}`;
  const before = outbox.get(key);
  outbox.set(
    key,
    record.type === 'conflict' && before?.type === 'conflict' ? withEarlier(before, record) : record,
  );
}

/** A few turns of the event loop's microtasks, so that what runs at the same time gets between. */
async function turns(random: Random, most: number): Promise<void> {
  for (let left = random.below(most); left > 0; left -= 1) await Promise.resolve();
}

/** The fields of a document as the desk shows them. */
export function shown(doc: LocalDoc): Fields {
  return applyOps(doc.base, doc.ops);
}
