import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { LocalDoc } from '../../desktop/src/renderer/data/core/localDoc.ts';
import type { OutboxRecord } from '../../desktop/src/renderer/data/core/records.ts';
import type { DeskUser, Made } from '../desk.ts';

/** What the world tells the process of a desk; each is answered by `done` with its number. */
export type ToDesk =
  | {
      readonly n: number;
      readonly to: 'open';
      readonly deskId: string;
      readonly user: DeskUser;
      readonly seed: number;
    }
  | { readonly n: number; readonly to: 'work'; readonly nowMs: number; readonly times: number }
  | { readonly n: number; readonly to: 'link'; readonly online: boolean }
  /** The process ends without writing anything more, and begins anew on what is on its disk. */
  | { readonly n: number; readonly to: 'crash' }
  | { readonly n: number; readonly to: 'user'; readonly user: DeskUser }
  | { readonly n: number; readonly to: 'sync'; readonly reconcile: boolean }
  | { readonly n: number; readonly to: 'tell' }
  | { readonly n: number; readonly to: 'close' }
  | { readonly to: 'answer'; readonly call: number; readonly answer?: unknown; readonly code?: string };

/** What the process of a desk tells the world. */
export type FromDesk =
  | {
      readonly from: 'done';
      readonly n: number;
      readonly state?: DeskDump;
      readonly pending: number;
      readonly error?: string;
    }
  | {
      readonly from: 'call';
      readonly call: number;
      readonly method: 'push' | 'pull' | 'ids';
      readonly collection: Collection;
      readonly body: unknown;
    };

/** Everything that a desk has on its disk. */
export interface DeskDump {
  readonly docs: readonly LocalDoc[];
  readonly outbox: readonly OutboxRecord[];
  readonly made: readonly Made[];
}
