import { derivedId } from '@sivis/shared/ids/ids.ts';
import { jsonEqual, type Fields, type Json } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { nightsOf, spansOf } from '@sivis/shared/lodging/nights.ts';
import { putInBed } from '@sivis/shared/lodging/segments.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { fromEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { BedNight, Store, StoredDoc, WriteTx } from '../store/store.ts';
import { IMPORT_ACTOR_ID, type ImportDraft } from './draft.ts';
import { EXCHANGE_LIMITS } from './limits.ts';
import { mergeImported, stampImported } from './mergeImported.ts';

/** What one transaction of an import did; goes into the audit log with it. */
export interface ImportBatch {
  readonly source: string;
  readonly at: string;
  readonly created: Readonly<Partial<Record<Kind, number>>>;
  readonly updated: Readonly<Partial<Record<Kind, number>>>;
  /** Documents written, in their order. */
  readonly docIds: readonly string[];
  readonly personIds: readonly string[];
  readonly siteIds: readonly string[];
}

export interface ImportWrite {
  readonly source: string;
  /** Instant of the import; stamps and audit carry it. */
  readonly at: string;
  /** Writes the batch's audit entry in the batch's transaction. */
  record(tx: WriteTx, batch: ImportBatch): Promise<void>;
  /** Documents per transaction; a test makes it small. */
  readonly batchDocs?: number;
  /** Called after each commit with the number of documents looked at so far. */
  progress?(looked: number): void;
}

export interface ImportWritten {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Stays whose bed somebody else had already taken: kept without a bed, with a task (decision 24). */
  readonly displaced: number;
}

interface Tally {
  created: Partial<Record<Kind, number>>;
  updated: Partial<Record<Kind, number>>;
  docIds: string[];
  personIds: Set<string>;
  siteIds: Set<string>;
  unchanged: number;
  displaced: number;
}

const newTally = (): Tally => ({
  created: {},
  updated: {},
  docIds: [],
  personIds: new Set(),
  siteIds: new Set(),
  unchanged: 0,
  displaced: 0,
});

