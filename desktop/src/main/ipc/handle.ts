import type { Reply } from '../../preload/bridge.ts';
import type { ChannelName } from '../../preload/channels.ts';
import { CHANNELS } from '../../preload/channels.ts';
import type { Args, Result } from '../../preload/contract.ts';
import { CONTRACT } from '../../preload/contract.ts';
import { isAppUrl } from '../app-url.ts';
import type { Log } from '../log.ts';

/** One function for every channel of the contract. */
export type Handlers = { readonly [N in ChannelName]: (args: Args<N>) => Promise<Result<N>> };

/** What is looked at of the frame that sent a message; null when it has gone meanwhile. */
export type SenderFrame = { readonly url: string; readonly parent: unknown } | null;

/** What is needed of `ipcMain`. */
export interface IpcDoor {
  handle(
    channel: string,
    listener: (event: { readonly senderFrame: SenderFrame }, ...args: unknown[]) => Promise<unknown>,
  ): void;
}

/** Whether a message comes from our own page itself: neither from another address nor from a frame inside. */
export function isTrustedSender(frame: SenderFrame): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}

/**
 * Wraps the handler of one channel: sender, arguments and result are checked, and it never rejects, because
 * the text of an error would go to the page.
 */
export function answer<N extends ChannelName>(
  name: N,
  handler: Handlers[N],
  log: Log,
): (frame: SenderFrame, args: readonly unknown[]) => Promise<Reply<Result<N>>> {
  return async (frame, args) => {
    if (!isTrustedSender(frame)) {
      log('ipc-bad-sender', { channel: name });
      return { ok: false, code: 'bad-sender' };
    }
    const parsed = CONTRACT[name].args.safeParse(args[0]);
    if (!parsed.success || args.length > 1) {
      log('ipc-bad-args', { channel: name });
      return { ok: false, code: 'bad-args' };
    }
    try {
      const result = await handler(parsed.data as Args<N>);
      return { ok: true, value: CONTRACT[name].result.parse(result) as Result<N> };
    } catch (error) {
      log('ipc-failed', { channel: name, error: error instanceof Error ? error.name : 'unknown' });
      return { ok: false, code: 'failed' };
    }
  };
}

/** Opens every channel of the contract, and no other. */
export function openChannels(door: IpcDoor, handlers: Handlers, log: Log): void {
  const open = <N extends ChannelName>(name: N) => {
    const reply = answer(name, handlers[name], log);
    door.handle(CHANNELS[name], (event, ...args) => reply(event.senderFrame, args));
  };
  for (const name of Object.keys(CHANNELS) as ChannelName[]) open(name);
}
