import type { Readable, Writable } from 'node:stream';
import type { Protocol } from './protocol.ts';

type Commands = Protocol.CommandParameters;
type Answers = Protocol.CommandReturnValues;
type Events = Protocol.Events;

/** Chromium's protocol for one target, or for the browser itself. */
export interface Cdp {
  send<M extends keyof Commands>(method: M, params?: Commands[M]): Promise<Answers[M]>;
  on<E extends keyof Events>(event: E, listener: (params: Events[E]) => void): void;
}

export interface CdpPipe {
  readonly browser: Cdp;
  /** The protocol of an attached target (`Target.attachToTarget` with flatten). */
  session(sessionId: string): Cdp;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Speaks over the two pipes of `--remote-debugging-pipe`: JSON, each message ended by a zero byte. */
export function openPipe(output: Writable, input: Readable): CdpPipe {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, ((params: unknown) => void)[]>();
  let last = 0;

  function take(text: string): void {
    const { id, sessionId = '', method = '', params, result, error } = JSON.parse(text) as Message;
    if (id === undefined) {
      for (const listener of listeners.get(`${sessionId} ${method}`) ?? []) listener(params);
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  }

  let chunks: Buffer[] = [];
  input.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
      take(Buffer.concat([...chunks, rest.subarray(0, end)]).toString());
      chunks = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) chunks.push(rest);
  });
  const ended = () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has ended'));
    waiting.clear();
  };
  input.on('close', ended);
  output.on('error', ended);

  const session = (sessionId: string): Cdp => ({
    send: <M extends keyof Commands>(method: M, params?: Commands[M]) =>
      new Promise<Answers[M]>((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve: resolve as (value: unknown) => void, reject });
        const of = sessionId === '' ? {} : { sessionId };
        output.write(`${JSON.stringify({ id: last, method, params, ...of })}\0`);
      }),
    on: (event, listener) => {
      const key = `${sessionId} ${event}`;
      listeners.set(key, [...(listeners.get(key) ?? []), listener as (params: unknown) => void]);
    },
  });
  return { browser: session(''), session };
}
