import type { ConflictRecord, RejectionRecord } from '../../data/core/records.ts';

/** One line of the inbox, conflicts and refusals together. */
export interface InboxItem {
  readonly id: string;
  readonly type: 'conflict' | 'rejection';
  /** When the own change was made. */
  readonly at: string;
  readonly record: ConflictRecord | RejectionRecord;
}

/** Everything that waits for a decision, the oldest first: it has waited longest. */
export function inboxItems(
  conflicts: readonly ConflictRecord[],
  rejections: readonly RejectionRecord[],
): readonly InboxItem[] {
  return [
    ...conflicts.map((record): InboxItem => ({ id: record.id, type: 'conflict', at: record.mineAt, record })),
    ...rejections.map((record): InboxItem => ({
      id: record.id,
      type: 'rejection',
      at: record.op.at,
      record,
    })),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
}

/** The item after the given one, from the beginning again at the end; `null` when there is none. */
export function nextItem(items: readonly InboxItem[], id: string | null): InboxItem | null {
  const at = items.findIndex((item) => item.id === id);
  return items[(at + 1) % Math.max(1, items.length)] ?? null;
}
