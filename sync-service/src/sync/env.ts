import type { Subject } from '@sivis/shared/access/can.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { WriteTx } from '../store/store.ts';

/** Who speaks to the sync core: a signed-in user at one desk. */
export interface SyncActor {
  readonly subject: Subject;
  readonly deviceId: string;
  /** Rights that he had before, each until an instant: what he did with them meanwhile waits for a supervisor. */
  readonly former?: readonly { readonly subject: Subject; readonly until: string }[];
}

/** A change for the audit log; it is written in the transaction of the change or not at all. */
export interface ChangeEvent {
  readonly action: 'create' | 'update' | 'undo' | 'conflict' | 'reject' | 'displace' | 'quarantine';
  readonly kind: string;
  readonly objectId: string;
  readonly objectRev: number;
  readonly siteId: string;
  readonly personIds: readonly string[];
  /** When it happened at the desk; the log has its own time beside it. */
  readonly happenedAt: string;
  readonly result: string;
  readonly reason: string;
  /** The operation's kind (`stay.move`) and id. */
  readonly op: string;
  readonly opId: string;
  readonly changes: readonly { readonly field: string; readonly before: Json; readonly after: Json }[];
}

/** What the sync core needs beside the store; the simulation gives its own. */
export interface SyncEnv {
  readonly nowMs: number;
  readonly today: PlainDate;
  newId(): string;
  recordChange(tx: WriteTx, actor: SyncActor, event: ChangeEvent): Promise<void>;
}

export { SERVICE_ACTOR_ID } from '@sivis/shared/fleet/staff.ts';
