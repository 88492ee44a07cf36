import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { isKind } from '@sivis/shared/docs/kinds.ts';
import { patchDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import {
  afterRemoval,
  SENT_DAYS,
  filedWhole,
  withEarlier,
  type ConflictRecord,
  type OutboxRecord,
  type RejectionRecord,
  type SentRecord,
} from '../core/records.ts';
import type { Outbox } from '../db/outbox.ts';
import { liveValue, type Live } from '../live.ts';
import type { CommandResult, Commands } from './commands.ts';
import type { Desk, DeskDoc } from './desk.ts';

/** What somebody chooses for a field that two people changed. */
export type ConflictChoice =
  { readonly take: 'mine' } | { readonly take: 'theirs' } | { readonly take: 'other'; readonly value: Json };

/** What waits for a decision of the user: clashes with both values, and refusals with their reason. */
export interface Inbox {
  readonly conflicts: Live<readonly ConflictRecord[]>;
  readonly rejections: Live<readonly RejectionRecord[]>;
  /**
   * Reads what is on disk; forgets answered operations older than 30 days. From then on, what only the service had told
   * of a document goes with the document when it is removed from the desk.
   */
  readonly load: () => Promise<void>;
  /** Keeps records durably (port of the push handler). */
  readonly file: (records: readonly OutboxRecord[]) => Promise<void>;
  /** Which of the operations are on file whole (port of the push handler). */
  readonly filedWhole: (opIds: readonly string[]) => ReadonlySet<string>;
  /**
   * Settles a clash. `theirs` is shown already; the other two are a new change against the value shown now: of an edit
   * the one field, of a command (`op`) the whole command again, which settles all its clashes. The record goes only
   * when the change is written.
   */
  readonly settle: (
    conflictId: string,
    choice: ConflictChoice,
    label: string,
  ) => Promise<CommandResult | null>;
  /** Gives a refused change up; its content is erased. */
  readonly withdraw: (rejectionId: string) => Promise<void>;
  /** Writes the mended change; the refusal goes when it is written. */
  readonly repair: (
    rejectionId: string,
    drafts: readonly Draft[],
    label: string,
  ) => Promise<CommandResult | null>;
}

export interface InboxPorts {
  readonly outbox: Outbox;
  readonly desk: Desk;
  readonly commands: () => Commands;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

export function createInbox({ outbox, desk, commands, clock }: InboxPorts): Inbox {
  const conflicts = liveValue<readonly ConflictRecord[]>([]);
  const rejections = liveValue<readonly RejectionRecord[]>([]);

  const replace = <T extends { id: string }>(list: readonly T[], record: T): readonly T[] => [
    ...list.filter((other) => other.id !== record.id),
    record,
  ];

  /** One change of the records at a time: each begins with what the one before it left. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  const drop = (...ids: readonly string[]): Promise<void> =>
    inTurn(async () => {
      await outbox.remove(ids);
      conflicts.set(conflicts.get().filter((record) => !ids.includes(record.id)));
      rejections.set(rejections.get().filter((record) => !ids.includes(record.id)));
    });

  async function put(records: readonly OutboxRecord[]): Promise<void> {
    await outbox.put(records.map((record) => ({ id: record.id, kind: record.type, data: record })));
    for (const record of records) {
      if (record.type === 'conflict') conflicts.set(replace(conflicts.get(), record));
      if (record.type === 'rejection') rejections.set(replace(rejections.get(), record));
      if (record.type === 'sent') indexSent(record);
    }
  }

  /** The records of answered operations, by the document that they changed. */
  const sentOf = new Map<string, { readonly kind: string; readonly ids: Set<string> }>();

  function indexSent({ id, rows }: SentRecord): void {
    for (const row of rows) {
      const known = sentOf.get(row.id) ?? { kind: row.kind, ids: new Set() };
      known.ids.add(id);
      sentOf.set(row.id, known);
    }
  }

  const isGone = (kind: string, id: string): boolean => isKind(kind) && desk.get(kind, id) === undefined;

  /** Of documents that were removed from the desk (all of them, or those of `ids`) keeps what is the user's own. */
  async function forgetRemoved(ids: ReadonlySet<string> | null): Promise<void> {
    const gone = [...(ids ?? sentOf.keys())].filter((id) => {
      const sent = sentOf.get(id);
      return sent !== undefined && isGone(sent.kind, id);
    });
    const sentIds = new Set(gone.flatMap((id) => [...(sentOf.get(id)?.ids ?? [])]));
    const sent = await Promise.all([...sentIds].map((id) => outbox.get<SentRecord>(id)));
    const records: OutboxRecord[] = [
      ...[...conflicts.get(), ...rejections.get()].filter(({ docId }) => ids === null || ids.has(docId)),
      ...sent.filter((record) => record !== null),
    ];
    const kept = records.map((record) => afterRemoval(record, isGone));
    await put(kept.filter((record, index) => record !== null && record !== records[index]) as OutboxRecord[]);
    await outbox.remove(records.filter((_, index) => kept[index] === null).map(({ id }) => id));
    for (const id of gone) sentOf.delete(id);
  }

  /** The clashes that are settled together: all of a command, one of an edit. */
  const settledWith = (record: ConflictRecord): string[] =>
    record.op === undefined
      ? [record.id]
      : conflicts
          .get()
          .filter((other) => other.opId === record.opId)
          .map((other) => other.id);

  /** What is written to get the chosen value after all. */
  function draftOf(record: ConflictRecord, doc: DeskDoc, value: Json): Draft {
    const target = { id: doc.id, siteId: doc.siteId, fields: doc.fields as unknown as Fields };
    const { op } = record;
    if (op === undefined) return patchDraft(doc.kind, target, 'edit', { [record.field]: value });
    const patch = Object.fromEntries(Object.entries(op.changes).map(([field, { after }]) => [field, after]));
    return patchDraft(
      doc.kind,
      target,
      op.kind,
      { ...patch, [record.field]: value },
      {
        ...(op.reason === undefined ? {} : { reason: op.reason }),
        ...(op.override === undefined ? {} : { override: op.override }),
      },
    );
  }

  return {
    conflicts,
    rejections,
    async load() {
      conflicts.set((await outbox.all<ConflictRecord>('conflict')).map(({ data }) => data));
      rejections.set((await outbox.all<RejectionRecord>('rejection')).map(({ data }) => data));
      const oldest = clock.now() - SENT_DAYS * DAY_MS;
      const sent = await outbox.all<SentRecord>('sent');
      await outbox.remove(sent.filter(({ data }) => Date.parse(data.at) < oldest).map(({ id }) => id));
      for (const { data } of sent) if (Date.parse(data.at) >= oldest) indexSent(data);
      // The process may have ended between a removal and this.
      await inTurn(() => forgetRemoved(null));
      // What does not succeed now does at the next start.
      desk.changed.on(({ ids }) => {
        void inTurn(() => forgetRemoved(ids)).catch(() => undefined);
      });
    },
    file: (records) =>
      inTurn(async () => {
        const known = new Map(conflicts.get().map((record) => [record.id, record]));
        const kept = records.map((record) => {
          if (record.type !== 'conflict') return record;
          const next = withEarlier(known.get(record.id), record);
          known.set(next.id, next);
          return next;
        });
        // The last of a field holds all of its values.
        await put(kept.filter((record) => record.type !== 'conflict' || known.get(record.id) === record));
      }),
    filedWhole: (opIds) => filedWhole([...rejections.get(), ...conflicts.get()], opIds),
    async settle(conflictId, choice, label) {
      const record = conflicts.get().find((other) => other.id === conflictId);
      if (record === undefined) return null;
      const doc = isKind(record.kind) ? desk.get(record.kind, record.docId) : undefined;
      if (choice.take === 'theirs' || doc === undefined) {
        await drop(...settledWith(record));
        return null;
      }
      const value = choice.take === 'mine' ? record.mine : choice.value;
      const result = await commands().execute([draftOf(record, doc, value)], { label });
      // No change left: the value shown is the chosen one already.
      if (result.ok || result.reason === 'nothing') await drop(...settledWith(record));
      return result;
    },
    withdraw: (rejectionId) => drop(rejectionId),
    async repair(rejectionId, drafts, label) {
      if (!rejections.get().some((record) => record.id === rejectionId)) return null;
      const result = await commands().execute(drafts, { label });
      if (result.ok) await drop(rejectionId);
      return result;
    },
  };
}
