import {
  logSliceReplySchema,
  logStateSchema,
  type LogSliceRequest,
  type LogState,
} from '@sivis/shared/protocol/messages/log.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { utf8 } from '@sivis/shared/tlog/bytes.ts';
import { parseCheckpoint, type Checkpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { parseNote } from '@sivis/shared/tlog/note.ts';
import { verifySlice, type Slice } from '@sivis/shared/tlog/slice.ts';
import { entryInspector, type Problem } from '@sivis/shared/tlog/verifyLog.ts';
import type { Api } from '../net/api.ts';
import { ed25519Verify, sha256 } from './logCrypto.ts';
import type { LogAlarmCode, LogWitness } from './logWitness.ts';

/** What a check of the log on this desk has found. */
export interface LogCheck {
  /** `alarm`: the log is not the one that this desk has seen. `tampered`: something in it does not fit. */
  readonly verdict: 'ok' | 'tampered' | 'alarm';
  readonly alarm: LogAlarmCode | null;
  readonly size: number;
  /** Entries that were read and compared; 0 when only the head was. */
  readonly entries: number;
  readonly problems: readonly Problem[];
}

export interface LogCheckPorts {
  readonly api: Api;
  readonly witness: LogWitness;
}

export function readLogState(api: Api, signal?: AbortSignal): Promise<LogState> {
  return api.call(PATHS.logState, {}, logStateSchema, { signal });
}

const askSlice = (api: Api, request: LogSliceRequest, signal?: AbortSignal) =>
  api.call(PATHS.logSlice, request, logSliceReplySchema, { signal });

function headOf(slice: Slice): Checkpoint | undefined {
  return parseCheckpoint(parseNote(slice.checkpoint)?.text ?? '');
}

/**
 * Checks the log on this desk: the head against the one that the desk has seen, and, for who may read all of it, every
 * entry against the signed tree and the sequences of the desks. Rejects when the service does not answer.
 */
export async function checkLog(
  { api, witness }: LogCheckPorts,
  options: {
    readonly entries: boolean;
    readonly progress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<LogCheck> {
  await witness.check();
  let alarm: LogAlarmCode | null = null;
  witness.state.subscribe((now) => {
    alarm = now.alarm?.code ?? null;
  })();
  const trusted = witness.trusted();
  const size = trusted?.checkpoint.size ?? 0;
  if (alarm !== null || trusted === null) return { verdict: 'alarm', alarm, size, entries: 0, problems: [] };
  if (!options.entries) return { verdict: 'ok', alarm: null, size, entries: 0, problems: [] };

  const problems: Problem[] = [];
  const inspector = entryInspector((problem) => problems.push(problem));
  /** The signed heads under which the parts came; all of them must be one log. */
  const heads = new Map<number, Checkpoint>();
  let entries = 0;
  let first = 1;
  while (first <= size && problems.length === 0) {
    const request = { first, last: size, purpose: 'verify', withPayload: false } as const;
    const { slice } = await askSlice(api, request, options.signal);
    const result = await verifySlice(slice, { sha256, verify: ed25519Verify, key: trusted.key });
    problems.push(...result.problems);
    const head = headOf(slice);
    if (head !== undefined) heads.set(head.size, head);
    // What retention has removed is not there; the tree has its hashes.
    if (slice.first > first) inspector.skip();
    for (const [at, entry] of slice.entries.entries()) inspector.see(slice.first + at, utf8(entry.envelope));
    entries += slice.entries.length;
    first = slice.first + slice.entries.length;
    options.progress?.(Math.min(first - 1, size), size);
  }
  await witness.check();
  for (const head of heads.values())
    if (!(await witness.contains(head))) problems.push({ kind: 'forked', where: String(head.size) });
  return {
    verdict: problems.length === 0 ? 'ok' : 'tampered',
    alarm: null,
    size,
    entries,
    problems,
  };
}

/** A part of the log as a file, checked before it is given away. Rejects with what the service says. */
export async function exportSlice(
  { api, witness }: LogCheckPorts,
  request: Omit<LogSliceRequest, 'purpose'>,
): Promise<{ readonly slice: Slice; readonly whole: boolean; readonly sound: boolean }> {
  const { slice, last } = await askSlice(api, { ...request, purpose: 'export' });
  const key = witness.trusted()?.key;
  const sound =
    key !== undefined && (await verifySlice(slice, { sha256, verify: ed25519Verify, key })).verdict === 'ok';
  return { slice, whole: slice.first + slice.entries.length - 1 === last, sound };
}
