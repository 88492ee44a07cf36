import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { RxReplicationPullStreamItem } from 'rxdb';
import { Subject } from 'rxjs';
import { createArrivals, type Arrivals } from '../core/arrivals.ts';
import type { LocalCheckpoint } from '../core/pullHandler.ts';
import { emitter, liveValue, type Emitter, type LiveValue } from '../live.ts';
import { NoAnswerError } from '../net/failure.ts';
import { StoppedError } from './gate.ts';
import { createRemovalQuestions, type RemovalQuestions } from './removalQuestions.ts';
import type { DeskRow } from './schema.ts';
import { createSyncTraffic, type SyncTraffic } from './syncTraffic.ts';
import { each, type SyncEvent, type SyncPorts } from './syncTypes.ts';
import { createUnanswered, type Unanswered } from './unanswered.ts';

export type StreamItem = RxReplicationPullStreamItem<DeskRow, LocalCheckpoint>;

/** What the parts of sync share for as long as the desk's database is open. */
export interface SyncContext extends SyncPorts {
  readonly events: Emitter<SyncEvent>;
  readonly traffic: SyncTraffic;
  readonly removals: RemovalQuestions;
  readonly unanswered: Unanswered;
  /** What pages brought, shared by the two handlers of a collection. */
  readonly arrivals: Readonly<Record<Collection, Arrivals>>;
  readonly streams: Readonly<Record<Collection, Subject<StreamItem>>>;
  /** The last checkpoint that RxDB has. */
  readonly checkpoints: Record<Collection, LocalCheckpoint | null>;
  readonly firstDone: Readonly<Record<Collection, LiveValue<boolean>>>;
  /** The abort of what runs now; set by start and stop. */
  abort: AbortController | null;
  /** The signal of what runs now; throws a {@link StoppedError} when nothing does. */
  signal(): AbortSignal;
  /** Asks a human about a large removal. */
  consent(collection: Collection, removals: number, held: number): Promise<void>;
  /** Writes down that a call failed, and what it says about the link. */
  failed(collection: Collection, error: unknown): void;
  /** The service-corrected time as an instant. */
  readonly now: () => string;
}

export function createSyncContext(ports: SyncPorts): SyncContext {
  const events = emitter<SyncEvent>();
  const removals = createRemovalQuestions();
  const context: SyncContext = {
    ...ports,
    events,
    removals,
    traffic: createSyncTraffic(ports.marks),
    unanswered: createUnanswered({
      store: ports.store,
      timers: ports.timers,
      usable: ports.link.usable,
      running: () => context.abort !== null,
    }),
    arrivals: each(createArrivals),
    streams: each(() => new Subject<StreamItem>()),
    checkpoints: each<LocalCheckpoint | null>(() => null),
    firstDone: each(() => liveValue(false)),
    abort: null,
    signal() {
      if (context.abort === null) throw new StoppedError();
      return context.abort.signal;
    },
    consent(collection, removed, held) {
      const signal = context.signal();
      events.emit({ event: 'consent', collection, count: removed });
      return removals.ask({ collection, removals: removed, held }, signal);
    },
    failed(collection, error) {
      if (error instanceof StoppedError) return;
      if (error instanceof NoAnswerError && error.code === 'ABORTED') return;
      if (error instanceof SivisError && error.code === 'CLIENT_TOO_OLD') ports.link.report('versionBlocked');
      events.emit({ event: 'error', collection, code: codeOf(error) });
    },
    now: () => toInstant(ports.clock.now()),
  };
  return context;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
