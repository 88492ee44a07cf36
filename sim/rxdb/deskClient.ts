import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { PullRequest, PushRow } from '@sivis/shared/protocol/messages/sync.ts';
import { PROTOCOL_VERSION } from '@sivis/shared/protocol/version.ts';
import type { LocalDoc } from '../../desktop/src/renderer/data/core/localDoc.ts';
import type { DeskState, DeskUser } from '../desk.ts';
import { NoAnswer, type Claims, type Network } from '../network.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { DeskDump, FromDesk, ToDesk } from './messages.ts';

type Order = Exclude<ToDesk, { to: 'answer' }>;
type Told = Extract<FromDesk, { from: 'done' }>;
/** An order without its number. */
export type Wish = Order extends infer One ? (One extends Order ? Omit<One, 'n'> : never) : never;

/** The process of a desk, as the world sees it. It serves one world after the other. */
export interface DeskProcess {
  /** Begins a world on an empty disk. */
  open(deskId: string, user: DeskUser, network: Network, seed: number): Promise<void>;
  /** Resolves when the desk has done it. Rejects when it cannot, or does not within a minute. */
  tell(wish: Wish): Promise<Told>;
  /** Requests of the desk that are under way at the service. */
  underWay(): number;
  /** What is on the desk's disk now. */
  state(): Promise<DeskState>;
  end(): void;
}

const PATIENCE_MS = 120_000;

/** Failures of the world itself (a broken promise at the door) are told to `failed`. */
export function startDesk(failed: (error: unknown) => void): DeskProcess {
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'deskProcess.ts'), {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: [],
  });
  const open = new Map<number, (told: Told) => void>();
  child.on('error', failed);
  child.on('exit', (code) => {
    for (const [n, told] of open)
      told({ from: 'done', n, pending: -1, error: `its process ended with ${code}` });
    open.clear();
  });
  let orders = 0;
  let serving = 0;
  let current: { deskId: string; user: DeskUser; network: Network } | null = null;

  async function serve(call: Extract<FromDesk, { from: 'call' }>): Promise<void> {
    const answer = (reply: { answer?: unknown; code?: string }): void => {
      if (child.connected) child.send({ to: 'answer', call: call.call, ...reply } satisfies ToDesk);
    };
    if (current === null) {
      answer({ code: 'NO_ANSWER' });
      return;
    }
    const { deskId, user, network } = current;
    const claims: Claims = {
      userId: user.id,
      deviceId: deskId,
      sessionId: user.sessionId,
      thumbprint: user.thumbprint,
      version: PROTOCOL_VERSION,
    };
    try {
      const { method, collection, body } = call;
      if (method === 'push') answer({ answer: await network.push(claims, collection, body as PushRow[]) });
      else if (method === 'pull')
        answer({ answer: await network.pull(claims, collection, body as PullRequest) });
      else answer({ answer: [...(await network.ids(claims, collection))] });
    } catch (error) {
      if (error instanceof NoAnswer) answer({ code: 'NO_ANSWER' });
      else if (error instanceof SivisError) answer({ code: error.code });
      else {
        failed(error);
        answer({ code: 'NO_ANSWER' });
      }
    }
  }

  child.on('message', (message: FromDesk) => {
    if (message.from === 'call') {
      serving += 1;
      void serve(message).finally(() => (serving -= 1));
      return;
    }
    open.get(message.n)?.(message);
    open.delete(message.n);
  });

  async function tell(wish: Wish): Promise<Told> {
    if (!child.connected) throw new Error('the process of the desk is gone');
    const n = (orders += 1);
    const told = await new Promise<Told>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`the desk does not answer to ${wish.to}`));
      }, PATIENCE_MS);
      open.set(n, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      child.send({ ...wish, n });
    });
    if (told.error !== undefined) throw new Error(`desk, ${wish.to}: ${told.error}`);
    return told;
  }

  return {
    tell,
    underWay: () => serving,
    async open(deskId, user, network, seed) {
      current = { deskId, user, network };
      await tell({ to: 'open', deskId, user, seed });
    },
    async state() {
      const { state } = await tell({ to: 'tell' });
      if (current === null || state === undefined) throw new Error('the desk is not open');
      return stateOf(current.deskId, current.user, state);
    },
    end() {
      if (child.connected) child.disconnect();
    },
  };
}

function stateOf(id: string, user: DeskUser, { docs, outbox, made }: DeskDump): DeskState {
  const replicas = Object.fromEntries(
    COLLECTIONS.map((name) => [name, { docs: new Map<string, LocalDoc>() }]),
  ) as Record<Collection, { docs: Map<string, LocalDoc> }>;
  for (const doc of docs) replicas[collectionOf(doc.kind)].docs.set(doc.id, doc);
  const byId = new Map(docs.map((doc) => [doc.id, doc]));
  return {
    id,
    user,
    replicas,
    outbox: new Map(outbox.map((record) => [`${record.type} ${record.id}`, record])),
    made: new Map(made.map((one) => [one.op.opId, one])),
    doc: (docId) => byId.get(docId),
    pendingOps: () => docs.reduce((sum, { ops }) => sum + ops.length, 0),
  };
}