const total = (counts: Readonly<Partial<Record<Kind, number>>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The stay without the beds that others hold in some of its nights, waiting for a human. */
function withoutTakenBeds(fields: Fields, conflicts: readonly BedNight[]): Fields {
  const stay = fields as unknown as Stay;
  const taken = new Set(conflicts.map((night) => night.bedId));
  let chain: Stay['segments'] = stay.segments;
  for (const segment of stay.segments) {
    if (segment.bedId !== null && taken.has(segment.bedId))
      chain = putInBed(chain, segment.from, segment.to, null);
  }
  return { ...fields, segments: chain as unknown as Json, unconfirmed: true };
}

function clashTask(source: string, draft: ImportDraft, conflicts: readonly BedNight[]): ImportDraft | null {
  const spans = spansOf(conflicts.map((night) => night.night));
  const first = spans[0];
  const last = spans.at(-1);
  const bedId = conflicts[0]?.bedId;
  if (first === undefined || last === undefined || bedId === undefined) return null;
  const stay = draft.fields as unknown as Stay;
  return {
    id: derivedId(source, 'bedClash', draft.id),
    kind: 'task',
    siteId: draft.siteId,
    fields: {
      taskKind: 'bedClash',
      state: 'open',
      ownerRole: 'reception',
      stayIds: [draft.id, ...new Set(conflicts.map((night) => night.holderId))].slice(
        0,
        EXCHANGE_LIMITS.taskPersons,
      ),
      personIds: [stay.personId],
      bedId,
      from: fromEpochDay(first.from),
      to: fromEpochDay(last.to),
    },
  };
}

/**
 * Claims the nights of a stay; when somebody else holds one of them, gives back the stay without that bed and the
 * nights that were taken. Beds are held in nights gone by as well: they are the history of the bed.
 */
async function claimNights(
  tx: WriteTx,
  id: string,
  fields: Fields,
): Promise<{ fields: Fields; conflicts: BedNight[] }> {
  const nights = (stay: Fields) => nightsOf(stay as unknown as Stay, (bedId) => [bedId]);
  const conflicts = await tx.holdNights(id, nights(fields));
  if (conflicts.length === 0) return { fields, conflicts };
  const homeless = withoutTakenBeds(fields, conflicts);
  await tx.holdNights(id, nights(homeless));
  return { fields: homeless, conflicts };
}

const NIGHT_FIELDS = ['segments', 'state', 'arriveDate', 'departDate'];

async function writeDraft(
  tx: WriteTx,
  draft: ImportDraft,
  current: StoredDoc | undefined,
  write: ImportWrite,
  tally: Tally,
): Promise<void> {
  const merged =
    current === undefined
      ? { fields: draft.fields, changed: Object.keys(draft.fields) }
      : mergeImported(current, draft.fields);
  if (merged.changed.length === 0) {
    tally.unchanged += 1;
    return;
  }
  let { fields } = merged;
  let changed = merged.changed;
  if (draft.kind === 'stay' && changed.some((field) => NIGHT_FIELDS.includes(field))) {
    const claimed = await claimNights(tx, draft.id, fields);
    fields = claimed.fields;
    if (claimed.conflicts.length > 0) {
      const before: Fields = current?.fields ?? {};
      changed = [...new Set([...Object.keys(before), ...Object.keys(fields)])].filter(
        (field) => !jsonEqual(before[field], fields[field]),
      );
      // A stay that an earlier run left without its bed is left so again, and changes nothing.
      if (changed.length === 0) {
        tally.unchanged += 1;
        return;
      }
      tally.displaced += 1;
      const task = clashTask(write.source, { ...draft, fields }, claimed.conflicts);
      if (task !== null) await writeDraft(tx, task, await tx.doc(task.id), write, tally);
    }
  }
  await tx.putDoc({
    id: draft.id,
    kind: draft.kind,
    siteId: current?.siteId ?? draft.siteId,
    rev: (current?.rev ?? 0) + 1,
    fields,
    // What a document was created with needs no stamps: its author and the audit entry say it once.
    stamps: current === undefined ? {} : stampImported(current.stamps, changed, write.at),
    createdBy: current?.createdBy ?? IMPORT_ACTOR_ID,
  });
  const counts = current === undefined ? tally.created : tally.updated;
  counts[draft.kind] = (counts[draft.kind] ?? 0) + 1;
  tally.docIds.push(draft.id);
  tally.siteIds.add(draft.siteId);
  const personId = draft.kind === 'person' ? draft.id : fields['personId'];
  if (typeof personId === 'string') tally.personIds.add(personId);
}

async function writeBatch(store: Store, drafts: readonly ImportDraft[], write: ImportWrite): Promise<Tally> {
  return store.write(async (tx) => {
    const tally = newTally();
    const stored = new Map((await tx.docs(drafts.map((draft) => draft.id))).map((doc) => [doc.id, doc]));
    // Contacts first: the search row of a person is then written once, with them, when the person follows.
    const ordered = [...drafts].sort((a, b) => Number(b.kind === 'contact') - Number(a.kind === 'contact'));
    for (const draft of ordered) await writeDraft(tx, draft, stored.get(draft.id), write, tally);
    if (tally.docIds.length > 0) {
      await write.record(tx, {
        source: write.source,
        at: write.at,
        created: tally.created,
        updated: tally.updated,
        docIds: tally.docIds,
        personIds: [...tally.personIds],
        siteIds: [...tally.siteIds],
      });
    }
    return tally;
  });
}

/**
 * Brings the documents of an import into the store, some thousands per transaction. What is there already is only
 * brought up to date where nobody else has written since (`mergeImported`), so that a second run changes nothing and
 * one that was broken off is completed by the next. Rejects with STORE_FULL when the disk is full; earlier batches stay.
 */
export async function writeImport(
  store: Store,
  drafts: Iterable<ImportDraft>,
  write: ImportWrite,
): Promise<ImportWritten> {
  const sum = { created: 0, updated: 0, unchanged: 0, displaced: 0 };
  let looked = 0;
  let batch: ImportDraft[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const tally = await writeBatch(store, batch, write);
    sum.created += total(tally.created);
    sum.updated += total(tally.updated);
    sum.unchanged += tally.unchanged;
    sum.displaced += tally.displaced;
    looked += batch.length;
    batch = [];
    write.progress?.(looked);
  };
  for (const draft of drafts) {
    batch.push(draft);
    if (batch.length >= (write.batchDocs ?? EXCHANGE_LIMITS.batchDocs)) await flush();
  }
  await flush();
  return sum;
}
