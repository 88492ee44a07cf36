import type { Collection } from '@sivis/shared/docs/kinds.ts';
import {
  LIVE_SUBPROTOCOL,
  noticeSchema,
  ticketResponseSchema,
} from '@sivis/shared/protocol/messages/live.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { Api } from './api.ts';
import { backoffMs } from './link.ts';
import type { Timers } from './timers.ts';

/** The part of a WebSocket that is used. */
export interface SocketLike {
  send(data: string): void;
  close(): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
}

export interface LiveSocketPorts {
  readonly api: Api;
  readonly timers: Timers;
  readonly random: () => number;
  /** Opens a socket with the given subprotocols. */
  readonly open: (path: string, protocols: readonly string[]) => SocketLike;
  /** Documents of these collections changed at the service. */
  readonly changed: (collections: readonly Collection[]) => void;
  /** Rights of this user changed. */
  readonly rights: () => void;
  /** The socket is open: whatever happened while it was closed has to be asked for. */
  readonly opened: (epoch: string) => void;
}

export interface LiveSocket {
  start(): void;
  stop(): void;
}

/**
 * Keeps the socket of notices open (decision 7). A page cannot send WebSocket pings, so the renewal of the ticket is
 * the heartbeat: a socket that does not confirm a renewal in time is half-open and is replaced.
 */
export function createLiveSocket(ports: LiveSocketPorts): LiveSocket {
  let running = false;
  let socket: SocketLike | null = null;
  let attempt = 0;
  let timer: unknown = null;
  /** Counts attempts, so that what comes late from an earlier one is not heard. */
  let turn = 0;

  function later(run: () => void, ms: number): void {
    if (timer !== null) ports.timers.clear(timer);
    timer = ports.timers.set(() => {
      timer = null;
      run();
    }, ms);
  }

  function drop(): void {
    turn += 1;
    const old = socket;
    socket = null;
    if (old !== null) {
      old.onmessage = null;
      old.onclose = null;
      old.onerror = null;
      old.close();
    }
  }

  function retry(): void {
    drop();
    if (!running) return;
    later(() => void connect(), backoffMs(attempt, ports.random()));
    attempt += 1;
  }

  const ticket = async (): Promise<string> =>
    (await ports.api.call(PATHS.ticket, {}, ticketResponseSchema)).ticket;

  async function connect(): Promise<void> {
    const mine = (turn += 1);
    try {
      const pass = await ticket();
      if (!running || mine !== turn) return;
      const opened = ports.open(PATHS.live, [LIVE_SUBPROTOCOL, `ticket.${pass}`]);
      socket = opened;
      opened.onmessage = (event) => {
        hear(event.data);
      };
      opened.onclose = retry;
      opened.onerror = retry;
      // The first word must come soon; a socket that opens and stays silent is as good as none.
      later(retry, DESK_LIMITS.heartbeatReplyMs);
    } catch {
      if (mine === turn) retry();
    }
  }

  async function beat(): Promise<void> {
    const mine = turn;
    try {
      const pass = await ticket();
      if (!running || mine !== turn || socket === null) return;
      socket.send(JSON.stringify({ type: 'renew', ticket: pass }));
      later(retry, DESK_LIMITS.heartbeatReplyMs);
    } catch {
      if (mine === turn) retry();
    }
  }

  function hear(data: unknown): void {
    const notice = typeof data === 'string' ? noticeSchema.safeParse(parse(data)) : null;
    if (notice?.success !== true) return;
    switch (notice.data.type) {
      case 'hello':
        attempt = 0;
        later(() => void beat(), DESK_LIMITS.heartbeatMs);
        ports.opened(notice.data.epoch);
        break;
      case 'renewed':
        later(() => void beat(), DESK_LIMITS.heartbeatMs);
        break;
      case 'changed':
        ports.changed(notice.data.collections);
        break;
      case 'rights':
        ports.rights();
        break;
    }
  }

  return {
    start() {
      if (running) return;
      running = true;
      attempt = 0;
      void connect();
    },
    stop() {
      running = false;
      if (timer !== null) ports.timers.clear(timer);
      timer = null;
      drop();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
