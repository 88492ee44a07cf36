import { z } from 'zod';
import { collectionOf, isKind, type Collection } from '@sivis/shared/docs/kinds.ts';
import { opSchema, type Op } from '@sivis/shared/docs/op.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { pushRowSchema, type OpResult } from '@sivis/shared/protocol/messages/sync.ts';

/** The rows of a push as they were understood, and the order in which their operations are judged. */

/** An operation as it was understood, parsed once; `op` is missing where it was not. */
export interface Parsed {
  readonly opId: string;
  readonly group: { readonly id: string; readonly size: number } | null;
  readonly op: Op | undefined;
  /** It leads to a guest in house: what is claimed before it in its row is claimed for somebody who is here. */
  readonly arrives: boolean;
}

/** A row of the push as it was understood; a row that was not understood has only its raw ids. */
export interface Row {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly ops: readonly Parsed[];
  /** Nothing is to be changed: the desk asks for the document as it is. */
  readonly asks: boolean;
}

/** A row with the answers given so far; the operation to judge next is the first without one. */
export interface Line {
  readonly row: Row;
  readonly results: OpResult[];
}

/** An operation and the row that it stands in. */
export interface Member {
  readonly line: Line;
  readonly parsed: Parsed;
}

export function readRow(raw: unknown, collection: Collection, seen: Set<string>): Row {
  const loose = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const ops = Array.isArray(loose['ops']) ? (loose['ops'] as unknown[]).slice(0, LIMITS.rowOps) : [];
  const text = (name: string): string => {
    const value = loose[name];
    return typeof value === 'string' ? value.slice(0, 64) : '';
  };
  const kind = text('kind');
  const asks = Array.isArray(loose['ops']) && ops.length === 0;
  // A kind that does not exist is told so; one of another collection came through the wrong door.
  const sound = rowHeadSchema.safeParse(raw).success && (!isKind(kind) || collectionOf(kind) === collection);
  return {
    id: text('id'),
    kind,
    siteId: text('siteId'),
    // A row that was not understood still needs an answer, or its desk would send it again for ever.
    ops: (ops.length > 0 || (asks && sound) ? ops : [null]).map((op) => readOp(op, sound, seen)),
    asks: asks && sound,
  };
}

const rowHeadSchema = pushRowSchema.extend({ ops: z.array(z.unknown()).max(LIMITS.rowOps) });

function readOp(raw: unknown, inSoundRow: boolean, seen: Set<string>): Parsed {
  const parsed = opSchema.safeParse(raw);
  const id = typeof raw === 'object' && raw !== null ? (raw as { opId?: unknown }).opId : undefined;
  const opId = typeof id === 'string' ? id.slice(0, 64) : '';
  // The same id twice in one push is no replay but a fault of the client; the first one counts.
  if (!parsed.success || !inSoundRow || seen.has(opId))
    return { opId, group: null, op: undefined, arrives: false };
  seen.add(opId);
  const op = parsed.data;
  const state = op.changes['state']?.after;
  return { opId, group: op.group ?? null, op, arrives: state === 'in_house' || state === 'on_leave' };
}

/** The next operation to judge. An operation that waits ends its row: what follows was made on top of it. */
export function nextOf({ row, results }: Line): Parsed | undefined {
  return results.at(-1)?.outcome === 'waits' ? undefined : row.ops[results.length];
}

/** The rows of each group, in order; a row with two operations of a group stands there once. */
export function groupsOf(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    for (const id of new Set(line.row.ops.map(({ group }) => group?.id))) {
      if (id === undefined) continue;
      const rows = groups.get(id);
      if (rows === undefined) groups.set(id, [line]);
      else rows.push(line);
    }
  }
  return groups;
}

/** The unanswered operations of the group in its rows. */
export function membersOf(group: readonly Line[], groupId: string): Member[] {
  return group.flatMap((line) =>
    line.row.ops
      .slice(line.results.length)
      .filter((parsed) => parsed.group?.id === groupId)
      .map((parsed) => ({ line, parsed })),
  );
}

/** A row is ready for its group when nothing but the group's own operations stands first in it. */
export function isReady({ row, results }: Line, groupId: string): boolean {
  if (results.at(-1)?.outcome === 'waits') return false;
  let last = row.ops.length - 1;
  while (last >= results.length && row.ops[last]?.group?.id !== groupId) last -= 1;
  for (let index = results.length; index < last; index += 1) {
    if (row.ops[index]?.group?.id !== groupId) return false;
  }
  return true;
}
