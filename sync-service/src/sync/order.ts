import type { Fields } from '@sivis/shared/docs/json.ts';
import { isKind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';

/** One operation of a unit, with the row that it stands in. */
export interface Placed {
  readonly line: { readonly row: { readonly id: string; readonly kind: string } };
  readonly parsed: { readonly op: Op | undefined };
}

/** The fields that the operation leaves, as far as it tells. */
export function afterOf(op: Op): Fields {
  return Object.fromEntries(Object.entries(op.changes).map(([field, change]) => [field, change.after]));
}

/**
 * The operations of a unit with those first whose documents others of it refer to: a desk sends a reservation behind its
 * stay when it was edited last, and judged in that order both would wait for ever. Operations of one row keep their order.
 */
export function inOrderOfReference<M extends Placed>(members: readonly M[]): M[] {
  const refers = new Map<string, Set<string>>();
  for (const { line, parsed } of members) {
    const { id, kind } = line.row;
    const known = refers.get(id) ?? new Set<string>();
    if (parsed.op !== undefined && isKind(kind))
      for (const reference of referencesOf(kind, afterOf(parsed.op))) known.add(reference.id);
    refers.set(id, known);
  }
  const placed = new Set<string>();
  const place = (id: string): void => {
    if (placed.has(id)) return;
    placed.add(id);
    for (const other of refers.get(id) ?? []) if (refers.has(other)) place(other);
    order.push(id);
  };
  const order: string[] = [];
  for (const id of refers.keys()) place(id);
  return order.flatMap((id) => members.filter(({ line }) => line.row.id === id));
}
