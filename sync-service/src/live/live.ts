import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { kindsOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  LIVE_SUBPROTOCOL,
  liveClientMessageSchema,
  type Notice,
} from '@sivis/shared/protocol/messages/live.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import { originOf } from '../http/security.ts';
import { requireSession } from '../identity/context.ts';
import type { Keys } from '../identity/keys.ts';
import { readToken, type TokenClaims } from '../identity/tokens.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { Store, UserRow } from '../store/store.ts';
import { createTextDoor } from './texts/door.ts';

export interface LiveDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly audit: AuditLog;
  readonly log: FastifyBaseLogger;
}

/** Why the service closes a socket; none lies in 4400–4499 (decision 7). */
export const CLOSE = {
  /** The ticket was not renewed in time: ask for a new one and come again. */
  expired: 4001,
  /** The same device opened another socket. */
  replaced: 4002,
  /** The session ended, the user or the device may no longer be here. */
  revoked: 4003,
  malformed: 1008,
  /** The service restarts: come again after a moment. */
  restart: 1012,
} as const;

export interface Live {
  /** Asks all open sockets anew whether their session holds and their rights are the same. */
  accessChanged(): void;
  /** Number of open sockets of desks; those of texts are not counted. */
  size(): number;
  /** Closes all sockets with 1012 and takes no more. */
  close(): Promise<void>;
}

interface Connection {
  readonly socket: WebSocket;
  readonly claims: TokenClaims;
  readonly openedAt: number;
  rights: string;
  role: Role;
  alive: boolean;
  expiry: NodeJS.Timeout;
}

const TICKET_PROTOCOL = 'ticket.';

/** True when the role may hold anything of the collection on a desk. */
function receives(role: Role, collection: Collection): boolean {
  return kindsOf(collection).some((kind) => {
    const row = rightsRow(role, kind);
    return row !== undefined && row.replica !== 'none';
  });
}

const rightsOf = (user: UserRow): string => JSON.stringify([user.role, [...user.siteIds].sort()]);

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * The live socket: notices that something changed, nothing else. Sign-in by a one-time ticket in the subprotocol,
 * renewed in band; one socket per device. Sockets of texts come in by the same door and are another kind (`texts/`).
 */
