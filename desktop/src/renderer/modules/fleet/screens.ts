import Monitor from '@lucide/svelte/icons/monitor';
import UserCog from '@lucide/svelte/icons/user-cog';
import { offers } from '@sivis/shared/access/can.ts';
import { m } from '../../i18n/generated/messages.js';
import type { ScreenDefinition } from './shell.ts';

/** Workstations and users: to administer for IT, to look at for the auditor. */
export const fleetScreens: readonly ScreenDefinition[] = [
  {
    id: 'devices',
    route: '/darbstacijas',
    title: () => m.fleet_devices(),
    icon: Monitor,
    rail: 'main',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'device')),
    startFor: ['it'],
    load: () => import('./Devices.svelte'),
  },
  {
    id: 'users',
    route: '/lietotaji',
    title: () => m.fleet_users(),
    icon: UserCog,
    rail: 'main',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'user')),
    load: () => import('./Users.svelte'),
  },
];
