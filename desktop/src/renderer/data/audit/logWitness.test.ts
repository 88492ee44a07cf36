import { generateKeyPairSync, sign } from 'node:crypto';
import { consistencySubtrees, rootOf, treeHasher } from '@sivis/shared/tlog/merkle.ts';
import { toBase64, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { checkpointText } from '@sivis/shared/tlog/checkpoint.ts';
import { formatKey, makeKey, NOTE_KEY, signatureLine } from '@sivis/shared/tlog/note.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { rangeSubtrees } from '@sivis/shared/tlog/merkle.ts';
import { describe, expect, it, vi } from 'vitest';
import type { Outbox, OutboxEntry } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import { liveValue } from '../live.ts';
import { NoAnswerError } from '../net/failure.ts';
import { testTimers } from '../net/testTimers.ts';
import { checkLog, exportSlice } from './logCheck.ts';
import { sha256 } from './logCrypto.ts';
import { createLogWitness, type LogWitnessState } from './logWitness.ts';

const hasher = treeHasher(sha256);

/** A service with a log that a test can change as it likes, and sign. */
function logService(origin = 'sivis.test/audit/desk') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  let name = origin;
  let entries = ['a', 'b', 'c'];
  let away = false;
  let forged = false;
  const sub = (list: readonly string[], from: number, to: number): Uint8Array =>
    rootOf(
      hasher,
      list.slice(from, to).map((entry) => hasher.leaf(utf8(entry))),
    );
  const head = () => {
    const key = makeKey(sha256, name, NOTE_KEY, raw);
    const text = checkpointText({
      origin: name,
      size: entries.length,
      root: sub(entries, 0, entries.length),
      extensions: [],
    });
    const signed = sign(null, utf8(forged ? `${text} ` : text), privateKey);
    return { key: formatKey(key), checkpoint: `${text}\n${signatureLine(key, signed)}` };
  };
  const proof = (from: number, to: number): string[] =>
    consistencySubtrees(from, to).map((range) => toBase64(sub(entries, range.from, range.to)));
  const serverTime = '2026-11-21T10:00:00.000Z';
  const call = (path: string, body: unknown): Promise<unknown> => {
    if (away) return Promise.reject(new NoAnswerError('UNREACHABLE'));
    const ask = body as { seen?: { size: number } | null; from?: number; to?: number; first?: number };
    if (path === PATHS.logWitness) {
      const seen = ask.seen?.size ?? 0;
      const fits = seen <= entries.length;
      const from = fits ? seen : 0;
      return Promise.resolve({ ...head(), proof: fits ? proof(from, entries.length) : [], serverTime });
    }
    if (path === PATHS.logConsistency)
      return Promise.resolve({ proof: proof(ask.from ?? 0, ask.to ?? 0), serverTime });
    // A slice of at most two entries.
    const first = ask.first ?? 1;
    const part = entries.slice(first - 1, first + 1);
    const slice = {
      format: 'sivis-audit-slice/1' as const,
      ...head(),
      first,
      entries: part.map((envelope) => ({ envelope })),
      proof: rangeSubtrees(first - 1, first - 1 + part.length, entries.length).map((range) =>
        toBase64(sub(entries, range.from, range.to)),
      ),
    };
    return Promise.resolve({ slice, last: entries.length, serverTime });
  };
  return {
    call,
    set: (list: string[]) => (entries = list),
    rename: (next: string) => (name = next),
    forge: () => (forged = true),
    cut: (now: boolean) => (away = now),
  };
}

function memoryOutbox() {
  const entries = new Map<string, OutboxEntry>();
  return {
    entries,
    outbox: {
      put: (list: readonly OutboxEntry[]) => {
        for (const entry of list) entries.set(entry.id, entry);
        return Promise.resolve();
      },
      get: (id: string) => Promise.resolve(entries.get(id)?.data ?? null),
    } as unknown as Outbox,
  };
}

async function openWitness(service = logService(), memory = memoryOutbox()) {
  const told: string[] = [];
  const time = testTimers();
  const usable = liveValue(false);
  const api = { call: service.call as never };
  const witness = createLogWitness({
    outbox: memory.outbox,
    api,
    events: {
      record: (act) => {
        told.push(`${act.action} ${act.filter ?? ''}`);
        return Promise.resolve();
      },
    },
    clock: { now: () => Date.parse('2026-11-21T10:00:00.000Z') },
    usable,
    timers: time.timers,
  });
  await witness.start();
  let state: LogWitnessState | undefined;
  witness.state.subscribe((now) => {
    state = now;
  });
  return {
    witness,
    service,
    memory,
    told,
    time,
    usable,
    api,
    state: () => state as LogWitnessState,
    alarm: () => state?.alarm?.code ?? null,
    size: () => witness.trusted()?.checkpoint.size,
  };
}

