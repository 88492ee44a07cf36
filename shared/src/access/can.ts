import type { Fields, Json } from '../docs/json.ts';
import { rightsRow, type AccessKind, type Verb } from './rights.ts';
import type { Role } from './roles.ts';

/** Who asks: a signed-in user in one role. */
export interface Subject {
  readonly userId: string;
  readonly role: Role;
  readonly siteIds: readonly string[];
}

/** A stay with those who look after its guest: the stay itself, or each stay of a person. Site and specialists belong together. */
export interface Care {
  readonly siteId: string;
  readonly specialistIds: readonly string[];
}

/** What is asked for, with the relations on which scopes depend; the store or the desk looks them up. */
export interface Target {
  readonly kind: AccessKind;
  /** Sites to which the document belongs; a person belongs to every site where she has a stay. */
  readonly siteIds: readonly string[];
  /** The stay, or the stays of the person or reservation. */
  readonly care?: readonly Care[];
  readonly ownerId?: string | null;
  readonly ownerRole?: string | null;
  readonly createdBy?: string | null;
  /** Audit entries: who acted, and whether the entry touches a person. */
  readonly actorId?: string | null;
  readonly personal?: boolean;
}

export type Denial = 'no-right' | 'out-of-scope' | 'field-not-allowed';
export type Answer =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly denial: Denial; readonly fields?: readonly string[] };

const YES: Answer = { allowed: true };

function looksAfter(subject: Subject, target: Target): boolean {
  return (target.care ?? []).some(
    (stay) => subject.siteIds.includes(stay.siteId) && stay.specialistIds.includes(subject.userId),
  );
}

function inScope(subject: Subject, target: Target, scope: string): boolean {
  const ofSite = target.siteIds.some((siteId) => subject.siteIds.includes(siteId));
  switch (scope) {
    case 'all':
      return true;
    case 'site':
    case 'ownUnit':
      return ofSite;
    case 'ownClients':
      return looksAfter(subject, target);
    case 'ownNotes':
      return target.createdBy === subject.userId && looksAfter(subject, target);
    case 'own':
      return (
        ofSite &&
        (target.createdBy === subject.userId ||
          target.ownerId === subject.userId ||
          ((target.ownerId ?? null) === null && target.ownerRole === subject.role))
      );
    case 'ownActs':
      return target.actorId === subject.userId;
    case 'technical':
      return target.personal !== true;
    default:
      return false;
  }
}

/**
 * The one function that answers whether somebody may do something: used by the service for every read, write,
 * search, count and export, and by the desk to show what is possible. Deny by default.
 * `fields` are the fields written (create, update) or asked for (view).
 */
export function can(subject: Subject, verb: Verb, target: Target, fields: readonly string[] = []): Answer {
  const row = rightsRow(subject.role, target.kind);
  const allowed = row?.[verb];
  if (row === undefined || allowed === undefined) return { allowed: false, denial: 'no-right' };
  if (!inScope(subject, target, row.scope)) return { allowed: false, denial: 'out-of-scope' };
  if (allowed === '*') return YES;
  const refused = fields.filter((field) => !allowed.includes(field));
  return refused.length === 0 ? YES : { allowed: false, denial: 'field-not-allowed', fields: refused };
}

/** True when the role may set a rule aside for this kind, with a reason. */
export function mayOverride(subject: Subject, kind: AccessKind): boolean {
  return rightsRow(subject.role, kind)?.override === true;
}

/** True when the role has any right to the verb on the kind: what the desk shows a button for. */
export function offers(role: Role, verb: Verb, kind: AccessKind): boolean {
  return rightsRow(role, kind)?.[verb] !== undefined;
}

/** True when the role may see the field of the kind at all. */
export function seesField(role: Role, kind: AccessKind, field: string): boolean {
  const view = rightsRow(role, kind)?.view;
  return view === '*' || (view?.includes(field) ?? false);
}

/** The fields without those that the role may not see (decision 5). */
export function redact(role: Role, kind: AccessKind, fields: Fields): Fields {
  const view = rightsRow(role, kind)?.view;
  if (view === undefined) return {};
  if (view === '*') return fields;
  const kept: Record<string, Json> = {};
  for (const field of view) {
    const value = fields[field];
    if (value !== undefined) kept[field] = value;
  }
  return kept;
}
