import path from 'node:path';
import type { Result } from '../../preload/contract.ts';
import { LIMITS } from '../limits.ts';
import type { JournalDisk, JournalFile } from './disk.ts';
import { frame, scan } from './record.ts';
import { createReserve } from './reserve.ts';

/**
 * What desks have not sent, beside the browser's storage: per user of this desk ("place") a folder of append-only
 * segments and of snapshots. The page seals everything before it comes here; main has no key to it.
 */
export interface Journal {
  /** Written when the bytes are on the disk; a full one gives up its reserve for them. Whoever comes while others are being written goes with the next batch. */
  append(place: string, records: readonly Uint8Array[]): Promise<Result<'journalAppend'>>;
  /** All that is kept, damaged parts left out. */
  read(place: string): Promise<Result<'journalRead'>>;
  /** Begins a new segment: what is appended from now on belongs behind a snapshot with the returned number. */
  turn(place: string): Promise<Result<'journalTurn'>>;
  /**
   * Keeps the state as it was when the segment `from` was begun. The last three snapshots stay, each with every segment
   * since the oldest of them: a damaged snapshot costs nothing.
   */
  snapshot(place: string, from: number, state: Uint8Array): Promise<Result<'journalSnapshot'>>;
  /** Removes everything of a place, or of all. */
  erase(place: string | null): Promise<Result<'journalErase'>>;
  /** Bytes free on the disk of the profile. Where there is plenty, some is held back for the journal (reserve.ts). */
  free(): Promise<Result<'diskFree'>>;
}

interface Open {
  /** Number of the segment that is written, or will be with the next record. */
  number: number;
  file: JournalFile | null;
}

interface Found {
  readonly segments: readonly number[];
  readonly snapshots: readonly number[];
}

const SEGMENT = '.log';
const SNAPSHOT = '.snap';
const NAME = /^(\d{8})\.(log|snap)$/;

const nameOf = (number: number, kind: string): string => `${String(number).padStart(8, '0')}${kind}`;

function numbers(names: readonly string[], kind: string): number[] {
  return names
    .filter((name) => NAME.test(name) && name.endsWith(kind))
    .map((name) => Number(name.slice(0, 8)))
    .sort((a, b) => a - b);
}

/**
 * @param folder of all places; made with the first record
 * @param disk replaced in tests by one that fails and forgets
 */