describe('the desk as a witness of the audit log', () => {
  it('keeps the last head it saw, and takes a longer log that contains it', async () => {
    const desk = await openWitness();
    await desk.witness.check();
    expect([desk.size(), desk.alarm()]).toEqual([3, null]);
    desk.service.set(['a', 'b', 'c', 'd', 'e']);
    await desk.witness.check();
    expect([desk.size(), desk.alarm(), desk.told]).toEqual([5, null, []]);
    // It is on the disk: the next session compares with it.
    const again = await openWitness(desk.service, desk.memory);
    expect(again.size()).toBe(5);
  });

  it.each([
    ['forked', (service: ReturnType<typeof logService>) => service.set(['a', 'x', 'c', 'd'])],
    ['forked', (service: ReturnType<typeof logService>) => service.set(['a', 'b', 'x'])],
    ['rolledBack', (service: ReturnType<typeof logService>) => service.set(['a', 'b'])],
    ['restarted', (service: ReturnType<typeof logService>) => service.rename('sivis.test/audit/desk/r-1')],
    ['signature', (service: ReturnType<typeof logService>) => service.forge()],
  ] as const)('%s: gives the alarm once, keeps what it saw and goes on giving it', async (code, change) => {
    const desk = await openWitness();
    await desk.witness.check();
    const seen = desk.state().seen;
    change(desk.service);
    await desk.witness.check();
    await desk.witness.check();
    expect([desk.alarm(), desk.told]).toEqual([code, [`logAlarm ${code}`]]);
    expect(desk.state().seen).toEqual(seen);
    // A log that fits again takes nothing back.
    if (code !== 'signature' && code !== 'restarted') {
      desk.service.set(['a', 'b', 'c', 'd']);
      await desk.witness.check();
      expect(desk.alarm()).toBe(code);
    }
    const again = await openWitness(desk.service, desk.memory);
    expect(again.alarm()).toBe(code);
  });

  it('another key under the same name is an alarm', async () => {
    const desk = await openWitness();
    await desk.witness.check();
    const other = await openWitness(logService(), desk.memory);
    await other.witness.check();
    expect(other.alarm()).toBe('key');
  });

  it('goes on with the new log when somebody has looked into it, and keeps the old head as evidence', async () => {
    const desk = await openWitness();
    await desk.witness.check();
    const seen = desk.state().seen;
    desk.service.rename('sivis.test/audit/desk/r-1');
    await desk.witness.check();
    await desk.witness.acknowledge();
    expect([desk.alarm(), desk.told]).toEqual([null, ['logAlarm restarted', 'logAlarmSeen restarted']]);
    expect(desk.state().before).toEqual([seen]);
    desk.service.set(['a', 'b', 'c', 'd']);
    await desk.witness.check();
    expect([desk.size(), desk.alarm()]).toEqual([4, null]);
  });

  it('looks soon after a connection and then every few minutes', async () => {
    const desk = await openWitness();
    desk.service.cut(true);
    desk.usable.set(true);
    await desk.time.pass(DESK_LIMITS.logWitnessFirstMs);
    expect(desk.size()).toBeUndefined();
    desk.service.cut(false);
    await desk.time.pass(DESK_LIMITS.logWitnessMs);
    // The signature is checked by WebCrypto, which takes its own time.
    await vi.waitFor(() => {
      expect(desk.size()).toBe(3);
    });
    await vi.waitFor(() => {
      expect(desk.time.waiting()).toEqual([DESK_LIMITS.logWitnessMs]);
    });
    desk.witness.soon();
    expect(desk.time.waiting()).toEqual([DESK_LIMITS.logWitnessFirstMs]);
    desk.witness.stop();
    expect(desk.time.waiting()).toEqual([]);
  });

  it('checks every entry in parts, or the head alone', async () => {
    const desk = await openWitness();
    const ports = { api: desk.api, witness: desk.witness };
    const seen: number[] = [];
    desk.service.set(['a', 'b', 'c', 'd', 'e']);
    expect(await checkLog(ports, { entries: true, progress: (done) => seen.push(done) })).toMatchObject({
      verdict: 'ok',
      size: 5,
      entries: 5,
    });
    expect(seen).toEqual([2, 4, 5]);
    expect(await checkLog(ports, { entries: false })).toMatchObject({ verdict: 'ok', entries: 0 });
    const { slice, whole, sound } = await exportSlice(ports, { withPayload: false });
    expect([slice.entries.length, whole, sound]).toEqual([2, false, true]);
    desk.service.set(['a', 'x', 'c', 'd', 'e']);
    expect(await checkLog(ports, { entries: true })).toMatchObject({ verdict: 'alarm', alarm: 'forked' });
  });
});
