import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { isKind } from '@sivis/shared/docs/kinds.ts';
import { patchDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import {
  SENT_DAYS,
  type ConflictRecord,
  type OutboxRecord,
  type RejectionRecord,
  type SentRecord,
} from '../core/records.ts';
import type { Outbox } from '../db/outbox.ts';
import { liveValue, type Live } from '../live.ts';
import type { CommandResult, Commands } from './commands.ts';
import type { Desk } from './desk.ts';

/** What somebody chooses for a field that two people changed. */
export type ConflictChoice =
  { readonly take: 'mine' } | { readonly take: 'theirs' } | { readonly take: 'other'; readonly value: Json };

/** What waits for a decision of the user: clashes with both values, and refusals with their reason. */
export interface Inbox {
  readonly conflicts: Live<readonly ConflictRecord[]>;
  readonly rejections: Live<readonly RejectionRecord[]>;
  /** Reads what is on disk; forgets answered operations older than 30 days. */
  readonly load: () => Promise<void>;
  /** Keeps records durably (port of the push handler). */
  readonly file: (records: readonly OutboxRecord[]) => Promise<void>;
  /** Which of the operations were refused (port of the push handler). */
  readonly filedRejections: (opIds: readonly string[]) => ReadonlySet<string>;
  /**
   * Settles a clash. `theirs` is shown already; the other two are a new change against the value shown now. The
   * record goes only when the change is written.
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

  async function drop(id: string): Promise<void> {
    await outbox.remove([id]);
    conflicts.set(conflicts.get().filter((record) => record.id !== id));
    rejections.set(rejections.get().filter((record) => record.id !== id));
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
    },
    async file(records) {
      await outbox.put(records.map((record) => ({ id: record.id, kind: record.type, data: record })));
      for (const record of records) {
        if (record.type === 'conflict') conflicts.set(replace(conflicts.get(), record));
        if (record.type === 'rejection') rejections.set(replace(rejections.get(), record));
      }
    },
    filedRejections: (opIds) =>
      new Set(opIds.filter((opId) => rejections.get().some((record) => record.id === opId))),
    async settle(conflictId, choice, label) {
      const record = conflicts.get().find((other) => other.id === conflictId);
      if (record === undefined) return null;
      const doc = isKind(record.kind) ? desk.get(record.kind, record.docId) : undefined;
      if (choice.take === 'theirs' || doc === undefined) {
        await drop(conflictId);
        return null;
      }
      const value = choice.take === 'mine' ? record.mine : choice.value;
      const target = { id: doc.id, siteId: doc.siteId, fields: doc.fields as unknown as Fields };
      const result = await commands().execute(
        [patchDraft(doc.kind, target, 'edit', { [record.field]: value })],
        { label },
      );
      // No change left: the value shown is the chosen one already.
      if (result.ok || result.reason === 'nothing') await drop(conflictId);
      return result;
    },
    withdraw: drop,
    async repair(rejectionId, drafts, label) {
      if (!rejections.get().some((record) => record.id === rejectionId)) return null;
      const result = await commands().execute(drafts, { label });
      if (result.ok) await drop(rejectionId);
      return result;
    },
  };
}
