import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right';
import Check from '@lucide/svelte/icons/check';
import CircleArrowUp from '@lucide/svelte/icons/circle-arrow-up';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock-alert';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import KeyRound from '@lucide/svelte/icons/key-round';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import WifiOff from '@lucide/svelte/icons/wifi-off';
import { formatRelative, formatTime } from '../i18n/format.ts';
import { m } from '../i18n/generated/messages.js';
import type { Locale } from '../i18n/locale.svelte.ts';
import type { Icon } from '../ui/icon.ts';
import type { PresentedSync, SyncIcon, SyncWord } from '../ui/sync/status.ts';

export const syncIcons: Readonly<Record<SyncIcon, Icon>> = {
  check: Check,
  refresh: RefreshCw,
  offline: WifiOff,
  warning: TriangleAlert,
  key: KeyRound,
  upgrade: CircleArrowUp,
  clock: Clock,
  rejected: CircleX,
  conflict: ArrowLeftRight,
  storage: HardDrive,
};

const words: Readonly<Record<SyncWord, (shown: PresentedSync) => string>> = {
  synced: () => m.app_sync_synced(),
  syncing: ({ progress }) =>
    progress === null
      ? m.app_sync_syncing()
      : m.app_sync_progress({ done: progress.done, total: progress.total }),
  waiting: ({ count }) => m.app_sync_waiting({ count }),
  connecting: () => m.app_sync_connecting(),
  offline: () => m.app_sync_offline(),
  offlinePending: ({ count }) => m.app_sync_offline_pending({ count }),
  neverSynced: () => m.app_sync_never(),
  serverDown: ({ count }) => (count > 0 ? m.app_sync_server_down_count({ count }) : m.app_sync_server_down()),
  authRequired: () => m.app_sync_auth_required(),
  versionBlocked: () => m.app_sync_version_blocked(),
  clockSkew: () => m.app_sync_clock_skew(),
  rejected: ({ count }) => m.app_sync_rejected({ count }),
  conflicts: ({ count }) => m.app_sync_conflicts({ count }),
  held: ({ count }) => m.app_sync_held({ count }),
  logAlarm: () => m.app_sync_log_alarm(),
  storage: ({ detail }) => m.app_sync_storage({ percent: detail.kind === 'percent' ? detail.value : 0 }),
};

const states: Readonly<Record<SyncWord, () => string>> = {
  synced: () => m.app_sync_synced(),
  syncing: () => m.app_sync_syncing(),
  waiting: () => m.app_sync_state_waiting(),
  connecting: () => m.app_sync_connecting(),
  offline: () => m.app_sync_offline(),
  offlinePending: () => m.app_sync_offline(),
  neverSynced: () => m.app_sync_never(),
  serverDown: () => m.app_sync_server_down(),
  authRequired: () => m.app_sync_auth_required(),
  versionBlocked: () => m.app_sync_version_blocked(),
  clockSkew: () => m.app_sync_clock_skew(),
  rejected: () => m.app_sync_state_rejected(),
  conflicts: () => m.app_sync_state_conflicts(),
  storage: () => m.app_sync_state_storage(),
  held: () => m.app_sync_state_held(),
  logAlarm: () => m.app_sync_log_alarm(),
};

/** The words of a state with its numbers: "Bezsaistē · 4 nesinhronizētas". */
export function syncText(shown: PresentedSync): string {
  return words[shown.word](shown);
}

/** The state without its numbers: what is announced when it changes, so that counting is never read aloud. */
export function syncStateText(shown: PresentedSync): string {
  return states[shown.word]();
}

/** The lighter text behind: "pirms 1 minūtes", "pēdējoreiz 09:41". Empty when there is nothing to say. */
export function syncDetailText(shown: PresentedSync, now: number, locale: Locale): string {
  const { detail } = shown;
  switch (detail.kind) {
    case 'none':
    case 'percent':
      return '';
    case 'waitsLong':
      return m.app_sync_waits_since({ time: formatRelative(detail.since, now, locale) });
    case 'lastSynced': {
      const day = 86_400_000;
      if (shown.word === 'synced') return formatRelative(detail.at, now, locale);
      const time =
        now - Date.parse(detail.at) < day ? formatTime(detail.at) : formatRelative(detail.at, now, locale);
      return m.app_sync_last({ time });
    }
  }
}