export function createJournal(folder: string, disk: JournalDisk): Journal {
  const reserve = createReserve(`${folder}.reserve`, disk);
  const opened = new Map<string, Open>();
  const queues = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, { bytes: Uint8Array; done: (ok: boolean) => void }[]>();

  function inOrder<T>(place: string, work: () => Promise<T>): Promise<T> {
    const next = (queues.get(place) ?? Promise.resolve()).then(work);
    queues.set(
      place,
      next.catch(() => undefined),
    );
    return next;
  }

  const folderOf = (place: string): string => path.join(folder, place);

  async function found(place: string): Promise<Found> {
    const names = await disk.list(folderOf(place));
    return { segments: numbers(names, SEGMENT), snapshots: numbers(names, SNAPSHOT) };
  }

  /** A segment of an earlier run is never continued: its end may be torn. */
  async function openOf(place: string): Promise<Open> {
    const known = opened.get(place);
    if (known !== undefined) return known;
    const { segments, snapshots } = await found(place);
    const open: Open = { number: Math.max(0, ...segments, ...snapshots) + 1, file: null };
    opened.set(place, open);
    return open;
  }

  async function fileOf(place: string, open: Open): Promise<JournalFile> {
    if (open.file !== null) return open.file;
    await disk.makeFolder(folderOf(place));
    const file = await disk.create(path.join(folderOf(place), nameOf(open.number, SEGMENT)));
    open.file = file;
    // The name of the folder too: the first record of a user makes it.
    await disk.syncFolder(folder);
    await disk.syncFolder(folderOf(place));
    return file;
  }

  async function next(open: Open): Promise<void> {
    const { file } = open;
    open.file = null;
    open.number += 1;
    await file?.close().catch(() => undefined);
  }

  async function appendTo(place: string, open: Open, bytes: Uint8Array): Promise<boolean> {
    try {
      const file = await fileOf(place, open);
      await file.append(bytes);
      await file.sync();
      return true;
    } catch {
      // What was written of it may be torn: later records begin a file of their own.
      await next(open);
      return false;
    }
  }

  async function writeWaiting(place: string): Promise<void> {
    const batch = waiting.get(place) ?? [];
    waiting.delete(place);
    if (batch.length === 0) return;
    const [first] = batch;
    const bytes =
      batch.length === 1 && first !== undefined ? first.bytes : Buffer.concat(batch.map((one) => one.bytes));
    const open = await openOf(place).catch(() => null);
    const written =
      open !== null &&
      ((await appendTo(place, open, bytes)) ||
        ((await reserve.giveUp()) && (await appendTo(place, open, bytes))));
    for (const one of batch) one.done(written);
  }

  async function prune(place: string): Promise<void> {
    const { segments, snapshots } = await found(place);
    const kept = snapshots.slice(-LIMITS.journalSnapshots);
    const oldest = kept[0];
    if (oldest === undefined) return;
    for (const number of snapshots)
      if (number < oldest) await disk.remove(path.join(folderOf(place), nameOf(number, SNAPSHOT)));
    // As long as there are fewer snapshots, the first segments stand for the ones before.
    if (kept.length < LIMITS.journalSnapshots) return;
    for (const number of segments)
      if (number < oldest) await disk.remove(path.join(folderOf(place), nameOf(number, SEGMENT)));
  }

  async function writeSnapshot(place: string, from: number, state: Uint8Array): Promise<void> {
    const target = path.join(folderOf(place), nameOf(from, SNAPSHOT));
    const part = `${target}.new`;
    await disk.makeFolder(folderOf(place));
    await disk.remove(part);
    const file = await disk.create(part);
    try {
      await file.append(frame(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(part, target);
    await disk.syncFolder(folder);
    await disk.syncFolder(folderOf(place));
    await prune(place);
  }

  async function readAll(place: string): Promise<Result<'journalRead'>> {
    const { segments, snapshots } = await found(place);
    let lost = 0;
    const read = async (number: number, kind: string): Promise<readonly Uint8Array<ArrayBuffer>[]> => {
      try {
        const scanned = scan(await disk.read(path.join(folderOf(place), nameOf(number, kind))));
        lost += scanned.lost;
        return scanned.bodies;
      } catch {
        lost += 1;
        return [];
      }
    };
    const states: { from: number; state: Uint8Array<ArrayBuffer> }[] = [];
    for (const from of [...snapshots].reverse()) {
      const [state] = await read(from, SNAPSHOT);
      if (state !== undefined) states.push({ from, state });
    }
    const records: { segment: number; record: Uint8Array<ArrayBuffer> }[] = [];
    for (const segment of segments)
      for (const record of await read(segment, SEGMENT)) records.push({ segment, record });
    return { snapshots: states, records, lost };
  }

  return {
    append(place, records) {
      const bytes = Buffer.concat(records.map(frame));
      return new Promise((resolve) => {
        const list = waiting.get(place) ?? [];
        list.push({
          bytes,
          done: (ok) => {
            resolve(ok ? { state: 'written' } : { state: 'refused' });
          },
        });
        waiting.set(place, list);
        if (list.length === 1) void inOrder(place, () => writeWaiting(place));
      });
    },
    read: (place) => inOrder(place, () => readAll(place)),
    turn: (place) =>
      inOrder(place, async () => {
        const open = await openOf(place);
        await next(open);
        return { from: open.number };
      }),
    snapshot: (place, from, state) =>
      inOrder(place, async () => {
        const write = () =>
          writeSnapshot(place, from, state).then(
            () => true,
            () => false,
          );
        const written = (await write()) || ((await reserve.giveUp()) && (await write()));
        return { state: written ? 'written' : 'refused' };
      }),
    async erase(place) {
      const places = place === null ? await disk.list(folder) : [place];
      for (const one of places) {
        await inOrder(one, async () => {
          await opened
            .get(one)
            ?.file?.close()
            .catch(() => undefined);
          opened.delete(one);
          await disk.remove(folderOf(one));
        });
      }
      return { state: 'gone' };
    },
    async free() {
      try {
        const bytes = await disk.free(path.dirname(folder));
        void reserve.keep(bytes);
        return { bytes };
      } catch {
        return { bytes: null };
      }
    },
  };
}
