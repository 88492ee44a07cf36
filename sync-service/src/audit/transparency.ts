import { rightsRow } from '@sivis/shared/access/rights.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { LogHead, LogSliceRequest, LogState } from '@sivis/shared/protocol/messages/log.ts';
import { equalBytes, fromBase64, toBase64, toHex } from '@sivis/shared/tlog/bytes.ts';
import { consistencySubtrees, inclusionSubtrees } from '@sivis/shared/tlog/merkle.ts';
import { formatKey } from '@sivis/shared/tlog/note.ts';
import { SLICE_FORMAT, sliceProof, type Slice } from '@sivis/shared/tlog/slice.ts';
import type { TileHashes } from '@sivis/shared/tlog/tiles.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { ReadTx, Store } from '../store/store.ts';
import type { AuditLog } from './auditLog.ts';
import { parseEnvelope } from './entry.ts';
import type { Published, Publisher } from './publisher.ts';
import type { AuditReader } from './query.ts';

/** The log as its readers meet it: head, proofs, parts. */
export interface Transparency {
  readonly publisher: Publisher;
  readonly retention: { readonly months: number; readonly basis: string };
}

export interface TransparencyDeps {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly transparency: Transparency;
}

interface Seen {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** Latest alarms that the state shows. */
const SHOWN_ALARMS = 20;
const ALARM_ACTIONS = ['logAlarm', 'deviceAlarm'];

interface Head extends Published {
  readonly hashes: TileHashes;
  readonly key: string;
}

/** The published head. Throws UNAVAILABLE while there is none. */
function headOf({ publisher }: Transparency, published: Published | undefined = publisher.latest()): Head {
  const hashes = publisher.hashes();
  const key = publisher.key();
  if (published === undefined || hashes === undefined || key === undefined)
    throw new SivisError('UNAVAILABLE');
  return { ...published, hashes, key: formatKey(key) };
}

/**
 * The head of the log for a desk, with the proof that it contains what the desk has seen. The desk is remembered as a
 * witness; one that has seen another log is an alarm here too.
 */
export async function witnessHead(
  { store, audit, transparency }: TransparencyDeps,
  reader: AuditReader,
  seen: Seen | null,
): Promise<LogHead> {
  const { publisher } = transparency;
  let published = publisher.latest();
  // Another instance of the service may have published more than this one knows of.
  if (published === undefined || (seen !== null && seen.size > published.checkpoint.size))
    published = await publisher.publish();
  const head = headOf(transparency, published);
  const { checkpoint } = head;
  const answer = {
    key: head.key,
    checkpoint: head.note,
    proof: [] as string[],
    serverTime: toInstant(reader.nowMs),
  };
  const verdict = seen === null ? 'new' : await judgeSeen(head, seen);
  if (verdict === 'same' && seen !== null)
    answer.proof = (await head.hashes.proof(consistencySubtrees(seen.size, checkpoint.size))).map(toBase64);
  const name = reader.deviceId;
  const before = (await store.read((tx) => tx.witnesses())).find((witness) => witness.name === name);
  if (verdict === 'same' || verdict === 'new') {
    const root = toHex(checkpoint.root);
    if (before?.root !== root || before.origin !== checkpoint.origin)
      await store.write((tx) =>
        tx.putWitness({
          name,
          kind: 'desk',
          origin: checkpoint.origin,
          size: checkpoint.size,
          root,
          at: toInstant(reader.nowMs),
        }),
      );
  } else if (seen !== null) {
    const root = toHex(fromBase64(seen.root) ?? new Uint8Array());
    // One alarm for one head, however often the desk asks.
    if (before?.root !== root || before.size !== seen.size || before.origin !== seen.origin)
      await store.write(async (tx) => {
        await audit.recordAudit(tx, reader, {
          action: 'logAlarm',
          kind: 'audit',
          objectId: String(seen.size),
          personIds: [],
          personal: false,
          result: verdict,
          detail: { seen: { ...seen }, head: { origin: checkpoint.origin, size: checkpoint.size } },
        });
        await tx.putWitness({ name, kind: 'desk', ...seen, root, at: toInstant(reader.nowMs) });
      });
  }
  return answer;
}

type SeenVerdict = 'same' | 'restarted' | 'rolledBack' | 'forked';

async function judgeSeen({ checkpoint, hashes }: Head, seen: Seen): Promise<SeenVerdict> {
  if (seen.origin !== checkpoint.origin) return 'restarted';
  if (seen.size > checkpoint.size) return 'rolledBack';
  const root = await hashes.subtree({ from: 0, to: seen.size });
  return equalBytes(root, fromBase64(seen.root) ?? new Uint8Array()) ? 'same' : 'forked';
}

/** Consistency between two sizes of the published tree. Throws MALFORMED for sizes that it does not have. */
export async function consistencyProof(
  transparency: Transparency,
  from: number,
  to: number,
): Promise<string[]> {
  const { checkpoint, hashes } = headOf(transparency);
  if (from > to || to > checkpoint.size) throw new SivisError('MALFORMED');
  return (await hashes.proof(consistencySubtrees(from, to))).map(toBase64);
}

/** Where an entry stands; the checkpoint is brought up to it when it is younger. Throws NOT_FOUND. */
export async function inclusionProof(
  transparency: Transparency,
  seq: number,
): Promise<{ key: string; checkpoint: string; proof: string[] }> {
  let published = transparency.publisher.latest();
  if (published === undefined || published.checkpoint.size < seq)
    published = await transparency.publisher.publish();
  const { checkpoint, hashes, key, note } = headOf(transparency, published);
  if (seq > checkpoint.size) throw new SivisError('NOT_FOUND');
  const proof = await hashes.proof(inclusionSubtrees(seq - 1, checkpoint.size));
  return { key, checkpoint: note, proof: proof.map(toBase64) };
}

/** What the log's screen shows. For everybody who may read of the log at all. */
export async function logState(
  { store, transparency }: TransparencyDeps,
  reader: AuditReader,
): Promise<LogState> {
  const { publisher, retention } = transparency;
  if (rightsRow(reader.subject.role, 'audit') === undefined) throw new SivisError('FORBIDDEN');
  const published = publisher.latest();
  const key = publisher.key();
  return store.read(async (tx) => {
    const devices = new Map((await tx.devices()).map((device) => [device.id, device.name]));
    const { rows } = await tx.auditPage({ actions: ALARM_ACTIONS, personal: false }, SHOWN_ALARMS);
    return {
      head:
        published === undefined || key === undefined
          ? null
          : {
              key: formatKey(key),
              checkpoint: published.note,
              at: published.at,
              size: published.checkpoint.size,
              origin: published.checkpoint.origin,
            },
      entries: await tx.auditSize(),
      removedTo: await tx.auditRemovedTo(),
      retention,
      alarm: publisher.alarm(),
      witnesses: (await tx.witnesses()).map((witness) => ({
        name: witness.kind === 'desk' ? (devices.get(witness.name) ?? '') : witness.name,
        kind: witness.kind,
        size: witness.size,
        at: witness.at,
        sameLog: published === undefined || witness.origin === published.checkpoint.origin,
      })),
      alarms: rows.map((row) => {
        const envelope = parseEnvelope(row.envelope);
        return {
          seq: row.seq,
          at: envelope.at,
          action: envelope.action,
          code: envelope.result,
          deviceName: devices.get(envelope.device) ?? '',
        };
      }),
      serverTime: toInstant(reader.nowMs),
    };
  });
}

/** The first entry written at or after the instant, from 1; one past the last where there is none. */
async function seqAt(tx: ReadTx, instant: string, size: number): Promise<number> {
  let low = (await tx.auditRemovedTo()) + 1;
  let high = size + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await tx.auditRow(middle);
    if (row === undefined || parseEnvelope(row.envelope).at < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A part of the log with its proof, for who may see the whole log. The reading stands in the log before it is answered.
 * Throws FORBIDDEN, NOT_FOUND (no entries there), MALFORMED (content without a reason).
 */
export async function logSlice(
  { store, audit, transparency }: TransparencyDeps,
  reader: AuditReader,
  request: LogSliceRequest,
): Promise<{ slice: Slice; last: number }> {
  if (rightsRow(reader.subject.role, 'audit')?.scope !== 'all') throw new SivisError('FORBIDDEN');
  if (request.withPayload && (request.reason ?? '').trim().length < REASON_CHARS)
    throw new SivisError('MALFORMED');
  const head = headOf(transparency);
  const { checkpoint, hashes, key, note } = head;
  const [first, last] = await store.read(async (tx) => {
    const removedTo = await tx.auditRemovedTo();
    const from = request.from === undefined ? 1 : await seqAt(tx, request.from, checkpoint.size);
    const to =
      request.to === undefined ? checkpoint.size : (await seqAt(tx, request.to, checkpoint.size)) - 1;
    return [
      Math.max(request.first ?? 1, from, removedTo + 1),
      Math.min(request.last ?? checkpoint.size, to, checkpoint.size),
    ];
  });
  if (first > last) throw new SivisError('NOT_FOUND');
  const count = Math.min(last - first + 1, SERVICE_LIMITS.sliceEntries);
  await audit.auditRead(store, reader, {
    action: request.purpose === 'export' ? 'auditExport' : 'auditVerify',
    kind: 'audit',
    objectId: `${first}-${first + count - 1}`,
    personIds: [],
    personal: request.withPayload,
    result: 'ok',
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    detail: { withPayload: request.withPayload, count },
  });
  const rows = await store.read((tx) => tx.auditRange(first - 1, count));
  return {
    slice: {
      format: SLICE_FORMAT,
      key,
      checkpoint: note,
      first,
      entries: rows.map(({ envelope, salt, payload }) =>
        request.withPayload ? { envelope, salt, payload } : { envelope },
      ),
      proof: await sliceProof(hashes, first, rows.length, checkpoint.size),
    },
    last,
  };
}

/** As for opening one entry's values (`auditOpenSchema`). */
const REASON_CHARS = 10;
