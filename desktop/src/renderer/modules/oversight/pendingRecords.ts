import { KIND_NAMES, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** Records with changes that the service has not acknowledged. */
export function pendingRecords(desk: Pick<Desk, 'all'>): readonly DeskDoc<Kind>[] {
  const found: DeskDoc<Kind>[] = [];
  for (const kind of KIND_NAMES) for (const doc of desk.all(kind).values()) if (doc.pending) found.push(doc);
  return found;
}
