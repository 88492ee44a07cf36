import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  idsResponseSchema,
  pullRequestSchema,
  pullResponseSchema,
  pushRequestSchema,
  pushResponseSchema,
  type PullRequest,
  type PullResponse,
  type PushResponse,
  type PushRow,
} from '@sivis/shared/protocol/messages/sync.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { requireSession, subjectOf, type RequestContext } from '../sync-service/src/identity/context.ts';
import { requireVersion } from '../sync-service/src/sync/version.ts';
import type { Random } from './random.ts';
import { ServiceDied, type ServiceProcess } from './serviceProcess.ts';
import type { Trace } from './trace.ts';

/** No answer came, or none that can be read; nothing is known to have happened. */
export class NoAnswer extends Error {}

/** What a desk proves who it is with; the service looks at it at every request. */
export interface Claims {
  readonly userId: string;
  readonly deviceId: string;
  readonly sessionId: string;
  readonly thumbprint: string;
  /** The protocol that the desk's program speaks. */
  readonly version: number;
}

export interface Network {
  now(): string;
  push(claims: Claims, collection: Collection, rows: readonly PushRow[]): Promise<PushResponse>;
  pull(claims: Claims, collection: Collection, request: PullRequest): Promise<PullResponse>;
  ids(claims: Claims, collection: Collection): Promise<ReadonlySet<string>>;
}

export interface NetworkFaults {
  /** The request never arrives. */
  lostRequest: number;
  /** It arrives and is answered, but the answer is lost. */
  lostReply: number;
  /** The answer breaks off in the middle. */
  truncated: number;
  /** It arrives twice; the first answer is used or lost. */
  doubled: number;
  /** An old request arrives again before this one. */
  reordered: number;
}

export const NO_FAULTS: NetworkFaults = {
  lostRequest: 0,
  lostReply: 0,
  truncated: 0,
  doubled: 0,
  reordered: 0,
};

/** Who looks at the door at what is handed out. */
export interface DoorWatch {
  (context: RequestContext, collection: Collection, reply: PullResponse | PushResponse): Promise<void>;
}

export interface NetworkPorts {
  readonly service: ServiceProcess;
  readonly now: () => number;
  readonly random: Random;
  readonly faults: () => NetworkFaults;
  readonly trace: Trace;
  readonly handedOut: DoorWatch;
}

/** Old requests that may arrive once more. */
const REMEMBERED = 40;

/**
 * The wire between desks and service, and the service's door. Everything passes as JSON through the schemas of the wire;
 * faults are drawn for each call. The door asks for version and session as the product's does, at the time of arrival.
 */
export function createNetwork({ service, now, random, faults, trace, handedOut }: NetworkPorts): Network {
  const old: (() => Promise<string>)[] = [];

  async function call<T>(
    what: string,
    request: () => Promise<unknown>,
    read: (reply: unknown) => T,
  ): Promise<T> {
    const odds = faults();
    const lost = (why: string): never => {
      trace.note(`  ${what}: ${why}`);
      trace.count(`network ${why}`);
      throw new NoAnswer(why);
    };
    const serve = async (): Promise<string> => JSON.stringify(await atDoor(request));
    if (random.chance(odds.lostRequest)) lost('request lost');
    if (old.length > 0 && random.chance(odds.reordered)) {
      trace.count('network old request again');
      await random.pick(old)();
    }
    const reply = await serve();
    if (random.chance(odds.doubled)) {
      trace.count('network request doubled');
      await serve();
    }
    if (old.length < REMEMBERED) old.push(serve);
    else old[random.below(old.length)] = serve;
    if (random.chance(odds.lostReply)) lost('reply lost');
    const text = random.chance(odds.truncated) ? reply.slice(0, random.below(reply.length)) : reply;
    const answer = parsed(text) ?? lost('reply truncated');
    if ('error' in answer) {
      const { code } = answer.error as { code: ConstructorParameters<typeof SivisError>[0] | 'DIED' };
      trace.note(`  ${what}: ${code}`);
      trace.count(`answer ${code}`);
      throw code === 'DIED' ? new NoAnswer('the service died') : new SivisError(code);
    }
    return read(answer);
  }

  /** What goes back over the wire; errors are answers as well. */
  async function atDoor(request: () => Promise<unknown>): Promise<unknown> {
    service.arrive();
    try {
      return await request();
    } catch (error) {
      if (error instanceof ServiceDied) return { error: { code: 'DIED' } };
      if (error instanceof SivisError) return { error: { code: error.code } };
      throw error;
    }
  }

  async function enter({ version, ...claims }: Claims): Promise<RequestContext> {
    requireVersion(String(version));
    const nowMs = now();
    const { user } = await service.store.read((tx) => requireSession(tx, claims, nowMs));
    const rest = { ip: '', app: `sim/${version}`, requestId: '', nowMs };
    return { subject: subjectOf(user), user, ...claims, ...rest };
  }

  return {
    now: () => toInstant(now()),
    push(claims, collection, rows) {
      const body = JSON.stringify({ rows });
      return call(
        `push ${collection}`,
        async () => {
          const context = await enter(claims);
          const { userId } = claims;
          const rights = await service.store.read((tx) => tx.formerRights(userId));
          const former = rights.map(({ until, role, siteIds }) => ({
            until,
            subject: { userId, role, siteIds },
          }));
          const sent = pushRequestSchema.parse(JSON.parse(body));
          const reply = await service.sync.push({ ...context, former }, collection, sent.rows);
          await handedOut(context, collection, reply);
          return reply;
        },
        (reply) => {
          const answer = pushResponseSchema.parse(reply);
          trace.note(`  push ${collection}: ${answer.rows.map((row) => row.outcome).join(' ')}`);
          return answer;
        },
      );
    },
    pull(claims, collection, request) {
      return call(
        `pull ${collection}`,
        async () => {
          const context = await enter(claims);
          const reply = await service.sync.pull(context, collection, pullRequestSchema.parse(request));
          await handedOut(context, collection, reply);
          return reply;
        },
        (reply) => {
          const page = pullResponseSchema.parse(reply);
          const resync = page.resync === 'no' ? '' : ` ${page.resync}`;
          trace.note(`  pull ${collection}: ${page.documents.length} documents${resync}`);
          return page;
        },
      );
    },
    ids: (claims, collection) =>
      call(
        `ids ${collection}`,
        async () => {
          const page = await service.sync.ids(await enter(claims), collection, '', 20_000);
          return { ...page, serverTime: toInstant(now()) };
        },
        (reply) => new Set(idsResponseSchema.parse(reply).ids),
      ),
  };
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
