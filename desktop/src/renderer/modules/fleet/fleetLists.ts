import type { DeviceView, UserView } from '@sivis/shared/protocol/messages/administration.ts';
import { compareLatvian } from '@sivis/shared/text/collate.ts';

/** A desk that nobody has seen for this long is stale: its people may hold old data and unsent changes. */
export const STALE_MS = 7 * 86_400_000;

export const DEVICE_LISTS = ['all', 'stale', 'revoked'] as const;
export type DeviceList = (typeof DEVICE_LISTS)[number];

/** True for a desk in use that has not come by for a week. */
export function isStale(
  device: Pick<DeviceView, 'lastSeenAt' | 'createdAt' | 'revoked'>,
  nowMs: number,
): boolean {
  if (device.revoked) return false;
  return nowMs - Date.parse(device.lastSeenAt ?? device.createdAt) > STALE_MS;
}

/** The desks of a list by name. */
export function devicesOf(
  devices: readonly DeviceView[],
  list: DeviceList,
  nowMs: number,
): readonly DeviceView[] {
  return devices
    .filter((device) =>
      list === 'all' ? true : list === 'revoked' ? device.revoked : isStale(device, nowMs),
    )
    .sort((a, b) => compareLatvian(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

export const USER_LISTS = ['active', 'disabled', 'all'] as const;
export type UserList = (typeof USER_LISTS)[number];

/** The users of a list by name. */
export function usersOf(users: readonly UserView[], list: UserList): readonly UserView[] {
  return users
    .filter((user) => list === 'all' || user.disabled === (list === 'disabled'))
    .sort((a, b) => compareLatvian(a.name, b.name) || (a.id < b.id ? -1 : 1));
}
