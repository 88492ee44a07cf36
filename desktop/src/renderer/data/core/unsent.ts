import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';

/** One operation and the document that it changes. */
export interface OpWrite {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly op: Op;
}

/** A record of the outbox that holds something a person made: a clash, a refusal, a draft. */
export interface UnsentRecord {
  readonly id: string;
  readonly kind: string;
  readonly data: object;
}

/** All that is unsent at one moment. */
export interface UnsentState {
  readonly writes: readonly OpWrite[];
  readonly records: readonly UnsentRecord[];
}

/** What the journal notes one after the other: operations before they count as saved, and what needs no keeping any more. */
export type UnsentNote = { readonly keep: readonly OpWrite[] } | { readonly done: readonly string[] };

/**
 * What is unsent after the notes, on top of a state. Notes may repeat one another and the state: an operation is known
 * by its id, and one that is done stays done.
 */
export function replay(state: UnsentState, notes: readonly UnsentNote[]): UnsentState {
  const done = new Set(notes.flatMap((note) => ('done' in note ? note.done : [])));
  const writes = new Map<string, OpWrite>();
  for (const write of [...state.writes, ...notes.flatMap((note) => ('keep' in note ? note.keep : []))]) {
    if (!done.has(write.op.opId) && !writes.has(write.op.opId)) writes.set(write.op.opId, write);
  }
  return { writes: [...writes.values()], records: state.records };
}

/** What a store that has been opened lacks of what was kept. */
export interface Missing {
  /** Can be written now: the document is here, or is made by the first of them. */
  readonly now: readonly OpWrite[];
  /** Change documents that are not here: they wait until the service has sent those. */
  readonly later: readonly OpWrite[];
}

/** @param opsOf the ids of a document's unanswered operations; `undefined` when the document is not here */
export function missing(
  writes: readonly OpWrite[],
  opsOf: (write: OpWrite) => ReadonlySet<string> | undefined,
): Missing {
  const now: OpWrite[] = [];
  const later: OpWrite[] = [];
  const made = new Set<string>();
  for (const write of writes) {
    const here = opsOf(write);
    if (here?.has(write.op.opId) === true) continue;
    if (here === undefined && write.op.kind === 'create') made.add(write.id);
    (here !== undefined || made.has(write.id) ? now : later).push(write);
  }
  return { now, later };
}
