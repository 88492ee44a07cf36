import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { SERVICE_LIMITS } from '../../limits.ts';

/** Whose presence it is: a socket of a signed-in user. */
export interface Present {
  readonly userId: string;
  readonly deviceId: string;
  /** The user's name, as the service knows it. */
  readonly name: string;
  /** May write: only then his cursor is shown. */
  readonly writes: boolean;
}

interface Seen {
  clock: number;
  /** The state as JSON text; `null` for somebody who left. */
  state: string;
  /** The socket whose it is; `other` when another instance told it; none after it left. */
  owner: Present | 'other' | undefined;
  atMs: number;
}

/** Who is in a room (y-protocols/awareness), as the service says it, not as a client says it of himself. */
export interface Presence {
  /**
   * Hears a client. Name and clock are the service's; of what the client says of himself only the cursor is kept; what he
   * says of others is dropped. Returns what to tell the others, `undefined` for nothing. Throws for what is no update.
   */
  hear(who: Present, update: Uint8Array, nowMs: number): Uint8Array | undefined;
  /** Hears another instance. Throws for what is no update. */
  hearOther(update: Uint8Array, nowMs: number): Uint8Array | undefined;
  /** Says the presence of a socket anew, after its rights changed. */
  again(who: Present, nowMs: number): Uint8Array | undefined;
  leave(who: Present): Uint8Array | undefined;
  /** Forgets whom another instance has not told of for long. */
  forgetSilent(nowMs: number): Uint8Array | undefined;
  /** Everybody who is here. */
  all(): Uint8Array | undefined;
  /** Those at this instance, one by one: a notice between instances is short. */
  own(): Uint8Array[];
  /** True when a socket of somebody else goes by this Yjs client. */
  isOthers(who: Present, client: number): boolean;
}

/** Those who left are remembered so far: their clocks must go on. */
const REMEMBERED = 1_000;

interface Told {
  readonly client: number;
  readonly clock: number;
  readonly state: string;
}

function read(update: Uint8Array): Told[] {
  const from = decoding.createDecoder(update.slice());
  const told: Told[] = [];
  for (let left = decoding.readVarUint(from); left > 0; left -= 1) {
    const client = decoding.readVarUint(from);
    const clock = decoding.readVarUint(from);
    told.push({ client, clock, state: decoding.readVarString(from) });
  }
  if (decoding.hasContent(from)) throw new TypeError('more than an update');
  return told;
}

/** What is shown of a state: the service's name, and the cursor of those who write. `null` for one who left. */
function shown(who: Present, state: string): string {
  if (state.length > LIMITS.presenceBytes) throw new TypeError('too large');
  const said: unknown = JSON.parse(state);
  if (said === null) return 'null';
  const cursor = typeof said === 'object' ? (said as { cursor?: unknown }).cursor : undefined;
  return JSON.stringify({
    user: { name: who.name },
    ...(who.writes && cursor !== undefined ? { cursor } : {}),
  });
}

export function createPresence(): Presence {
  const seen = new Map<number, Seen>();

  const encode = (clients: readonly number[]): Uint8Array | undefined => {
    if (clients.length === 0) return undefined;
    return encoding.encode((to) => {
      encoding.writeVarUint(to, clients.length);
      for (const client of clients) {
        const { clock, state } = seen.get(client) ?? { clock: 0, state: 'null' };
        encoding.writeVarUint(to, client);
        encoding.writeVarUint(to, clock);
        encoding.writeVarString(to, state);
      }
    });
  };
  const put = (client: number, state: string, owner: Seen['owner'], clock: number, atMs: number): void => {
    const before = seen.get(client);
    // At least 1: a clock of 0 counts as never heard. Always more than before: a client who comes again is seen at once.
    const next = Math.max((before?.clock ?? 0) + 1, clock);
    seen.set(client, { clock: next, state, owner: state === 'null' ? undefined : owner, atMs });
    if (seen.size <= REMEMBERED) return;
    for (const [old, { owner: still }] of seen) if (still === undefined) seen.delete(old);
  };
  const clientsOf = (fits: (one: Seen) => boolean): number[] =>
    [...seen].filter(([, one]) => fits(one)).map(([client]) => client);
  const gone = (clients: readonly number[]): Uint8Array | undefined => {
    for (const client of clients) put(client, 'null', undefined, 0, 0);
    return encode(clients);
  };
  const sameDesk = (a: Present, b: Present): boolean => a.userId === b.userId && a.deviceId === b.deviceId;
  const isOthers = (who: Present, client: number): boolean => {
    const owner = seen.get(client)?.owner;
    return owner !== undefined && owner !== who && (owner === 'other' || !sameDesk(owner, who));
  };

  return {
    isOthers,
    hear(who, update, nowMs) {
      const changed: number[] = [];
      for (const { client, clock, state } of read(update)) {
        const [own] = clientsOf(({ owner }) => owner === who);
        // Stock clients tell everybody's presence back; only the own one counts, and a socket has one.
        if (own === undefined ? isOthers(who, client) : own !== client) continue;
        const said = shown(who, state);
        if (own === undefined && said === 'null') continue;
        put(client, said, who, clock, nowMs);
        changed.push(client);
      }
      return encode(changed);
    },
    hearOther(update, nowMs) {
      const changed: number[] = [];
      for (const { client, clock, state } of read(update)) {
        const owner = seen.get(client)?.owner;
        if (owner !== undefined && owner !== 'other') continue;
        put(client, state, 'other', clock, nowMs);
        changed.push(client);
      }
      return encode(changed);
    },
    again(who, nowMs) {
      const own = clientsOf(({ owner }) => owner === who);
      for (const client of own) put(client, shown(who, seen.get(client)?.state ?? 'null'), who, 0, nowMs);
      return encode(own);
    },
    leave: (who) => gone(clientsOf(({ owner }) => owner === who)),
    forgetSilent: (nowMs) =>
      gone(clientsOf(({ owner, atMs }) => owner === 'other' && nowMs - atMs > SERVICE_LIMITS.presenceMs)),
    all: () => encode(clientsOf(({ owner }) => owner !== undefined)),
    own: () =>
      clientsOf(({ owner }) => owner !== undefined && owner !== 'other').map(
        (client) => encode([client]) as Uint8Array,
      ),
  };
}
