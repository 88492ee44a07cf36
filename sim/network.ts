import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { PullRequest, PullResponse, PushResponse, PushRow } from '@sivis/shared/protocol/messages.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { Subject } from '@sivis/shared/access/can.ts';
import type { SyncService } from '../sync-service/src/sync/service.ts';
import type { SyncActor } from '../sync-service/src/sync/env.ts';
import type { DeskUser } from './desk.ts';
import type { Random } from './random.ts';

/** No answer came; nothing is known to have happened. */
export class NoAnswer extends Error {}

export interface Network {
  now(): string;
  push(
    deskId: string,
    user: DeskUser,
    collection: Collection,
    rows: readonly PushRow[],
  ): Promise<PushResponse>;
  pull(deskId: string, user: DeskUser, collection: Collection, request: PullRequest): Promise<PullResponse>;
}

export interface NetworkFaults {
  /** The request never arrives. */
  lostRequest: number;
  /** It arrives and is answered, but the answer is lost. */
  lostReply: number;
  /** It arrives twice; the first answer is used or lost. */
  doubled: number;
  /** An old request arrives again before this one. */
  reordered: number;
}

export const NO_FAULTS: NetworkFaults = { lostRequest: 0, lostReply: 0, doubled: 0, reordered: 0 };

/**
 * The wire between desks and service. Everything passes through JSON, as on a real wire; faults are drawn for each
 * call. The service judges by the user's rights at the time of arrival.
 */
export function createNetwork(
  service: () => SyncService<SyncActor>,
  nowMs: () => number,
  random: Random,
  faults: () => NetworkFaults,
): Network {
  const wire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const old: (() => Promise<unknown>)[] = [];

  async function call<T>(request: () => Promise<T>): Promise<T> {
    const odds = faults();
    if (random.chance(odds.lostRequest)) throw new NoAnswer('request lost');
    if (old.length > 0 && random.chance(odds.reordered)) await random.pick(old)();
    const answer = await request();
    if (random.chance(odds.doubled)) await request();
    if (old.length < 40) old.push(request);
    else old[random.below(old.length)] = request;
    if (random.chance(odds.lostReply)) throw new NoAnswer('reply lost');
    return wire(answer);
  }

  const actorOf = (deskId: string, user: DeskUser): SyncActor => {
    const subject: Subject = { userId: user.id, role: user.role, siteIds: user.siteIds };
    return { subject, deviceId: deskId };
  };

  return {
    now: () => toInstant(nowMs()),
    push: (deskId, user, collection, rows) => {
      const sent = wire(rows);
      return call(() => service().push(actorOf(deskId, user), collection, sent));
    },
    pull: (deskId, user, collection, request) =>
      call(() => service().pull(actorOf(deskId, user), collection, request)),
  };
}
