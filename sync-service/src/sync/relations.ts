import type { Target } from '@sivis/shared/access/can.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { docColumns, type ReadTx } from '../store/store.ts';

/** The document as the rights see it: its sites, specialists and owner, looked up through its stays where needed. */
export async function targetOf(
  tx: ReadTx,
  doc: { id: string; kind: Kind; siteId: string; fields: Fields; createdBy: string },
): Promise<Target> {
  const columns = docColumns(doc.kind, doc.fields);
  const stays =
    doc.kind === 'person'
      ? await tx.staysOfPerson(doc.id)
      : doc.kind === 'contact' && columns.personId !== null
        ? await tx.staysOfPerson(columns.personId)
        : doc.kind === 'reservation'
          ? await tx.staysOfReservation(doc.id)
          : [];
  const viaStays = doc.kind === 'person' || doc.kind === 'contact';
  return {
    kind: doc.kind,
    siteIds:
      doc.kind === 'staff'
        ? columns.staffSiteIds
        : viaStays
          ? [doc.siteId, ...stays.map((stay) => stay.siteId)]
          : [doc.siteId],
    care: (doc.kind === 'stay' ? [doc] : stays).map((stay) => ({
      siteId: stay.siteId,
      specialistIds: docColumns('stay', stay.fields).specialistIds,
    })),
    ownerId: columns.ownerId,
    ownerRole: columns.ownerRole,
    createdBy: doc.createdBy,
  };
}

/** People whom a document concerns; their ids go into the audit log as pseudonyms. */
export function personsOf(kind: Kind, id: string, fields: Fields): string[] {
  if (kind === 'person') return [id];
  const personId = fields['personId'];
  if (typeof personId === 'string') return [personId];
  const personIds = fields['personIds'];
  return Array.isArray(personIds)
    ? personIds.filter((entry): entry is string => typeof entry === 'string')
    : [];
}
