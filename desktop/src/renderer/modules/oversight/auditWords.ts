import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right';
import CircleX from '@lucide/svelte/icons/circle-x';
import CloudDownload from '@lucide/svelte/icons/cloud-download';
import DatabaseBackup from '@lucide/svelte/icons/database-backup';
import Download from '@lucide/svelte/icons/download';
import Eye from '@lucide/svelte/icons/eye';
import KeyRound from '@lucide/svelte/icons/key-round';
import List from '@lucide/svelte/icons/list';
import Lock from '@lucide/svelte/icons/lock';
import LogOut from '@lucide/svelte/icons/log-out';
import Monitor from '@lucide/svelte/icons/monitor';
import Pencil from '@lucide/svelte/icons/pencil';
import Plus from '@lucide/svelte/icons/plus';
import Printer from '@lucide/svelte/icons/printer';
import Search from '@lucide/svelte/icons/search';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import ShieldX from '@lucide/svelte/icons/shield-x';
import Undo from '@lucide/svelte/icons/undo-2';
import UserCog from '@lucide/svelte/icons/user-cog';
import { m } from '../../i18n/generated/messages.js';
import type { Icon } from '../../ui/icon.ts';

interface ActionWord {
  readonly text: () => string;
  readonly icon: Icon;
  /** Drawn in red: something was refused or went wrong. */
  readonly alarming?: boolean;
}

const ACTIONS: Readonly<Record<string, ActionWord>> = {
  create: { text: () => m.oversight_act_create(), icon: Plus },
  update: { text: () => m.oversight_act_update(), icon: Pencil },
  undo: { text: () => m.oversight_act_undo(), icon: Undo },
  conflict: { text: () => m.oversight_act_conflict(), icon: ArrowLeftRight },
  reject: { text: () => m.oversight_act_reject(), icon: CircleX, alarming: true },
  displace: { text: () => m.oversight_act_displace(), icon: ArrowLeftRight },
  quarantine: { text: () => m.oversight_act_quarantine(), icon: CircleX, alarming: true },
  view: { text: () => m.oversight_act_view(), icon: Eye },
  list: { text: () => m.oversight_act_list(), icon: List },
  search: { text: () => m.oversight_act_search(), icon: Search },
  print: { text: () => m.oversight_act_print(), icon: Printer },
  export: { text: () => m.oversight_act_export(), icon: Download },
  replicate: { text: () => m.oversight_act_replicate(), icon: CloudDownload },
  refused: { text: () => m.oversight_act_refused(), icon: ShieldX, alarming: true },
  signIn: { text: () => m.oversight_act_sign_in(), icon: KeyRound },
  signInFailed: { text: () => m.oversight_act_sign_in_failed(), icon: ShieldX, alarming: true },
  sessionEnded: { text: () => m.oversight_act_session_ended(), icon: LogOut },
  signOut: { text: () => m.oversight_act_sign_out(), icon: LogOut },
  unlock: { text: () => m.oversight_act_unlock(), icon: KeyRound },
  unlockFailed: { text: () => m.oversight_act_unlock_failed(), icon: ShieldX, alarming: true },
  lock: { text: () => m.oversight_act_lock(), icon: Lock },
  passwordChange: { text: () => m.oversight_act_password(), icon: KeyRound },
  auditQuery: { text: () => m.oversight_act_audit_query(), icon: ShieldCheck },
  auditOpen: { text: () => m.oversight_act_audit_open(), icon: ShieldCheck },
  auditVerify: { text: () => m.oversight_act_audit_verify(), icon: ShieldCheck },
  logAlarm: { text: () => m.oversight_act_log_alarm(), icon: ShieldX, alarming: true },
  logAlarmSeen: { text: () => m.oversight_act_log_alarm_seen(), icon: ShieldCheck },
  localIntegrityFailure: { text: () => m.oversight_act_local_integrity(), icon: ShieldX, alarming: true },
  deviceAlarm: { text: () => m.oversight_act_device_alarm(), icon: ShieldX, alarming: true },
  retentionExecuted: { text: () => m.oversight_act_retention(), icon: DatabaseBackup },
  payloadErased: { text: () => m.oversight_act_payload_erased(), icon: CircleX },
  auditExport: { text: () => m.oversight_act_audit_export(), icon: Download },
  userCreate: { text: () => m.oversight_act_user_create(), icon: UserCog },
  userUpdate: { text: () => m.oversight_act_user_update(), icon: UserCog },
  deviceAdded: { text: () => m.oversight_act_device_added(), icon: Monitor },
  deviceCode: { text: () => m.oversight_act_device_code(), icon: Monitor },
  keyRelease: { text: () => m.oversight_act_key_release(), icon: KeyRound, alarming: true },
  deviceKey: { text: () => m.oversight_act_device_key(), icon: Monitor },
  enrolFailed: { text: () => m.oversight_act_enrol_failed(), icon: ShieldX, alarming: true },
  refreshRefused: { text: () => m.oversight_act_refresh_refused(), icon: ShieldX, alarming: true },
  totpBegin: { text: () => m.oversight_act_totp_begin(), icon: KeyRound },
  totpOn: { text: () => m.oversight_act_totp_on(), icon: KeyRound },
  totpOff: { text: () => m.oversight_act_totp_off(), icon: KeyRound },
  totpRecovery: { text: () => m.oversight_act_totp_recovery(), icon: KeyRound },
  quarantineAccept: { text: () => m.oversight_act_quarantine_accept(), icon: Pencil },
  quarantineDiscard: { text: () => m.oversight_act_quarantine_discard(), icon: CircleX },
  deviceUpdate: { text: () => m.oversight_act_device_update(), icon: Monitor },
  eraseOrdered: { text: () => m.oversight_act_erase_ordered(), icon: Monitor },
  eraseCancelled: { text: () => m.oversight_act_erase_cancelled(), icon: Monitor },
  erased: { text: () => m.oversight_act_erased(), icon: Monitor },
  backup: { text: () => m.oversight_act_backup(), icon: DatabaseBackup },
  restore: { text: () => m.oversight_act_restore(), icon: DatabaseBackup },
  import: { text: () => m.oversight_act_import(), icon: CloudDownload },
};

