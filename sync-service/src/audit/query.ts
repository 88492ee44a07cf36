import { can, seesField, type Subject } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { isKind } from '@sivis/shared/docs/kinds.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { AuditEntryView, AuditPage, AuditQuery } from '@sivis/shared/protocol/messages/audit.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { AuditFilter, AuditRow, ReadTx, Store } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';
import type { AuditLog, AuditWho } from './auditLog.ts';
import { parseEnvelope, parsePayload, type AuditEnvelope, type AuditPayload } from './entry.ts';
import { isHealthField } from './healthFields.ts';
import { labelsFor } from './labels.ts';

/** Entries about mere replication; left out unless asked for. */
const REPLICATION = ['replicate'];

/** Longer lists in an entry's detail are shown as their length. */
const SHOWN_LIST = 50;

/** Somebody who reads the log: rights of a user, and what his own entry says. */
export interface AuditReader extends AuditWho {
  readonly subject: Subject;
}

function restrict(subject: Subject, filter: AuditFilter): AuditFilter | null {
  switch (rightsRow(subject.role, 'audit')?.scope) {
    case 'all':
      return filter;
    case 'ownUnit':
      return { ...filter, siteIds: subject.siteIds };
    case 'technical':
      return { ...filter, personal: false };
    case 'ownActs':
      return filter.actorId !== undefined && filter.actorId !== subject.userId
        ? null
        : { ...filter, actorId: subject.userId };
    default:
      throw new SivisError('FORBIDDEN');
  }
}

interface Names {
  user(id: string): string;
  device(id: string): string;
  /** The name, `''` where the reader may not know it. */
  person(id: string): string;
  knows(personId: string): boolean;
}

/** Names of those whom the entries mention, as far as the reader may know them. */
async function namesFor(
  tx: ReadTx,
  subject: Subject,
  payloads: readonly (AuditPayload | null)[],
  nowMs: number,
): Promise<Names> {
  const users = new Map((await tx.users()).map((user) => [user.id, user.name]));
  const devices = new Map((await tx.devices()).map((device) => [device.id, device.name]));
  const people = new Map<string, string>();
  const scope = rightsRow(subject.role, 'audit')?.scope;
  // The auditor sees identities in the log; who sees his own acts or his unit's, those whom he may see anyway.
  const condition = scope === 'all' ? undefined : scopeOf(subject, 'person', rigaDate(nowMs));
  const mentioned = new Set(payloads.flatMap((payload) => payload?.personIds.slice(0, 1) ?? []));
  if (scope !== 'technical') {
    for (const doc of await tx.docs([...mentioned])) {
      if (doc.kind !== 'person') continue;
      if (condition !== undefined && !(await tx.isVisible(doc.id, condition))) continue;
      people.set(doc.id, bannerName(doc.fields as unknown as { familyName: string; givenName: string }));
    }
  }
  return {
    user: (id) => users.get(id) ?? '',
    device: (id) => devices.get(id) ?? '',
    person: (id) => people.get(id) ?? '',
    knows: (id) => people.has(id),
  };
}

type Visibility = 'value' | 'masked';

/** Whether the reader sees the value of a changed field. `opened`: the auditor gave a reason for this entry. */
function visibilityOf(
  subject: Subject,
  kind: string,
  field: string,
  known: boolean,
  opened: boolean,
): Visibility {
  const scope = rightsRow(subject.role, 'audit')?.scope;
  if (scope === 'technical') return 'masked';
  if (scope === 'all') return isHealthField(kind, field) && !opened ? 'masked' : 'value';
  if (!known) return 'masked';
  if (scope === 'ownUnit' && isHealthField(kind, field)) return 'masked';
  return isKind(kind) && seesField(subject.role, kind, field) ? 'value' : 'masked';
}

function shorten(detail: Readonly<Record<string, Json>>): Record<string, Json> {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(detail)) {
    if (Array.isArray(value) && value.length > SHOWN_LIST) shown[`${key}Count`] = value.length;
    else shown[key] = value;
  }
  return shown;
}

function viewOf(
  subject: Subject,
  row: AuditRow,
  envelope: AuditEnvelope,
  payload: AuditPayload | null,
  names: Names,
  opened: boolean,
): AuditEntryView {
  const scope = rightsRow(subject.role, 'audit')?.scope;
  const technical = scope === 'technical';
  const personId = payload?.personIds[0] ?? '';
  // An entry about nobody has nothing that would have to be hidden from those who may read it.
  const known = personId === '' ? !envelope.personal : scope === 'all' || names.knows(personId);
  const content = payload !== null && !technical && known;
  return {
    seq: row.seq,
    at: envelope.at,
    happenedAt: envelope.happenedAt,
    actorId: envelope.actor,
    actorName: names.user(envelope.actor),
    actorRole: envelope.role,
    deviceId: envelope.device,
    deviceName: names.device(envelope.device),
    offline: envelope.offline,
    ip: envelope.ip,
    session: envelope.session,
    action: envelope.action,
    kind: envelope.kind,
    objectId: content || technical ? (payload?.objectId ?? '') : '',
    objectRev: envelope.objectRev,
    subjectName: personId === '' ? '' : names.person(personId),
    personId: content ? personId : '',
    result: envelope.result,
    reason: content ? payload.reason : '',
    app: envelope.app,
    changes: (payload?.changes ?? envelope.fields.map((field) => ({ field, before: null, after: null }))).map(
      (change) => {
        const seen =
          payload === null ? 'masked' : visibilityOf(subject, envelope.kind, change.field, known, opened);
        return seen === 'value'
          ? {
              field: change.field,
              before: change.before as never,
              after: change.after as never,
              masked: false,
            }
          : { field: change.field, before: null, after: null, masked: true };
      },
    ),
    detail: (content ? shorten(payload.detail) : {}) as AuditEntryView['detail'],
    labels: {},
    leafHash: row.leafHash,
  };
}

