import { z } from 'zod';
import { opSchema } from '@sivis/shared/docs/op.ts';
import { KIND_NAMES } from '@sivis/shared/docs/kinds.ts';
import type { HostJournal } from '../../host/index.ts';
import { replay, type OpWrite, type UnsentNote, type UnsentState } from '../core/unsent.ts';
import { NotWrittenError } from '../db/notWritten.ts';
import { utf8 } from '../keys/bytes.ts';
import type { OpenKey } from '../keys/keyring.ts';

/** The journal of one user on this desk: sealed with the user's key, on the disk when a call resolves. */
export interface DeskJournal {
  /** What it held when it was opened. */
  readonly found: UnsentState;
  /** There was one already: this user has worked on this computer before. */
  readonly known: boolean;
  /** Records that were damaged or torn and could not be read. */
  readonly lost: boolean;
  /** Keeps operations. Rejects with a {@link NotWrittenError} when the disk did not take them. */
  keep(writes: readonly OpWrite[]): Promise<void>;
  /** Operations that need no keeping any more. Without a promise: one that is kept once too often does no harm. */
  done(opIds: readonly string[]): void;
  /** Puts a state in the place of all notes so far. `collect` is asked after a new segment has begun. */
  save(collect: () => UnsentState): Promise<void>;
  /** Resolves when everything noted is on the disk. */
  settled(): Promise<void>;
}

const AREA = 'journal';
/** The storage's own number for a full disk (HTTP 507 in RxDB's errors has no meaning of its own). */
const NO_ROOM = 507;

const write = z.strictObject({
  id: z.string(),
  kind: z.enum(KIND_NAMES as [(typeof KIND_NAMES)[number], ...(typeof KIND_NAMES)[number][]]),
  siteId: z.string(),
  op: opSchema,
});
const noteSchema = z.union([
  z.strictObject({ keep: z.array(write) }),
  z.strictObject({ done: z.array(z.string()) }),
]);
const stateSchema = z.strictObject({
  writes: z.array(write),
  records: z.array(z.strictObject({ id: z.string(), kind: z.string(), data: z.looseObject({}) })),
});

/** Opens the journal of a key and reads what it holds. Rejects when the host does not answer. */
export async function openDeskJournal(
  host: HostJournal,
  { place, cipher }: Pick<OpenKey, 'place' | 'cipher'>,
): Promise<DeskJournal> {
  const seal = async (what: 'note' | 'state', value: object): Promise<Uint8Array<ArrayBuffer>> =>
    utf8(await cipher.seal(AREA, `${place}/${what}`, JSON.stringify(value)));
  const open = async (what: 'note' | 'state', bytes: Uint8Array): Promise<unknown> =>
    JSON.parse(await cipher.open(AREA, `${place}/${what}`, new TextDecoder().decode(bytes)));

  const kept = await host.read(place);
  let lost = kept.lost > 0;
  let state: UnsentState = { writes: [], records: [] };
  let from = 0;
  for (const snapshot of kept.snapshots) {
    const parsed = stateSchema.safeParse(await open('state', snapshot.state).catch(() => null));
    if (!parsed.success) {
      lost = true;
      continue;
    }
    state = parsed.data;
    from = snapshot.from;
    break;
  }
  const notes: UnsentNote[] = [];
  for (const { segment, record } of kept.records) {
    if (segment < from) continue;
    const parsed = noteSchema.safeParse(await open('note', record).catch(() => null));
    if (parsed.success) notes.push(parsed.data);
    else lost = true;
  }

  let noting: Promise<unknown> = Promise.resolve();
  async function append(value: UnsentNote): Promise<void> {
    const answer = await host.append(place, [await seal('note', value)]).catch(() => null);
    if (answer?.state !== 'written') throw new NotWrittenError(NO_ROOM);
  }

  return {
    found: replay(state, notes),
    known: kept.snapshots.length + kept.records.length > 0,
    lost,
    keep: (writes) => append({ keep: writes }),
    done(opIds) {
      if (opIds.length === 0) return;
      noting = noting.then(() => append({ done: opIds })).catch(() => undefined);
    },
    async save(collect) {
      await noting;
      const turned = await host.turn(place);
      const sealed = await seal('state', collect());
      // One that is not written costs nothing: the segments before it stay.
      await host.snapshot(place, turned.from, sealed);
    },
    async settled() {
      await noting;
    },
  };
}
