import { verifySlice, type Slice } from '@sivis/shared/tlog/slice.ts';
import { CHECKPOINT_FILE } from '@sivis/shared/tlog/tiles.ts';
import { verifyLog, type Verification } from '@sivis/shared/tlog/verifyLog.ts';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { ed25519Verify, sha256 } from '../../src/audit/nodeCrypto.ts';
import { below, deskAlarms, type LogWorld, type Random } from './world.ts';

/** What is handed to the verifiers after somebody was at it. */
export interface Handed {
  readonly files: Map<string, Uint8Array>;
  readonly slice: Slice;
  readonly events: readonly DeskEvent[];
}

type Tamper = (world: LogWorld, random: Random) => Promise<Handed> | Handed;

export const clean = (world: LogWorld): Handed => ({
  files: new Map(world.files),
  slice: world.slice,
  events: world.events,
});

function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[below(random, list.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
}

/** Flips one bit of a file whose path matches. */
const flip =
  (pattern: RegExp): Tamper =>
  (world, random) => {
    const handed = clean(world);
    const file = pick(random, [...handed.files.keys()].filter((name) => pattern.test(name)).sort());
    const bytes = Uint8Array.from(handed.files.get(file) ?? []);
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
    handed.files.set(file, bytes);
    return handed;
  };

/** Other entries in the same files: the tiles fit them, the signature is the old one. */
const rewritten =
  (change: (entries: string[], random: Random) => string[]): Tamper =>
  async (world, random) => {
    const files = await world.rebuild(change([...world.entries], random));
    const checkpoint = world.files.get(CHECKPOINT_FILE);
    if (checkpoint !== undefined) files.set(CHECKPOINT_FILE, checkpoint);
    return { ...clean(world), files };
  };

/** The same, signed with the real key: only who has seen the log before can know. */
const signedAnew =
  (change: (entries: string[], world: LogWorld, random: Random) => string[]): Tamper =>
  async (world, random) => ({
    ...clean(world),
    files: await world.rebuild(change([...world.entries], world, random)),
  });

function changed(entry: string, random: Random): string {
  const envelope = JSON.parse(entry) as Record<string, unknown>;
  const field = pick(random, ['actor', 'action', 'result', 'at', 'object']);
  return JSON.stringify({ ...envelope, [field]: `${String(envelope[field])}x` });
}

/** A place that the witness has seen. */
const seenPlace = (world: LogWorld, random: Random): number => below(random, world.witness.size);

function events(change: (list: DeskEvent[], random: Random) => DeskEvent[]): Tamper {
  return (world, random) => ({ ...clean(world), events: change([...world.events], random) });
}

/** Entries of a desk in the log: one doubled or left out, by somebody who holds the key. */
const chainInLog =
  (skip: boolean): Tamper =>
  async (world, random) => {
    const places = world.entries.flatMap((entry, at) => (entry.includes('"deviceSeq":') ? [at] : []));
    // The last event of a desk may be missing from any log: it may not have arrived yet.
    const followed = places.filter((at) => {
      const { device } = JSON.parse(world.entries[at] ?? '') as { device: string };
      return places.some(
        (later) => later > at && (world.entries[later] ?? '').includes(`"device":"${device}"`),
      );
    });
    const list = [...world.entries];
    if (followed.length === 0) {
      list[0] = changed(list[0] ?? '', random);
    } else {
      const at = pick(random, followed);
      if (skip) list.splice(at, 1);
      else list.splice(at + 1, 0, list[at] ?? '');
    }
    const files = await world.rebuild(list);
    // Nobody outside has seen this log: the desks' sequences alone have to tell, or the old signature.
    if (followed.length === 0)
      files.set(CHECKPOINT_FILE, world.files.get(CHECKPOINT_FILE) ?? new Uint8Array());
    return { ...clean(world), files };
  };

/** The corpus: every way that verification has to notice, always. */
export const TAMPERS: Readonly<Record<string, Tamper>> = {
  'bit in an envelope': flip(/^tile\/entries\//),
  'bit in a leaf hash': flip(/^tile\/0\//),
  'bit in a tile': flip(/^tile\/\d+\//),
  'bit in the checkpoint': flip(/^checkpoint$/),
  'first entry deleted': rewritten((list) => list.slice(1)),
  'middle entry deleted': rewritten((list, random) => list.toSpliced(below(random, list.length), 1)),
  'last entry deleted': rewritten((list) => list.slice(0, -1)),
  'two entries swapped': rewritten((list, random) => {
    const at = below(random, list.length - 1);
    const [one, other] = [list[at] ?? '', list[at + 1] ?? ''];
    return list.with(at, other).with(at + 1, one);
  }),
  'back-dated entry inserted': rewritten((list, random) => {
    const at = below(random, list.length);
    return list.toSpliced(at, 0, changed(list[at] ?? '', random));
  }),
  'entry changed': rewritten((list, random) => {
    const at = below(random, list.length);
    return list.with(at, changed(list[at] ?? '', random));
  }),
  'payload replaced': (world, random) => {
    const handed = clean(world);
    const at = below(random, world.slice.entries.length);
    const entries = world.slice.entries.map((entry, place) =>
      place === at ? { ...entry, payload: `${entry.payload ?? ''} ` } : entry,
    );
    return { ...handed, slice: { ...world.slice, entries } };
  },
  'slice moved': (world) => ({
    ...clean(world),
    slice: { ...world.slice, first: world.slice.first === 1 ? 2 : world.slice.first - 1 },
  }),
  'truncated and signed with the real key': signedAnew((list, world, random) =>
    list.slice(0, below(random, world.witness.size)),
  ),
  'changed and signed with the real key': signedAnew((list, world, random) => {
    const at = seenPlace(world, random);
    return list.with(at, changed(list[at] ?? '', random));
  }),
  'back-dated and signed with the real key': signedAnew((list, world, random) => {
    const at = seenPlace(world, random);
    return list.toSpliced(at, 0, changed(list[at] ?? '', random));
  }),
  'fork shown to one reader': signedAnew((list, world, random) => {
    const at = seenPlace(world, random);
    return [...list.slice(0, at), ...list.slice(at).map((entry) => changed(entry, random))];
  }),
  'old backup restored and gone on': signedAnew((list, world, random) => {
    const at = seenPlace(world, random);
    return [
      ...list.slice(0, at),
      ...list.slice(0, 1 + below(random, list.length)).map((entry) => changed(entry, random)),
    ];
  }),
  'old checkpoint replayed': async (world, random) => ({
    ...clean(world),
    files: await world.rebuild(world.entries.slice(0, seenPlace(world, random))),
  }),
  "desk's event doubled": events((list, random) => {
    if (list.length === 0) return list;
    const at = below(random, list.length);
    const one = list[at];
    // The same place again with another content.
    return one === undefined
      ? list
      : list.toSpliced(at + 1, 0, { ...one, eventId: `${one.eventId.slice(0, -1)}x` });
  }),
  "desk's event skipped": events((list, random) =>
    list.length < 2 ? [] : list.toSpliced(below(random, list.length - 1), 1),
  ),
  "desk's event doubled in the log": chainInLog(false),
  "desk's event left out of the log": chainInLog(true),
};

export interface Verdict {
  /** What found it, `''` when nothing did. */
  readonly by: string;
}

/** Asks every verifier that a centre has: the files, the witness, the part with its proof, the desks' sequences. */
export async function judge(world: LogWorld, handed: Handed): Promise<Verdict> {
  const options = { sha256, verify: ed25519Verify, key: world.key };
  const reader = { read: async (file: string) => handed.files.get(file) };
  const say = (who: string, { verdict, problems }: Verification): string =>
    verdict === 'ok' ? '' : `${who}: ${problems[0]?.kind ?? verdict}`;
  const alone = say('files', await verifyLog(reader, options));
  if (alone !== '') return { by: alone };
  const witnessed = say('witness', await verifyLog(reader, { ...options, known: [world.witness] }));
  if (witnessed !== '') return { by: witnessed };
  const part = say('part', await verifySlice(handed.slice, options));
  if (part !== '') return { by: part };
  const [alarm] = deskAlarms(handed.events);
  return { by: alarm === undefined ? '' : `desk: ${alarm}` };
}

/** A tamper that had nothing to work on: a world in which this desk has no events. */
export function isVoid(name: string, world: LogWorld): boolean {
  return name.startsWith("desk's event") && !name.includes('log') && world.events.length < 2;
}
