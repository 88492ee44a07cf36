import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { isId } from '@sivis/shared/ids/ids.ts';
import { isKind } from '@sivis/shared/docs/kinds.ts';
import { createDraft, patchDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import type { RejectionRecord } from '../../data/core/records.ts';
import type { Desk } from '../../data/desk/desk.ts';

/** A refused field that can be written anew as text; other shapes are kept as they were. */
export interface RepairField {
  readonly field: string;
  readonly value: Json;
  readonly editable: boolean;
}

/** The fields of a refused change with the values that were wanted. */
export function repairFields(record: RejectionRecord): readonly RepairField[] {
  return Object.entries(record.op.changes).map(([field, { after }]) => ({
    field,
    value: after,
    // A reference is chosen where the record is worked with, never typed.
    editable: after === null || typeof after === 'number' || (typeof after === 'string' && !isId(after)),
  }));
}

/**
 * The mended change as a new one against what the desk holds now: an edit of the record, or its creation when the
 * service refused it as a whole (under the same id, because others may refer to it). `null` for an unknown kind.
 */
export function repairDraft(
  desk: Pick<Desk, 'get'>,
  record: RejectionRecord,
  values: Readonly<Record<string, Json>>,
): Draft | null {
  if (!isKind(record.kind)) return null;
  const wanted: Record<string, Json> = {};
  for (const [field, { after }] of Object.entries(record.op.changes)) wanted[field] = values[field] ?? after;
  const doc = desk.get(record.kind, record.docId);
  if (doc !== undefined) {
    const target = { id: doc.id, siteId: doc.siteId, fields: doc.fields as unknown as Fields };
    const op = record.op.kind === 'create' ? 'edit' : record.op.kind;
    return patchDraft(record.kind, target, op, wanted);
  }
  const fields = Object.fromEntries(
    Object.entries({ ...record.view, ...wanted }).filter(([, value]) => value !== null),
  );
  return createDraft(record.kind, record.siteId, fields, record.docId);
}
