import { logHeadSchema, logProofSchema, type LogHead } from '@sivis/shared/protocol/messages/log.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { equalBytes, fromBase64, toBase64 } from '@sivis/shared/tlog/bytes.ts';
import { openCheckpoint, parseCheckpoint, type Checkpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { treeHasher, verifyConsistency } from '@sivis/shared/tlog/merkle.ts';
import { parseKey, parseNote, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { Outbox } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import { liveValue, type Live } from '../live.ts';
import type { Api } from '../net/api.ts';
import type { Timers } from '../net/timers.ts';
import type { DeskEvents } from './deskEvents.ts';
import { ed25519Verify, sha256 } from './logCrypto.ts';

/**
 * What a desk can find when it compares the service's log with the one it saw. `forked`: it is another history.
 * `rolledBack`: it is shorter. `restarted`: it has a new name (the service was restored from a backup). `key`: it has
 * another key under the same name. `signature`: the checkpoint is not signed by the log.
 */
export type LogAlarmCode = 'forked' | 'rolledBack' | 'restarted' | 'key' | 'signature';

/** A head that this desk has seen, with the signed note that proves it. */
export interface LogSight {
  readonly key: string;
  readonly note: string;
  readonly at: string;
}

export interface LogAlarm {
  readonly code: LogAlarmCode;
  readonly at: string;
  /** What the service showed instead, kept as evidence. */
  readonly shown: LogSight;
}

/** What the desk keeps of the log, encrypted with everything else of its user. */
export interface LogWitnessState {
  readonly seen: LogSight | null;
  /** When the desk and the service last agreed. */
  readonly checkedAt: string | null;
  readonly alarm: LogAlarm | null;
  /** Heads that were given up after an alarm, newest first; evidence. */
  readonly before: readonly LogSight[];
}

/** The desk as a witness of the audit log: it keeps the last head it saw and demands that the log contains it. */
export interface LogWitness {
  readonly state: Live<LogWitnessState>;
  /** Asks for the head and compares; rejects when the service does not answer. An alarm is part of the state. */
  check(): Promise<void>;
  /** Proves that a head of the log is contained in the one that the desk has seen last. */
  contains(head: Checkpoint): Promise<boolean>;
  /** The head and the key that this desk trusts. */
  trusted(): { readonly key: VerifierKey; readonly checkpoint: Checkpoint } | null;
  /** A human has looked into the alarm: the shown head is trusted from now on, the old one is kept as evidence. */
  acknowledge(): Promise<void>;
  start(): Promise<void>;
  /** The connection to the service is a new one: what answers may be another log than before. */
  soon(): void;
  stop(): void;
}

export interface LogWitnessPorts {
  readonly outbox: Outbox;
  readonly api: Api;
  readonly events: Pick<DeskEvents, 'record'>;
  readonly clock: Clock;
  readonly usable: Live<boolean>;
  readonly timers: Timers;
}

const RECORD_ID = 'logWitness';
const NOTHING: LogWitnessState = { seen: null, checkedAt: null, alarm: null, before: [] };
/** Old heads kept as evidence. */
const KEPT = 10;

const hasher = treeHasher(sha256);

/** The checkpoint of a head that was checked when it was stored. */
function checkpointOf(sight: LogSight): Checkpoint | undefined {
  const note = parseNote(sight.note);
  return note === undefined ? undefined : parseCheckpoint(note.text);
}

const hashes = (proof: readonly string[]): Uint8Array[] =>
  proof.map((hash) => fromBase64(hash) ?? new Uint8Array());

/** What is wrong with the head that the service shows; null when it continues what was seen. */
async function judge(seen: LogSight | null, shown: LogHead): Promise<LogAlarmCode | null> {
  const key = parseKey(sha256, shown.key);
  const opened =
    key === undefined
      ? { problem: 'signature' as const }
      : await openCheckpoint(ed25519Verify, key, shown.checkpoint);
  if ('problem' in opened) return 'signature';
  const before = seen === null ? undefined : checkpointOf(seen);
  if (seen === null || before === undefined) return null;
  const now = opened.checkpoint;
  if (now.origin !== before.origin) return 'restarted';
  if (shown.key !== seen.key) return 'key';
  if (now.size < before.size) return 'rolledBack';
  const { size, root } = before;
  return verifyConsistency(hasher, size, root, now.size, now.root, hashes(shown.proof)) ? null : 'forked';
}

export function createLogWitness(ports: LogWitnessPorts): LogWitness {
  const { outbox, api, events, clock, usable, timers } = ports;
  const state = liveValue<LogWitnessState>(NOTHING);
  let timer: unknown = null;
  let running = false;
  let connected = false;
  let unsubscribe: (() => void) | null = null;
  let checking: Promise<void> | null = null;

  async function keep(next: LogWitnessState): Promise<void> {
    await outbox.put([{ id: RECORD_ID, kind: 'logWitness', data: next }]);
    state.set(next);
  }

  function trusted(): ReturnType<LogWitness['trusted']> {
    const { seen } = state.get();
    const key = seen === null ? undefined : parseKey(sha256, seen.key);
    const checkpoint = seen === null ? undefined : checkpointOf(seen);
    return key === undefined || checkpoint === undefined ? null : { key, checkpoint };
  }

  async function ask(): Promise<void> {
    const now = state.get();
    const head = trusted()?.checkpoint;
    const seen =
      head === undefined ? null : { origin: head.origin, size: head.size, root: toBase64(head.root) };
    const shown = await api.call(PATHS.logWitness, { seen }, logHeadSchema);
    const at = toInstant(clock.now());
    const sight: LogSight = { key: shown.key, note: shown.checkpoint, at };
    const code = await judge(now.seen, shown);
    if (code === null) {
      // An alarm stays until somebody has looked into it, whatever the service shows afterwards.
      if (now.alarm === null) await keep({ ...now, seen: sight, checkedAt: at });
      return;
    }
    const known = now.alarm?.code === code && now.alarm.shown.note === sight.note;
    if (known) return;
    if (now.alarm === null) await events.record({ action: 'logAlarm', filter: code });
    await keep({ ...now, alarm: { code, at, shown: sight } });
  }

  function check(): Promise<void> {
    checking ??= ask().finally(() => {
      checking = null;
    });
    return checking;
  }

  function plan(ms: number): void {
    if (!running) return;
    timers.clear(timer);
    timer = timers.set(() => {
      // Without an answer it is asked again; that the service is away the link says.
      check()
        .catch(() => undefined)
        .finally(() => {
          plan(DESK_LIMITS.logWitnessMs);
        });
    }, ms);
  }

  return {
    state,
    check,
    trusted,
    async contains(head) {
      const last = trusted()?.checkpoint;
      if (last?.origin !== head.origin || head.size > last.size) return false;
      if (head.size === last.size) return equalBytes(head.root, last.root);
      const { proof } = await api.call(
        PATHS.logConsistency,
        { from: head.size, to: last.size },
        logProofSchema,
      );
      return verifyConsistency(hasher, head.size, head.root, last.size, last.root, hashes(proof));
    },
    async acknowledge() {
      // A look that is under way would bring the alarm back.
      await checking?.catch(() => undefined);
      const { seen, alarm, before } = state.get();
      if (alarm === null) return;
      await events.record({ action: 'logAlarmSeen', filter: alarm.code });
      await keep({
        seen: alarm.code === 'signature' ? seen : alarm.shown,
        checkedAt: null,
        alarm: null,
        before: seen === null ? before : [seen, ...before].slice(0, KEPT),
      });
      // That somebody has looked into it is kept, also where the service is away just now.
      await check().catch(() => undefined);
    },
    async start() {
      state.set((await outbox.get<LogWitnessState>(RECORD_ID)) ?? NOTHING);
      running = true;
      unsubscribe = usable.subscribe((now) => {
        connected = now;
        if (now) plan(DESK_LIMITS.logWitnessFirstMs);
        else timers.clear(timer);
      });
    },
    soon() {
      if (connected) plan(DESK_LIMITS.logWitnessFirstMs);
    },
    stop() {
      running = false;
      unsubscribe?.();
      timers.clear(timer);
    },
  };
}
