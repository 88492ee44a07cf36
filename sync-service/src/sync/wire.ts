import { redact } from '@sivis/shared/access/can.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import type { StoredDoc } from '../store/store.ts';

type WireFields = WireDoc['fields'];

/** The document as the role may see it. */
export function toWire(doc: StoredDoc, role: Role): WireDoc {
  return {
    id: doc.id,
    kind: doc.kind,
    siteId: doc.siteId,
    rev: doc.rev,
    deleted: false,
    fields: redact(role, doc.kind, doc.fields) as WireFields,
  };
}

/** A removal: schema-valid, with nothing in it but the id and the kind that the desk knows already (decision 4). */
export function blank(id: string, kind: string): WireDoc {
  return { id, kind, siteId: '', rev: 0, deleted: true, fields: {} };
}