/** The word and the icon of an audited act; an act that this version does not know is shown by its code. */
export function actionWord(action: string): { text: string; icon: Icon; alarming: boolean } {
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  return {
    text: known?.text() ?? action,
    icon: known?.icon ?? ShieldCheck,
    alarming: known?.alarming ?? false,
  };
}

const SCREENS: Readonly<Record<string, () => string>> = {
  search: () => m.oversight_screen_search(),
  booking: () => m.oversight_screen_booking(),
  clients: () => m.oversight_screen_clients(),
  client: () => m.oversight_screen_client(),
  clientCode: () => m.oversight_screen_client_code(),
  clientPrint: () => m.oversight_screen_client(),
  tasks: () => m.oversight_screen_tasks(),
  task: () => m.oversight_screen_task(),
  conflicts: () => m.oversight_screen_conflicts(),
  today: () => m.oversight_screen_today(),
  board: () => m.oversight_screen_board(),
  stay: () => m.oversight_screen_stay(),
};

/** What a screen is called in the log; the id that a screen gave itself where there is no word. */
export function screenWord(screen: string): string {
  return Object.hasOwn(SCREENS, screen) ? (SCREENS[screen]?.() ?? screen) : screen;
}

const FILTERS: Readonly<Record<string, () => string>> = {
  all: () => m.oversight_filter_all(),
  inHouse: () => m.oversight_filter_in_house(),
  expected: () => m.oversight_filter_expected(),
  former: () => m.oversight_filter_former(),
  mine: () => m.oversight_filter_mine(),
  done: () => m.oversight_filter_done(),
  arrivals: () => m.oversight_filter_arrivals(),
  departures: () => m.oversight_filter_departures(),
  onLeave: () => m.oversight_filter_on_leave(),
  tasks: () => m.oversight_filter_tasks(),
  building: () => m.oversight_filter_building(),
  adapted: () => m.oversight_filter_adapted(),
  free: () => m.oversight_filter_free(),
  urgency: () => m.oversight_filter_urgency(),
  funding: () => m.oversight_filter_funding(),
  personalCode: () => m.oversight_filter_code(),
};

/**
 * What a filter is called; desks write codes, several with commas between them, so that the log does not depend on their
 * language. What somebody typed stands in quotes.
 */
export function filterWord(filter: string): string {
  const codes = filter.split(',');
  if (!codes.every((code) => Object.hasOwn(FILTERS, code))) return `„${filter}”`;
  return codes.map((code) => FILTERS[code]?.() ?? code).join(', ');
}

const SOURCES: Readonly<Record<string, () => string>> = {
  pull: () => m.oversight_detail_source_pull(),
  push: () => m.oversight_detail_source_push(),
  search: () => m.oversight_detail_source_search(),
  card: () => m.oversight_detail_source_card(),
  text: () => m.oversight_detail_source_text(),
};

/** By which way records were handed to a desk. */
export function sourceWord(source: string): string {
  return Object.hasOwn(SOURCES, source) ? (SOURCES[source]?.() ?? source) : source;
}
