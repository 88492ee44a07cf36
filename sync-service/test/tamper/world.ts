import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { textOf, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { parseCheckpoint, type TreeHead } from '@sivis/shared/tlog/checkpoint.ts';
import { judgeLink, NO_EVENT, type ChainHead, type ChainLink } from '@sivis/shared/tlog/deviceChain.ts';
import { formatKey, makeKey, NOTE_KEY, parseNote, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import { SLICE_FORMAT, sliceProof, type Slice } from '@sivis/shared/tlog/slice.ts';
import { buildTestLog } from '@sivis/shared/tlog/testLog.ts';
import { CHECKPOINT_FILE, KEY_FILE, tileHashes } from '@sivis/shared/tlog/tiles.ts';
import { serviceWho } from '../../src/audit/auditLog.ts';
import { deskEventHash } from '../../src/audit/deskEvents.ts';
import {
  buildEntry,
  canonicalJson,
  payloadCommit,
  type AuditEvent,
  type BuiltEntry,
} from '../../src/audit/entry.ts';
import { hasher, rawPublicKey, sha256 } from '../../src/audit/nodeCrypto.ts';

/** A log of one seed: its entries, its files, what a witness has kept, and a part of it with its payloads. */
export interface LogWorld {
  readonly key: VerifierKey;
  readonly entries: readonly string[];
  readonly files: Map<string, Uint8Array>;
  /** A checkpoint of an earlier size, as a witness keeps it. */
  readonly witness: TreeHead;
  readonly witnessNote: string;
  readonly slice: Slice;
  /** Events of a desk as they came, with what the service knows before each. */
  readonly events: readonly DeskEvent[];
  /** Signs with the log's own key: what a thief of the key can do. */
  rebuild(entries: readonly string[], extensions?: readonly string[]): Promise<Map<string, Uint8Array>>;
}

export type Random = () => number;

/** A small generator that gives the same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const ORIGIN = 'sivis.test/audit/tamper';
/** What stands before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function keyOf(seed: number): KeyObject {
  const secret = createHash('sha256').update(`tamper ${seed}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
}

const uuid = (random: Random): string => {
  const hex = Array.from({ length: 32 }, () => below(random, 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};

const ACTIONS = ['view', 'list', 'search', 'update', 'create', 'replicate', 'signIn'] as const;

/** The entry with a salt that follows from the seed: the same seed makes the same log to the last bit. */
function withSalt(built: BuiltEntry, from: string): { envelope: string; salt: string; payload: string } {
  const salt = createHash('sha256').update(`salt ${from}`).digest('hex');
  const envelope = JSON.parse(built.envelope) as Record<string, unknown>;
  const committed = { ...envelope, payloadCommit: payloadCommit(salt, built.payload) };
  return { envelope: canonicalJson(committed), salt, payload: built.payload };
}

/** Builds the world of a seed: 2 to 900 entries, some of them events of two desks. */
export async function logWorld(seed: number, random: Random): Promise<LogWorld> {
  const size = 2 + below(random, below(random, 3) === 0 ? 900 : 300);
  const secret = Buffer.alloc(32, 3);
  const links = new Map<string, ChainLink>();
  const events: DeskEvent[] = [];
  const built = Array.from({ length: size }, (_, at) => {
    const desk = below(random, 4);
    const action = ACTIONS[below(random, ACTIONS.length)] ?? 'view';
    const person = uuid(random);
    const nowMs = NOW + at * 1000;
    let event: AuditEvent = {
      action,
      kind: action === 'signIn' ? 'session' : 'person',
      objectId: person,
      personIds: [person],
      result: 'ok',
      ...(below(random, 3) === 0 ? { changes: [{ field: 'alerts', before: null, after: at }] } : {}),
      ...(below(random, 5) === 0 ? { reason: 'Ģimenes lūgums' } : {}),
    };
    if (desk < 2 && (action === 'view' || action === 'list' || action === 'search')) {
      const link = links.get(`desk-${desk}`) ?? { id: uuid(random), n: 1, prev: NO_EVENT };
      const told: DeskEvent = {
        eventId: uuid(random),
        at: new Date(nowMs).toISOString(),
        action,
        objectId: person,
        offline: below(random, 2) === 0,
        chain: link,
      };
      const hash = deskEventHash(told);
      links.set(`desk-${desk}`, { id: link.id, n: link.n + 1, prev: hash });
      if (desk === 0) events.push(told);
      event = { ...event, chain: { ...link, hash, alarm: null } };
    }
    const who = { ...serviceWho(nowMs, '1.0.0'), deviceId: `desk-${desk}`, sessionId: 's' };
    return withSalt(buildEntry(who, event, secret), `${seed} ${at}`);
  });
  const entries = built.map((entry) => entry.envelope);
  const privateKey = keyOf(seed);
  const key = makeKey(sha256, ORIGIN, NOTE_KEY, rawPublicKey(createPublicKey(privateKey)));
  const rebuild: LogWorld['rebuild'] = async (list, extensions = []) => {
    const log = await buildTestLog(
      list,
      sha256,
      key,
      (message) => signBytes(null, message, privateKey),
      extensions,
    );
    log.files.set(KEY_FILE, utf8(`${formatKey(key)}\n`));
    return log.files;
  };
  const files = await rebuild(entries);
  const witnessSize = 1 + below(random, size);
  const witnessNote = textOf(
    (await rebuild(entries.slice(0, witnessSize))).get(CHECKPOINT_FILE) ?? new Uint8Array(),
  );
  const witness = parseCheckpoint(parseNote(witnessNote ?? '')?.text ?? '');
  if (witness === undefined || witnessNote === undefined) throw new Error('the witness has no checkpoint');
  const first = 1 + below(random, size);
  const part = built.slice(first - 1, first - 1 + 1 + below(random, 40));
  const tiles = tileHashes(hasher, { read: async (file) => files.get(file) }, size);
  return {
    key,
    entries,
    files,
    witness,
    witnessNote,
    events,
    rebuild,
    slice: {
      format: SLICE_FORMAT,
      key: formatKey(key),
      checkpoint: textOf(files.get(CHECKPOINT_FILE) ?? new Uint8Array()) ?? '',
      first,
      entries: part.map(({ envelope, salt, payload }) => ({ envelope, salt, payload })),
      proof: await sliceProof(tiles, first, part.length, size),
    },
  };
}

/** What the service says of a desk's events as they arrive: the alarms it gives. */
export function deskAlarms(events: readonly DeskEvent[]): string[] {
  const alarms: string[] = [];
  const taken = new Map<number, string>();
  let head: ChainHead | undefined;
  for (const event of events) {
    const hash = deskEventHash(event);
    const known = taken.get(event.chain.n);
    if (known === hash) continue;
    const { alarm, leads } = judgeLink(head, event.chain, known);
    taken.set(event.chain.n, hash);
    if (leads) head = { id: event.chain.id, n: event.chain.n, hash };
    if (alarm !== null) alarms.push(alarm);
  }
  return alarms;
}
