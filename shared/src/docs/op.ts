import { z } from 'zod';
import { isInstant } from '../time/clock.ts';
import { isId } from '../ids/ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import { wholeText } from './fieldTypes.ts';
import { jsonEqual, type Fields, type Json } from './json.ts';

const id = z.string().refine(isId, 'id');
const fieldName = z.string().regex(/^[a-z][A-Za-z0-9]{0,63}$/);
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), wholeText, z.array(json), z.record(wholeText, json)]),
);

/**
 * One operation: what somebody did to one document, with the value each changed field had before and has after.
 * RxDB replicates states, so operations travel inside their document until the service has answered for them.
 * `kind` `create` makes a document, `edit` merges field by field, every other kind is a command whose
 * fields belong together (all are taken or none).
 */
export const opSchema = z.strictObject({
  opId: id,
  kind: z.string().regex(/^[a-z][A-Za-z.]{0,47}$/),
  at: z.string().refine(isInstant, 'instant'),
  actor: id,
  device: id,
  changes: z.record(fieldName, z.strictObject({ before: json, after: json })),
  reason: wholeText.max(LIMITS.reasonChars).optional(),
  /** Rules that the actor overrides on purpose, with `reason` (needs the right to override). */
  override: z.array(wholeText.max(16)).max(8).optional(),
  /** The operations of one command over several documents carry one group; the service applies all or none. */
  group: z.strictObject({ id, size: z.int().min(2).max(LIMITS.groupOps) }).optional(),
  /** The operation that this one takes back. */
  undoes: id.optional(),
});

export type Op = z.infer<typeof opSchema>;
export type Change = { readonly before: Json; readonly after: Json };

/** The fields after the operation, whatever they were before. `null` removes a field. */
export function applyOp(fields: Fields, op: Op): Fields {
  const next: Record<string, Json> = { ...fields };
  for (const [name, change] of Object.entries(op.changes)) {
    if (change.after === null) delete next[name];
    else next[name] = change.after;
  }
  return next;
}

/** What a desk shows: the service's fields with the unacknowledged operations on top, in their order. */
export function applyOps(base: Fields, ops: readonly Op[]): Fields {
  return ops.reduce(applyOp, base);
}

export interface FieldClash {
  readonly field: string;
  /** What the author saw before changing it. */
  readonly base: Json;
  /** What the author wants. */
  readonly mine: Json;
  /** What the service has now; it is the value shown. */
  readonly theirs: Json;
}

export interface MergeResult {
  readonly fields: Fields;
  readonly applied: readonly string[];
  readonly clashes: readonly FieldClash[];
}

/** True when the kind's fields may be taken one by one; a command's fields stand or fall together. */
export function isFieldwise(kind: string): boolean {
  return kind === 'edit';
}

/**
 * Merges one operation into the current fields (decision 1): a field whose current value equals `before` is taken,
 */
export function mergeOp(current: Fields, op: Op): MergeResult {
  const clashes: FieldClash[] = [];
  const applied: string[] = [];
  const next: Record<string, Json> = { ...current };
  for (const [field, change] of Object.entries(op.changes)) {
    // Own fields only: a field named like a property of every object is no field of the document.
    const now = Object.hasOwn(current, field) ? (current[field] ?? null) : null;
    if (jsonEqual(now, change.after)) continue;
    if (!jsonEqual(now, change.before)) {
      clashes.push({ field, base: change.before, mine: change.after, theirs: now });
      continue;
    }
    if (change.after === null) delete next[field];
    else next[field] = change.after;
    applied.push(field);
  }
  if (clashes.length > 0 && !isFieldwise(op.kind)) return { fields: current, applied: [], clashes };
  return { fields: next, applied, clashes };
}

/** The changes that lead from one set of fields to another; empty when they are equal. */
export function diffFields(before: Fields, after: Fields): Record<string, Change> {
  const changes: Record<string, Change> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!jsonEqual(before[field], after[field])) {
      changes[field] = { before: before[field] ?? null, after: after[field] ?? null };
    }
  }
  return changes;
}
