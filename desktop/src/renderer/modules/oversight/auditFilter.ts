import type { AuditQuery } from '@sivis/shared/protocol/messages/audit.ts';
import { DESK_ACTIONS } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { rigaSpan } from './rigaDay.ts';

/** Acts that are looked for together. */
export const ACTION_GROUPS = {
  changes: ['create', 'update', 'undo', 'displace', 'import'],
  reads: ['view', 'list', 'search', 'print', 'export'],
  disputes: ['conflict', 'reject', 'refused', 'quarantine'],
  sessions: [
    'signIn',
    'signInFailed',
    'sessionEnded',
    'signOut',
    'unlock',
    'unlockFailed',
    'lock',
    'passwordChange',
  ],
  management: [
    'userCreate',
    'userUpdate',
    'deviceAdded',
    'deviceUpdate',
    'keyRelease',
    'eraseOrdered',
    'eraseCancelled',
    'erased',
    'backup',
    'restore',
  ],
  oversight: [
    'auditQuery',
    'auditOpen',
    'auditExport',
    'auditVerify',
    'logAlarm',
    'logAlarmSeen',
    'localIntegrityFailure',
    'deviceAlarm',
    'retentionExecuted',
    'payloadErased',
  ],
  replication: ['replicate'],
} as const;
export type ActionGroup = keyof typeof ACTION_GROUPS;

/** What a desk itself wrote about reading a client: a client's access history shows nothing else (decision 10). */
export const ACCESS_ACTIONS: readonly string[] = DESK_ACTIONS.filter((action) =>
  ['view', 'list', 'search', 'print', 'export'].includes(action),
);

export const PERIODS = ['today', 'yesterday', 'week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** Days, both within. */
export interface DaySpan {
  readonly from: PlainDate;
  readonly to: PlainDate;
}

/** The days of a period, counted back from today; `null` is all time. */
export function periodSpan(period: Period, today: PlainDate): DaySpan | null {
  switch (period) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'week':
      return { from: addDays(today, -6), to: today };
    case 'month':
      return { from: addDays(today, -29), to: today };
    case 'all':
      return null;
  }
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface AuditFilter {
  readonly person: Named | null;
  readonly actor: Named | null;
  readonly device: Named | null;
  readonly group: ActionGroup | null;
  readonly span: DaySpan | null;
  /** Only what desks wrote about reading. */
  readonly accessOnly: boolean;
}

/** Entries of one page. */
export const AUDIT_PAGE = 200;

/** The question to the service; `before` is the number of the oldest entry that is shown already. */
export function auditQuery(filter: AuditFilter, before?: number): AuditQuery {
  const actions = filter.accessOnly
    ? ACCESS_ACTIONS
    : filter.group === null
      ? undefined
      : ACTION_GROUPS[filter.group];
  return {
    ...(filter.person === null ? {} : { personId: filter.person.id }),
    ...(filter.actor === null ? {} : { actorId: filter.actor.id }),
    ...(filter.device === null ? {} : { deviceId: filter.device.id }),
    ...(actions === undefined ? {} : { actions: [...actions] }),
    ...(filter.span === null ? {} : rigaSpan(filter.span.from, filter.span.to)),
    ...(before === undefined ? {} : { before }),
    ...(filter.group === 'replication' && !filter.accessOnly ? { replication: true } : {}),
    limit: AUDIT_PAGE,
  };
}