export function attachLive(server: Server, deps: LiveDeps): Live {
  const { store, clock, log } = deps;
  const byDevice = new Map<string, Connection>();
  const texts = createTextDoor(deps);
  let closing = false;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.liveMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(LIVE_SUBPROTOCOL) ? LIVE_SUBPROTOCOL : false),
  });

  const send = (connection: Connection, notice: Notice): void => {
    if (connection.socket.readyState === connection.socket.OPEN)
      connection.socket.send(JSON.stringify(notice));
  };

  /** The session behind a ticket, used once. Throws UNAUTHENTICATED. */
  const redeem = async (ticket: string): Promise<{ claims: TokenClaims; user: UserRow }> => {
    const nowMs = clock.now();
    const claims = await readToken(deps.keys.token, 'live', ticket, nowMs);
    if (!(await store.shared.once(`ticket.${claims.jti}`, claims.expiresAtMs, nowMs))) {
      throw new Error('ticket used');
    }
    const { user } = await store.read((tx) => requireSession(tx, claims, nowMs));
    return { claims, user };
  };

  const armExpiry = (socket: WebSocket): NodeJS.Timeout =>
    setTimeout(() => socket.close(CLOSE.expired, 'expired'), SERVICE_LIMITS.socketMs).unref();

  const onMessage = async (connection: Connection, data: string): Promise<void> => {
    let renewal;
    try {
      renewal = liveClientMessageSchema.parse(JSON.parse(data));
    } catch {
      connection.socket.close(CLOSE.malformed, 'malformed');
      return;
    }
    try {
      const { claims } = await redeem(renewal.ticket);
      if (claims.deviceId !== connection.claims.deviceId || claims.userId !== connection.claims.userId)
        throw new Error('other desk');
      clearTimeout(connection.expiry);
      connection.expiry = armExpiry(connection.socket);
      send(connection, { type: 'renewed', expiresAt: toInstant(clock.now() + SERVICE_LIMITS.socketMs) });
    } catch {
      connection.socket.close(CLOSE.revoked, 'revoked');
    }
  };

  /** A device has one socket, whichever instance it is at: the others close theirs. */
  const tellOpened = ({ claims, openedAt }: Connection): void => {
    store
      .tell('socket', `${claims.deviceId} ${openedAt}`)
      .catch((error: unknown) => log.warn({ err: error }, 'other instances were not told of a socket'));
  };
  const stopHearing = store.onTold(
    (topic, text) => {
      const [deviceId = '', openedAt] = text.split(' ');
      const own = topic === 'socket' ? byDevice.get(deviceId) : undefined;
      if (own !== undefined && own.openedAt < Number(openedAt)) own.socket.close(CLOSE.replaced, 'replaced');
    },
    () => {
      for (const connection of byDevice.values()) tellOpened(connection);
    },
  );

  const welcome = async (socket: WebSocket, claims: TokenClaims, user: UserRow): Promise<void> => {
    const connection: Connection = {
      socket,
      claims,
      openedAt: clock.now(),
      rights: rightsOf(user),
      role: user.role,
      alive: true,
      expiry: armExpiry(socket),
    };
    byDevice.get(claims.deviceId)?.socket.close(CLOSE.replaced, 'replaced');
    byDevice.set(claims.deviceId, connection);
    tellOpened(connection);
    socket.on('pong', () => {
      connection.alive = true;
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.close(CLOSE.malformed, 'malformed');
      else void onMessage(connection, (data as Buffer).toString('utf8'));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(connection.expiry);
      if (byDevice.get(claims.deviceId) === connection) byDevice.delete(claims.deviceId);
    });
    const epoch = (await store.read((tx) => tx.meta('epoch'))) ?? '';
    send(connection, { type: 'hello', epoch, serverTime: toInstant(clock.now()) });
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A page's address may carry nothing here: the ticket is in the subprotocol.
    const ofText = texts.takes(request.url ?? '');
    if (request.url !== PATHS.live && !ofText) return refuse(socket, '404 Not Found');
    if (closing) return refuse(socket, '503 Service Unavailable');
    if (originOf(request.headers) === 'foreign') return refuse(socket, '403 Forbidden');
    if (ofText) return texts.upgrade(request, socket, head);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const ticket = offered.find((name) => name.startsWith(TICKET_PROTOCOL))?.slice(TICKET_PROTOCOL.length);
    if (ticket === undefined || !offered.includes(LIVE_SUBPROTOCOL))
      return refuse(socket, '401 Unauthorized');
    let who;
    try {
      who = await redeem(ticket);
    } catch {
      return refuse(socket, '401 Unauthorized');
    }
    const { claims, user } = who;
    sockets.handleUpgrade(request, socket, head, (open) => {
      welcome(open, claims, user).catch(() => open.terminate());
    });
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      log.error({ err: error }, 'live upgrade failed');
      socket.destroy();
    });
  };
  server.on('upgrade', onUpgrade);

  const changed = new Set<Collection>();
  let resting: NodeJS.Timeout | undefined;
  /** Tells what has changed, then rests: what changes meanwhile is told together. */
  const tell = (): void => {
    resting = undefined;
    if (changed.size === 0) return;
    const all = [...changed];
    changed.clear();
    for (const connection of byDevice.values()) {
      const seen = all.filter((collection) => receives(connection.role, collection));
      if (seen.length > 0) send(connection, { type: 'changed', collections: seen });
    }
    resting = setTimeout(tell, SERVICE_LIMITS.coalesceMs);
  };
  const stopListening = store.onCommit((collections) => {
    for (const collection of collections) changed.add(collection);
    if (resting === undefined) tell();
  });

  const recheck = async (): Promise<void> => {
    const connections = [...byDevice.values()];
    if (connections.length === 0) return;
    const now = clock.now();
    const users = await store.read((tx) =>
      Promise.all(
        connections.map((connection) =>
          requireSession(tx, connection.claims, now).then(
            ({ user }) => user,
            () => undefined,
          ),
        ),
      ),
    );
    for (const [at, connection] of connections.entries()) {
      const user = users[at];
      if (user === undefined) connection.socket.close(CLOSE.revoked, 'revoked');
      else if (rightsOf(user) !== connection.rights) {
        connection.rights = rightsOf(user);
        connection.role = user.role;
        send(connection, { type: 'rights' });
      }
    }
  };
  const check = (): void => {
    for (const checked of [recheck(), texts.recheck()])
      checked.catch((error: unknown) => log.error({ err: error }, 'live recheck failed'));
  };
  // Also what another process changed, and a session that simply ends, is noticed within a second.
  const checking = setInterval(check, SERVICE_LIMITS.recheckMs).unref();
  const pinging = setInterval(() => {
    for (const connection of byDevice.values()) {
      if (!connection.alive) connection.socket.terminate();
      connection.alive = false;
      if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping();
    }
    texts.ping();
  }, SERVICE_LIMITS.pingMs).unref();

  return {
    accessChanged: check,
    size: () => byDevice.size,
    async close() {
      closing = true;
      clearInterval(checking);
      clearInterval(pinging);
      clearTimeout(resting);
      stopListening();
      stopHearing();
      const gone = [...sockets.clients].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            socket.close(CLOSE.restart, 'restart');
            setTimeout(() => {
              socket.terminate();
              resolve();
            }, 1_000).unref();
          }),
      );
      await Promise.all([...gone, texts.close()]);
      server.off('upgrade', onUpgrade);
      sockets.close();
    },
  };
}
