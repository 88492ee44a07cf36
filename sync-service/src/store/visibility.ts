import { REPLICA_WINDOW, rightsRow, type Replica, type Scope } from '@sivis/shared/access/rights.ts';
import type { Subject } from '@sivis/shared/access/can.ts';
import { KIND_NAMES, type Collection, type Kind, collectionOf } from '@sivis/shared/docs/kinds.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { SERVICE_LIMITS } from '../limits.ts';

/**
 * A condition on the row `d` of table `doc`, as SQL text with `?` placeholders. It is the rights table compiled:
 * the page of a pull is filled by it inside the query, never after (quality/local-first, finding 3).
 */
export interface SqlCondition {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

const NOTHING: SqlCondition = { sql: '0 = 1', params: [] };

function and(parts: readonly SqlCondition[]): SqlCondition {
  if (parts.length === 0) return { sql: '1 = 1', params: [] };
  return {
    sql: parts.map((part) => `(${part.sql})`).join(' AND '),
    params: parts.flatMap((part) => part.params),
  };
}

function or(parts: readonly SqlCondition[]): SqlCondition {
  if (parts.length === 0) return NOTHING;
  return {
    sql: parts.map((part) => `(${part.sql})`).join(' OR '),
    params: parts.flatMap((part) => part.params),
  };
}

function sitesIn(column: string, siteIds: readonly string[]): SqlCondition {
  if (siteIds.length === 0) return NOTHING;
  return { sql: `${column} IN (${siteIds.map(() => '?').join(', ')})`, params: siteIds };
}

/** Stays `s` that touch the replica window around `today`; a waiting stay (no bed, no end) is inside it too. */
function inWindow(alias: string, today: PlainDate): SqlCondition {
  return {
    sql: `${alias}.to_day >= ? AND ${alias}.from_day <= ?`,
    params: [addDays(today, -REPLICA_WINDOW.back), addDays(today, REPLICA_WINDOW.ahead)],
  };
}

/** How a stay `s` belongs to the document `d` of a kind. */
function staysOf(kind: Kind): string | null {
  switch (kind) {
    case 'person':
      return 's.person_id = d.id';
    case 'contact':
      return 's.person_id = d.person_id';
    case 'reservation':
      return 's.parent_id = d.id';
    default:
      return null;
  }
}

function scopeCondition(kind: Kind, scope: Scope, subject: Subject): SqlCondition {
  const ofSite = sitesIn('d.site_id', subject.siteIds);
  const link = staysOf(kind);
  switch (scope) {
    case 'all':
      return { sql: '1 = 1', params: [] };
    case 'site': {
      if (kind === 'staff') {
        const works = sitesIn('x.site_id', subject.siteIds);
        return {
          sql: `EXISTS (SELECT 1 FROM staff_site x WHERE x.staff_id = d.id AND ${works.sql})`,
          params: works.params,
        };
      }
      if (kind !== 'person' && kind !== 'contact') return ofSite;
      const stays = sitesIn('s.site_id', subject.siteIds);
      const byStay = {
        sql: `EXISTS (SELECT 1 FROM doc s WHERE s.kind = 'stay' AND ${link} AND ${stays.sql})`,
        params: stays.params,
      };
      return or([ofSite, byStay]);
    }
    case 'ownClients': {
      const mine = {
        sql: `EXISTS (SELECT 1 FROM stay_specialist x WHERE x.stay_id = d.id AND x.user_id = ?)`,
        params: [subject.userId],
      };
      if (kind === 'stay') return and([ofSite, mine]);
      if (link === null) return NOTHING;
      const stays = sitesIn('s.site_id', subject.siteIds);
      return {
        sql: `EXISTS (SELECT 1 FROM doc s JOIN stay_specialist x ON x.stay_id = s.id WHERE s.kind = 'stay' AND ${link} AND x.user_id = ? AND ${stays.sql})`,
        params: [subject.userId, ...stays.params],
      };
    }
    case 'own':
      return and([
        ofSite,
        {
          sql: 'd.created_by = ? OR d.owner_id = ? OR (d.owner_id IS NULL AND d.owner_role = ?)',
          params: [subject.userId, subject.userId, subject.role],
        },
      ]);
    default:
      return NOTHING;
  }
}

/**
 * What a desk holds of the scope. The stay that brings a person, contact or reservation to the desk is one of the
 * reader's own: a client of old does not come back because she stays elsewhere now, with somebody else.
 */
function heldOf(
  kind: Kind,
  replica: Replica,
  today: PlainDate,
  scope: Scope,
  subject: Subject,
): SqlCondition {
  if (replica === 'none') return NOTHING;
  if (replica === 'scope') return and([]);
  if (kind === 'stay')
    return or([inWindow('d', today), { sql: "d.state IN ('in_house', 'on_leave')", params: [] }]);
  if (kind === 'block') return inWindow('d', today);
  const link = staysOf(kind);
  if (link === null) return and([]);
  const own = and([
    or([inWindow('s', today), { sql: "s.state IN ('in_house', 'on_leave')", params: [] }]),
    sitesIn('s.site_id', subject.siteIds),
    scope === 'ownClients'
      ? {
          sql: 'EXISTS (SELECT 1 FROM stay_specialist x WHERE x.stay_id = s.id AND x.user_id = ?)',
          params: [subject.userId],
        }
      : { sql: '1 = 1', params: [] },
  ]);
  return {
    sql: `EXISTS (SELECT 1 FROM doc s WHERE s.kind = 'stay' AND ${link} AND ${own.sql})`,
    params: own.params,
  };
}

/**
 * People and reservations that have no stay yet are being registered: their maker keeps them, or they would be taken
 * off the desk before the booking that follows reaches the service.
 */
function justMade(kind: Kind, subject: Subject): SqlCondition {
  const link = staysOf(kind);
  if (link === null) return NOTHING;
  return {
    sql: `d.created_by = ? AND NOT EXISTS (SELECT 1 FROM doc s WHERE s.kind = 'stay' AND ${link})`,
    params: [subject.userId],
  };
}

function ofKind(kind: Kind, subject: Subject, today: PlainDate, forReplica: boolean): SqlCondition {
  const row = rightsRow(subject.role, kind);
  if (row === undefined) return NOTHING;
  const scope = scopeCondition(kind, row.scope, subject);
  const isKind = { sql: 'd.kind = ?', params: [kind] };
  if (!forReplica) return and([isKind, scope]);
  if (row.replica === 'none') return NOTHING;
  const replica = heldOf(kind, row.replica, today, row.scope, subject);
  const kept =
    row.create !== undefined && row.replica === 'window' ? or([replica, justMade(kind, subject)]) : replica;
  return and([isKind, scope, kept]);
}

/** What the user's desk may hold of a collection today. */
export function replicaOf(subject: Subject, collection: Collection, today: PlainDate): SqlCondition {
  const { userId, role, siteIds } = subject;
  const name = `${collection} ${today} ${role} ${userId} ${siteIds.join()}`;
  const known = conditions.get(name);
  if (known !== undefined) return known;
  if (conditions.size >= SERVICE_LIMITS.conditions) conditions.clear();
  const condition = replicaCondition(subject, collection, today);
  conditions.set(name, condition);
  return condition;
}

/** What was compiled before: a push asks for the same condition for each of its rows, a pull for each page. */
const conditions = new Map<string, SqlCondition>();

function replicaCondition(subject: Subject, collection: Collection, today: PlainDate): SqlCondition {
  return or(
    KIND_NAMES.filter((kind) => collectionOf(kind) === collection)
      .map((kind) => ofKind(kind, subject, today, true))
      .filter((condition) => condition !== NOTHING),
  );
}

/** What the user may see of a kind at the service, on a desk or not. */
export function scopeOf(subject: Subject, kind: Kind, today: PlainDate): SqlCondition {
  return ofKind(kind, subject, today, false);
}