/** The entry as the rights see it. */
function admits(subject: Subject, envelope: AuditEnvelope): boolean {
  return can(subject, 'view', {
    kind: 'audit',
    siteIds: envelope.site === '' ? [] : [envelope.site],
    actorId: envelope.actor,
    personal: envelope.personal,
  }).allowed;
}

/**
 * A page of the log, newest first, cut to what the reader may see. The reading is written into the log before it is
 * answered. Throws FORBIDDEN for a role without the right.
 */
export async function queryAudit(
  store: Store,
  audit: AuditLog,
  reader: AuditReader,
  query: AuditQuery,
): Promise<AuditPage> {
  const { subject } = reader;
  const filter = restrict(subject, {
    ...(query.personId === undefined ? {} : { subjectRef: audit.subjectRef(query.personId) }),
    ...(query.actorId === undefined ? {} : { actorId: query.actorId }),
    ...(query.deviceId === undefined ? {} : { deviceId: query.deviceId }),
    ...(query.actions === undefined ? {} : { actions: query.actions }),
    ...(query.replication === true ? {} : { excludeActions: REPLICATION }),
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.to === undefined ? {} : { to: query.to }),
    ...(query.before === undefined ? {} : { before: query.before }),
  });
  const found = await store.read(async (tx) => {
    const size = await tx.auditSize();
    if (filter === null) return { entries: [], more: false, total: 0, size, personIds: [] };
    const page = await tx.auditPage(filter, query.limit + 1);
    const rows = page.rows
      .slice(0, query.limit)
      .map((row) => ({ row, envelope: parseEnvelope(row.envelope), payload: parsePayload(row.payload) }))
      .filter(({ envelope }) => admits(subject, envelope));
    const names = await namesFor(
      tx,
      subject,
      rows.map(({ payload }) => payload),
      reader.nowMs,
    );
    const views = rows.map(({ row, envelope, payload }) =>
      viewOf(subject, row, envelope, payload, names, false),
    );
    const labels = await labelsFor(tx, subject, views, reader.nowMs);
    const entries = views.map((view) => ({ ...view, labels: labels.of(view) }));
    const personIds = [
      ...new Set(
        views.flatMap((view) => [view.personId, ...labels.peopleIn(view)]).filter((id) => id !== ''),
      ),
    ];
    return { entries, more: page.rows.length > query.limit, total: page.total, size, personIds };
  });
  const { personIds, ...page } = found;
  const subjects = query.personId === undefined ? personIds : [...new Set([query.personId, ...personIds])];
  await audit.auditRead(store, reader, {
    action: 'auditQuery',
    kind: 'audit',
    objectId: '',
    personIds: subjects,
    result: 'ok',
    detail: { query: query as unknown as Fields, count: page.entries.length },
  });
  return { ...page, serverTime: toInstant(reader.nowMs) };
}

/**
 * One entry with its masked values, for who may see the whole log, with a reason. Writes an entry of its own first.
 * Throws FORBIDDEN, NOT_FOUND.
 */
export async function openAuditEntry(
  store: Store,
  audit: AuditLog,
  reader: AuditReader,
  seq: number,
  reason: string,
): Promise<AuditEntryView> {
  const { subject } = reader;
  if (rightsRow(subject.role, 'audit')?.scope !== 'all') throw new SivisError('FORBIDDEN');
  const opened = await store.read(async (tx) => {
    const row = await tx.auditRow(seq);
    if (row === undefined) throw new SivisError('NOT_FOUND');
    const envelope = parseEnvelope(row.envelope);
    const payload = parsePayload(row.payload);
    if (!admits(subject, envelope)) throw new SivisError('NOT_FOUND');
    const names = await namesFor(tx, subject, [payload], reader.nowMs);
    const view = viewOf(subject, row, envelope, payload, names, true);
    const labels = await labelsFor(tx, subject, [view], reader.nowMs);
    return {
      view: { ...view, labels: labels.of(view) },
      personIds: [...new Set([...(payload?.personIds ?? []), ...labels.peopleIn(view)])],
      site: envelope.site,
    };
  });
  await audit.auditRead(store, reader, {
    action: 'auditOpen',
    kind: 'audit',
    objectId: String(seq),
    siteId: opened.site,
    personIds: opened.personIds,
    result: 'ok',
    reason,
  });
  return opened.view;
}
