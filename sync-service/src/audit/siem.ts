import type { AuditEnvelope } from './entry.ts';

/** Entries for systems that collect events: OCSF (ocsf.io) and syslog (RFC 5424). Envelopes only, no content. */

export const EXPORT_FORMATS = ['jsonl', 'ocsf', 'rfc5424'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface Activity {
  readonly classUid: number;
  readonly activity: number;
}

const AUTHENTICATION = 3002;
const ACCOUNT_CHANGE = 3001;
const USER_ACCESS = 3005;
const API_ACTIVITY = 6003;
const DATASTORE = 6005;
/** In every class: something that has no number of its own. */
const OTHER = 99;

/** Class and activity by action; everything else is an API activity. */
const ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ['signIn', { classUid: AUTHENTICATION, activity: 1 }],
  ['signInFailed', { classUid: AUTHENTICATION, activity: 1 }],
  ['unlock', { classUid: AUTHENTICATION, activity: 1 }],
  ['unlockFailed', { classUid: AUTHENTICATION, activity: 1 }],
  ['signOut', { classUid: AUTHENTICATION, activity: 2 }],
  ['sessionEnded', { classUid: AUTHENTICATION, activity: 2 }],
  ['lock', { classUid: AUTHENTICATION, activity: OTHER }],
  ['userCreate', { classUid: ACCOUNT_CHANGE, activity: 1 }],
  ['passwordChange', { classUid: ACCOUNT_CHANGE, activity: 3 }],
  ['userUpdate', { classUid: ACCOUNT_CHANGE, activity: OTHER }],
  ['deviceAdded', { classUid: USER_ACCESS, activity: 1 }],
  ['deviceUpdate', { classUid: USER_ACCESS, activity: OTHER }],
  ['replicate', { classUid: DATASTORE, activity: 1 }],
  ['backup', { classUid: DATASTORE, activity: 1 }],
  ['auditExport', { classUid: DATASTORE, activity: 1 }],
  ['restore', { classUid: DATASTORE, activity: 5 }],
  ['import', { classUid: DATASTORE, activity: 5 }],
  ['retentionExecuted', { classUid: DATASTORE, activity: 7 }],
  ['payloadErased', { classUid: DATASTORE, activity: 7 }],
]);

/** API activities: 1 create, 2 read, 3 update, 4 delete. */
const READS = new Set([
  'view',
  'list',
  'search',
  'print',
  'export',
  'auditQuery',
  'auditOpen',
  'auditVerify',
]);

function activityOf({ action, kind, fields }: AuditEnvelope): Activity {
  if (action === 'userUpdate' && (fields.includes('role') || fields.includes('siteIds')))
    return { classUid: USER_ACCESS, activity: 1 };
  const known = ACTIVITIES.get(action);
  if (known !== undefined) return known;
  const activity = action === 'create' ? 1 : READS.has(action) ? 2 : kind === 'audit' ? OTHER : 3;
  return { classUid: API_ACTIVITY, activity };
}

const isAlarm = (action: string): boolean => action === 'deviceAlarm' || action === 'logAlarm';

/** One event of OCSF 1.3 as a JSON line. */
export function toOcsf(seq: number, envelope: AuditEnvelope, version: string): string {
  const { classUid, activity } = activityOf(envelope);
  const failed = envelope.result !== 'ok';
  return JSON.stringify({
    metadata: {
      version: '1.3.0',
      product: { name: 'SIVIS', vendor_name: 'SIVIS', version },
      uid: String(seq),
      log_name: 'audit',
      logged_time: Date.parse(envelope.at),
    },
    time: Date.parse(envelope.happenedAt),
    category_uid: Math.floor(classUid / 1000),
    class_uid: classUid,
    activity_id: activity,
    activity_name: envelope.action,
    type_uid: classUid * 100 + activity,
    severity_id: isAlarm(envelope.action) ? 4 : failed ? 3 : 1,
    status_id: failed ? 2 : 1,
    status_code: envelope.result,
    actor: {
      user: { uid: envelope.actor, type: envelope.role },
      session: { uid: envelope.session },
      app_name: envelope.app,
    },
    // In these classes the account that is acted upon stands apart from the actor.
    ...(Math.floor(classUid / 1000) === 3
      ? { user: { uid: envelope.object === '' ? envelope.actor : envelope.object } }
      : {}),
    api: { operation: envelope.action, service: { name: 'sivis' } },
    src_endpoint: { ip: envelope.ip, uid: envelope.device },
    resources: [{ type: envelope.kind, uid: envelope.object, version: String(envelope.objectRev) }],
    unmapped: {
      site: envelope.site,
      purpose: envelope.purpose,
      subjects: envelope.subjectRefs ?? [],
      subject_count: envelope.subjectCount,
      fields: envelope.fields,
      offline: envelope.offline,
    },
  });
}

/** Facility 13 "log audit" with the severity of RFC 5424 §6.2.1: 4 warning, 5 notice, 6 informational. */
const priority = (envelope: AuditEnvelope): number =>
  13 * 8 + (isAlarm(envelope.action) ? 4 : envelope.result === 'ok' ? 6 : 5);

/** A name of RFC 5424: printable ASCII without spaces, `-` when there is none. */
const name = (text: string, length: number): string =>
  text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, length) || '-';

const param = (key: string, value: string): string =>
  ` ${key}="${value.replaceAll(/[\\"\]]/g, (char) => `\\${char}`)}"`;

/** One line of syslog; the structured data carry the envelope, under the number that is free for examples. */
export function toSyslog(seq: number, envelope: AuditEnvelope, host: string): string {
  const data = [
    param('seq', String(seq)),
    param('actor', envelope.actor),
    param('role', envelope.role),
    param('device', envelope.device),
    param('session', envelope.session),
    param('ip', envelope.ip),
    param('kind', envelope.kind),
    param('object', envelope.object),
    param('result', envelope.result),
    param('purpose', envelope.purpose),
    param('subjects', String(envelope.subjectCount)),
    param('happenedAt', envelope.happenedAt),
  ].join('');
  return `<${priority(envelope)}>1 ${envelope.at} ${name(host, 255)} sivis - ${name(envelope.action, 32)} [sivis@32473${data}]`;
}

/** An entry in the chosen format, one line. */
export function exportLine(
  format: ExportFormat,
  seq: number,
  text: string,
  of: { readonly version: string; readonly host: string },
): string {
  const envelope = JSON.parse(text) as AuditEnvelope;
  if (format === 'ocsf') return toOcsf(seq, envelope, of.version);
  if (format === 'rfc5424') return toSyslog(seq, envelope, of.host);
  return JSON.stringify({ seq, envelope });
}
