import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { isId } from '@sivis/shared/ids/ids.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { TEXT_CLOSE, TEXT_SUBPROTOCOL } from '@sivis/shared/protocol/messages/texts.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import type { TextAccess } from '@sivis/shared/texts/texts.ts';
import { createRateLimit } from '../../http/rateLimit.ts';
import type { Keys } from '../../identity/keys.ts';
import { readTextTicket, type TextClaims } from '../../identity/tokens.ts';
import { SERVICE_LIMITS } from '../../limits.ts';
import type { TextRow } from '../../store/texts.ts';
import { admit, type Admission } from './access.ts';
import { createRoom, TEXT_TOPICS, textEvent, type Guest, type Room, type RoomDeps } from './room.ts';
import { readTextMessage } from './wire.ts';

export interface TextDoorDeps extends RoomDeps {
  readonly keys: Keys;
}

/** The sockets of texts. */
export interface TextDoor {
  /** True when the address is one of this door. */
  takes(url: string): boolean;
  /** Lets a socket in, or answers why not. The caller has looked at the origin. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Asks every socket anew whether its session and its rights hold, and every room whether it has all updates. */
  recheck(): Promise<void>;
  ping(): void;
  size(): number;
  /** Lets nobody in any more, closes all sockets, and resolves when what they sent is stored. */
  close(): Promise<void>;
}

const PREFIX = `${PATHS.texts}/`;
const TICKET_PROTOCOL = 'ticket.';

