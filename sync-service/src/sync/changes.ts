import { diffFields } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';

/** The changes of a staged document as the audit log keeps them: what was, what is. */
export function changesOf(
  before: Fields | undefined,
  after: Fields,
): { field: string; before: Fields[string]; after: Fields[string] }[] {
  return Object.entries(diffFields(before ?? {}, after)).map(([field, change]) => ({ field, ...change }));
}
