import { can, mayOverride, type Subject, type Target } from '@sivis/shared/access/can.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { violation, type Violation } from '@sivis/shared/rules/violation.ts';
import type { Desk } from './desk.ts';

/** A document about which a right is asked. */
export interface AccessDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly fields: Fields;
}

function specialistsOf(fields: Fields): string[] {
  const ids = fields['specialistIds'];
  return Array.isArray(ids) ? (ids as string[]) : [];
}

/** The document as the rights see it, with the relations on which scopes depend. */
export function targetOf(desk: Desk, doc: AccessDoc, createdBy: string | null): Target {
  const { fields } = doc;
  const personId = doc.kind === 'person' ? doc.id : fields['personId'];
  const viaStays = doc.kind === 'person' || doc.kind === 'contact';
  const stays =
    viaStays && typeof personId === 'string'
      ? desk.staysOfPerson(personId)
      : doc.kind === 'reservation'
        ? desk.staysOfReservation(doc.id)
        : [];
  const text = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    kind: doc.kind,
    siteIds: viaStays ? [doc.siteId, ...stays.map((stay) => stay.siteId)] : [doc.siteId],
    care: [
      ...(doc.kind === 'stay' ? [{ siteId: doc.siteId, specialistIds: specialistsOf(fields) }] : []),
      ...stays.map((stay) => ({ siteId: stay.siteId, specialistIds: stay.fields.specialistIds ?? [] })),
    ],
    ownerId: text('ownerId'),
    ownerRole: text('ownerRole'),
    createdBy,
  };
}

/** Why the subject may not write these fields; `undefined` when it may. The service asks the same again. */
export function refusedByRights(
  subject: Subject,
  desk: Desk,
  doc: AccessDoc,
  write: { creating: boolean; fields: readonly string[]; override: readonly string[]; reason: string },
): Violation | undefined {
  const target = targetOf(desk, doc, write.creating ? subject.userId : null);
  const answer = can(subject, write.creating ? 'create' : 'update', target, write.fields);
  if (!answer.allowed) {
    switch (answer.denial) {
      case 'field-not-allowed':
        return violation('rights', 'fieldNotAllowed', { field: answer.fields?.[0] ?? '' });
      case 'no-right':
        return violation('rights', 'noRight');
      case 'out-of-scope':
        return violation('rights', 'outOfScope');
    }
  }
  if (write.override.length > 0) {
    if (!mayOverride(subject, doc.kind)) {
      return violation('rights', 'overrideRight', { rule: write.override[0] ?? '' });
    }
    if (write.reason.trim().length < 5) return violation('rights', 'overrideReason');
  }
  return undefined;
}