interface Opened {
  readonly socket: WebSocket;
  readonly guest: Guest;
  readonly room: Room;
  alive: boolean;
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

export function createTextDoor(deps: TextDoorDeps): TextDoor {
  const { store, clock, keys, log, audit } = deps;
  const rooms = new Map<string, Promise<Room>>();
  const open = new Map<string, Room>();
  const sockets = new Set<Opened>();
  const takeRequest = createRateLimit(store.shared);
  let onTheirWay = 0;
  let closing = false;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.liveMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(TEXT_SUBPROTOCOL) ? TEXT_SUBPROTOCOL : false),
  });

  const catchUp = (room: Room): void => {
    room.catchUp().catch((error: unknown) => log.warn({ err: error }, 'a text could not be read on'));
  };
  const stopHearing = store.onTold(
    (topic, words) => {
      const [id = '', rest = ''] = words.split(' ');
      const room = open.get(id);
      if (room === undefined) return;
      if (topic === TEXT_TOPICS.stored && Number(rest) > room.seq()) catchUp(room);
      else if (topic === TEXT_TOPICS.presence) room.otherPresence(Buffer.from(rest, 'base64'));
      else if (topic === TEXT_TOPICS.who) room.tellPresence();
    },
    () => {
      for (const room of open.values()) catchUp(room);
    },
  );

  /** The room of a text, whole. Rejects when its text cannot be loaded; it is tried anew by the next who comes. */
  const roomOf = (text: TextRow): Promise<Room> => {
    const known = rooms.get(text.id);
    if (known !== undefined) return known;
    const loading = store
      .read((tx) => tx.textContent(text.id, 0))
      .then((content) => {
        const room = createRoom(deps, text, content);
        open.set(text.id, room);
        return room;
      });
    rooms.set(text.id, loading);
    loading.catch(() => rooms.delete(text.id));
    return loading;
  };
  const arriving = new Map<string, number>();
  const expect = (id: string, by: 1 | -1): void => {
    const count = (arriving.get(id) ?? 0) + by;
    if (count === 0) arriving.delete(id);
    else arriving.set(id, count);
  };
  /** Puts an empty room away once everything is stored. */
  const putAway = async (room: Room): Promise<void> => {
    await room.idle();
    const { id } = room.text;
    if (room.guests().length > 0 || arriving.has(id) || open.get(id) !== room) return;
    open.delete(id);
    rooms.delete(id);
    room.destroy();
  };

  /**
   * Whether the holder of the ticket may come in, written into the log before anything is delivered: `undefined` when
   * there is no session, `denied` when there is no right.
   */
  const admitted = (
    claims: TextClaims,
  ): Promise<{ admission: Admission; text: TextRow } | 'denied' | undefined> =>
    store.write(async (tx) => {
      const text = await tx.text(claims.room);
      if (text === undefined) return 'denied';
      const admission = await admit(tx, claims, text, clock.now());
      if (admission === undefined) return undefined;
      const may = admission.access !== 'none';
      const event = may
        ? textEvent(text, 'replicate', { access: admission.access, seq: text.seq })
        : textEvent(text, 'refused', {}, 'out-of-scope');
      await audit.recordAudit(tx, admission.who, event);
      return may ? { admission, text } : 'denied';
    });

  const redeem = async (ticket: string): Promise<TextClaims> => {
    const nowMs = clock.now();
    const claims = await readTextTicket(keys.token, ticket, nowMs);
    if (!(await store.shared.once(`ticket.${claims.jti}`, claims.expiresAtMs, nowMs)))
      throw new Error('ticket used');
    return claims;
  };

  const welcome = (socket: WebSocket, room: Room, claims: TextClaims, { user, access }: Admission): void => {
    const guest: Guest = {
      claims,
      userId: claims.userId,
      deviceId: claims.deviceId,
      name: user.name,
      writes: access === 'write',
      complete: false,
      unsaved: 0,
      send(message) {
        if (socket.readyState !== socket.OPEN) return;
        if (socket.bufferedAmount > SERVICE_LIMITS.textBacklogBytes) socket.terminate();
        else socket.send(message);
      },
      close: (code, reason) => socket.close(code, reason),
    };
    const opened: Opened = { socket, guest, room, alive: true };
    const arm = (): NodeJS.Timeout =>
      setTimeout(() => socket.close(TEXT_CLOSE.expired, 'expired'), SERVICE_LIMITS.socketMs).unref();
    let expiry = arm();
    let tokens: number = SERVICE_LIMITS.textMessagesBurst;
    let countedMs = performance.now();
    /** False when the socket has sent more than it may. */
    const mayCost = (cost: number): boolean => {
      const nowMs = performance.now();
      const earned = ((nowMs - countedMs) / 1_000) * SERVICE_LIMITS.textMessages;
      tokens = Math.min(SERVICE_LIMITS.textMessagesBurst, tokens + earned) - cost;
      countedMs = nowMs;
      return tokens >= 0 && guest.unsaved <= SERVICE_LIMITS.textBacklogBytes;
    };
    const renew = async (ticket: string): Promise<void> => {
      try {
        const fresh = await redeem(ticket);
        if (
          fresh.deviceId !== claims.deviceId ||
          fresh.userId !== claims.userId ||
          fresh.room !== claims.room
        )
          throw new Error('other desk');
        clearTimeout(expiry);
        expiry = arm();
      } catch {
        socket.close(TEXT_CLOSE.ended, 'ended');
      }
    };
    const hear = (data: Buffer): void => {
      const message = readTextMessage(data);
      // A question for the whole text costs as much as many keystrokes.
      if (!mayCost(message.type === 'ask' ? 20 : 1)) return socket.close(TEXT_CLOSE.tooMany, 'too many');
      switch (message.type) {
        case 'ask':
          return room.ask(guest, message.vector);
        case 'update':
          if (message.update.byteLength > LIMITS.textUpdateBytes)
            return socket.close(TEXT_CLOSE.tooLarge, 'too large');
          return room.update(guest, message.update, message.whole);
        case 'presence':
          if (message.update.byteLength > LIMITS.textUpdateBytes)
            return socket.close(TEXT_CLOSE.tooLarge, 'too large');
          return room.presence(guest, message.update);
        case 'askPresence':
          return room.askPresence(guest);
        case 'renew':
          return void renew(message.ticket);
      }
    };
    socket.on('pong', () => {
      opened.alive = true;
    });
    socket.on('message', (data, isBinary) => {
      // What a socket said after it was closed is not heard: it was told that it was not.
      if (socket.readyState !== socket.OPEN) return;
      try {
        if (!isBinary) throw new TypeError('no text frames');
        hear(data as Buffer);
      } catch {
        socket.close(TEXT_CLOSE.malformed, 'malformed');
      }
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(expiry);
      sockets.delete(opened);
      room.leave(guest);
      void putAway(room);
    });
    sockets.add(opened);
    room.join(guest);
  };

  const letIn = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const id = request.url?.slice(PREFIX.length) ?? '';
    if (!isId(id)) return refuseUpgrade(socket, '404 Not Found');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const ticket = offered.find((name) => name.startsWith(TICKET_PROTOCOL))?.slice(TICKET_PROTOCOL.length);
    if (ticket === undefined || !offered.includes(TEXT_SUBPROTOCOL))
      return refuseUpgrade(socket, '401 Unauthorized');
    let claims: TextClaims;
    try {
      claims = await redeem(ticket);
    } catch {
      return refuseUpgrade(socket, '401 Unauthorized');
    }
    if (claims.room !== id) return refuseUpgrade(socket, '401 Unauthorized');
    try {
      await takeRequest(`device:${claims.deviceId}`);
    } catch {
      return refuseUpgrade(socket, '429 Too Many Requests');
    }
    /** A client that is told by a code does not come again by itself. */
    const closeWith = (code: number, reason: string): void =>
      server.handleUpgrade(request, socket, head, (opened) => opened.close(code, reason));
    const ofDesk = [...sockets].filter(({ guest }) => guest.deviceId === claims.deviceId).length;
    if (ofDesk >= LIMITS.deviceRooms || sockets.size >= SERVICE_LIMITS.textSockets)
      return closeWith(TEXT_CLOSE.tooMany, 'too many');
    const found = await admitted(claims);
    if (found === undefined) return closeWith(TEXT_CLOSE.ended, 'ended');
    if (found === 'denied') return closeWith(TEXT_CLOSE.denied, 'denied');
    const room = await roomOf(found.text);
    if (found.text.seq > room.seq()) await room.catchUp();
    if (closing || socket.destroyed) return refuseUpgrade(socket, '503 Service Unavailable');
    server.handleUpgrade(request, socket, head, (opened) => welcome(opened, room, claims, found.admission));
  };

  return {
    takes: (url) => url.startsWith(PREFIX),
    size: () => sockets.size,
    async upgrade(request, socket, head) {
      if (closing || onTheirWay >= SERVICE_LIMITS.upgradesWaiting)
        return refuseUpgrade(socket, '503 Service Unavailable');
      const id = request.url?.slice(PREFIX.length) ?? '';
      onTheirWay += 1;
      expect(id, 1);
      try {
        await letIn(request, socket, head);
      } catch (error) {
        log.error({ err: error }, 'a text could not be opened');
        refuseUpgrade(socket, '503 Service Unavailable');
      } finally {
        onTheirWay -= 1;
        expect(id, -1);
        const room = open.get(id);
        if (room !== undefined) void putAway(room);
      }
    },
    async recheck() {
      if (sockets.size === 0) return;
      const all = [...sockets];
      const nowMs = clock.now();
      const { seqs, access } = await store.read(async (tx) => {
        const found: (TextAccess | undefined)[] = [];
        for (const { guest, room } of all)
          found.push((await admit(tx, guest.claims, room.text, nowMs))?.access);
        return { seqs: await tx.textSeqs([...open.keys()]), access: found };
      });
      for (const [at, { guest, room }] of all.entries()) room.accessIs(guest, access[at]);
      for (const room of open.values()) {
        // A notice of another instance that did not arrive.
        if ((seqs.get(room.text.id) ?? 0) > room.seq()) catchUp(room);
        room.forgetSilent();
      }
    },
    ping() {
      for (const opened of sockets) {
        if (!opened.alive) opened.socket.terminate();
        opened.alive = false;
        if (opened.socket.readyState === opened.socket.OPEN) opened.socket.ping();
      }
    },
    async close() {
      closing = true;
      stopHearing();
      const gone = [...server.clients].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            socket.close(TEXT_CLOSE.restart, 'restart');
            setTimeout(() => {
              socket.terminate();
              resolve();
            }, 1_000).unref();
          }),
      );
      await Promise.all(gone);
      await Promise.all([...open.values()].map((room) => room.idle()));
      server.close();
    },
  };
}
