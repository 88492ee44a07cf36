import type { ChannelName, LockReason } from './channels.ts';
import { CHANNELS, LOCK_CHANNEL, LOCK_REASONS } from './channels.ts';
import type { Args, Result } from './contract.ts';

/** What comes back over IPC: the result, or why there is none. */
export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: ReplyCode };

export type ReplyCode =
  /** Not our page, or not its main frame. */
  | 'bad-sender'
  | 'bad-args'
  /** The handler failed; its reason stands in main's log only. */
  | 'failed';

type Call<N extends ChannelName> =
  undefined extends Args<N> ? () => Promise<Reply<Result<N>>> : (args: Args<N>) => Promise<Reply<Result<N>>>;

/** `window.sivis`: one named function per channel and one subscription. */
export type Bridge = { readonly [N in ChannelName]: Call<N> } & {
  /**
   * Calls back with the reason alone, never with an event.
   * @returns ends the subscription
   */
  readonly onLock: (callback: (reason: LockReason) => void) => () => void;
};

/** What the bridge needs of `ipcRenderer`. */
export interface Wire {
  readonly invoke: (channel: string, args?: unknown) => Promise<unknown>;
  readonly on: (channel: string, listener: (event: unknown, ...args: unknown[]) => void) => unknown;
  readonly off: (channel: string, listener: (event: unknown, ...args: unknown[]) => void) => unknown;
}

function isLockReason(value: unknown): value is LockReason {
  return (LOCK_REASONS as readonly unknown[]).includes(value);
}

/**
 * Makes the object for the page out of the channel names. It holds no reference to the wire that the page
 * could reach, takes exactly one argument per call and is frozen.
 */
export function createBridge(wire: Wire): Bridge {
  const calls = Object.entries(CHANNELS).map(([name, channel]) => [
    name,
    (args?: unknown) => wire.invoke(channel, args),
  ]);
  const onLock: Bridge['onLock'] = (callback) => {
    const listener = (_event: unknown, reason: unknown) => {
      if (isLockReason(reason)) callback(reason);
    };
    wire.on(LOCK_CHANNEL, listener);
    return () => {
      wire.off(LOCK_CHANNEL, listener);
    };
  };
  return Object.freeze({ ...(Object.fromEntries(calls) as Omit<Bridge, 'onLock'>), onLock });
}
