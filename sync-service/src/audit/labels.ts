import type { Subject } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import { isId } from '@sivis/shared/ids/ids.ts';
import type { Bed, Floor, Room } from '@sivis/shared/lodging/places.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import type { AuditEntryView } from '@sivis/shared/protocol/messages/audit.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { ReadTx, StoredDoc } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';

/** What ids in entries of the log are called, and whose names were told by it. */
export interface Labels {
  /** The labels of one entry: of the ids that stand in it. */
  of(view: AuditEntryView): Record<string, string>;
  /** People named by a label of the entry, beside those whom the entry is about. */
  peopleIn(view: AuditEntryView): readonly string[];
}

function idsIn(value: Json): string[] {
  if (typeof value === 'string') return isId(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part: Json) => idsIn(part));
}

/** The ids that the reader of the entry meets: masked values have none. */
function idsOf(view: AuditEntryView): string[] {
  const changes = view.changes.flatMap(({ before, after }) => [
    ...idsIn(before as Json),
    ...idsIn(after as Json),
  ]);
  return isId(view.objectId) ? [view.objectId, ...changes] : changes;
}

/**
 * Labels for the entries as far as the reader's rights go: who reads the whole log learns what the ids in it are called;
 * everybody else what he may see anyway. Names of colleagues and desks stand in every entry of the log.
 */
export async function labelsFor(
  tx: ReadTx,
  subject: Subject,
  views: readonly AuditEntryView[],
  nowMs: number,
): Promise<Labels> {
  const scope = rightsRow(subject.role, 'audit')?.scope;
  const today = rigaDate(nowMs);
  const known = new Map<string, StoredDoc>();
  const fetch = async (ids: readonly string[]): Promise<void> => {
    for (const doc of await tx.docs([...new Set(ids)].filter((id) => !known.has(id)))) {
      const sees = scope === 'all' || (await tx.isVisible(doc.id, scopeOf(subject, doc.kind, today)));
      if (sees) known.set(doc.id, doc);
    }
  };
  const refs = (kind: StoredDoc['kind'], field: string): string[] =>
    [...known.values()].flatMap((doc) => {
      const id = doc.kind === kind ? doc.fields[field] : undefined;
      return typeof id === 'string' ? [id] : [];
    });
  await fetch(views.flatMap(idsOf));
  await fetch([...refs('stay', 'personId'), ...refs('bed', 'roomId')]);

  const labels = new Map<string, string>();
  /** The person whom a label names. */
  const named = new Map<string, string>();
  const personName = (id: unknown): string | undefined => {
    const doc = typeof id === 'string' ? known.get(id) : undefined;
    if (doc?.kind !== 'person') return undefined;
    return bannerName(doc.fields as unknown as { familyName: string; givenName: string });
  };
  for (const doc of known.values()) {
    const label = labelOf(doc, known, personName);
    if (label === undefined) continue;
    labels.set(doc.id, label);
    if (doc.kind === 'person') named.set(doc.id, doc.id);
    if (doc.kind === 'stay') named.set(doc.id, doc.fields['personId'] as string);
  }
  for (const { id, name } of await tx.users()) labels.set(id, name);
  for (const { id, name } of await tx.devices()) labels.set(id, name);
  return {
    of: (view) => {
      const found: Record<string, string> = {};
      for (const id of idsOf(view)) {
        const label = labels.get(id);
        if (label !== undefined) found[id] = label;
      }
      return found;
    },
    peopleIn: (view) => idsOf(view).flatMap((id) => named.get(id) ?? []),
  };
}

function labelOf(
  doc: StoredDoc,
  known: ReadonlyMap<string, StoredDoc>,
  personName: (id: unknown) => string | undefined,
): string | undefined {
  switch (doc.kind) {
    case 'person':
      return personName(doc.id);
    case 'stay':
      return personName(doc.fields['personId']);
    case 'room':
      return (doc.fields as unknown as Room).number;
    case 'bed': {
      const { roomId, label } = doc.fields as unknown as Bed;
      const room = known.get(roomId)?.fields as unknown as Room | undefined;
      return room === undefined ? label : `${room.number} ${label}`;
    }
    case 'site':
    case 'building':
      return doc.fields['name'] as string;
    case 'floor':
      return String((doc.fields as unknown as Floor).number);
    default:
      return undefined;
  }
}
