import Inbox from '@lucide/svelte/icons/inbox';
import { offers } from '@sivis/shared/access/can.ts';
import { m } from '../../i18n/generated/messages.js';
import type { ScreenDefinition } from './shell.ts';

/** The tasks of this desk; one of them by its id. */
export const workScreens: readonly ScreenDefinition[] = [
  {
    id: 'tasks',
    route: '/uzdevumi',
    title: () => m.work_tasks(),
    icon: Inbox,
    rail: 'main',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'task')),
    load: () => import('./Tasks.svelte'),
  },
  {
    id: 'task',
    route: '/uzdevumi/:id',
    title: () => m.work_tasks(),
    icon: Inbox,
    rail: 'none',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'task')),
    load: () => import('./Tasks.svelte'),
  },
];
