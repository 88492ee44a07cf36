import Users from '@lucide/svelte/icons/users';
import { m } from '../../i18n/generated/messages.js';
import { forRoles, type ScreenDefinition } from './shell.ts';

/** The clients of this desk and the card of one of them. */
export const peopleScreens: readonly ScreenDefinition[] = [
  {
    id: 'clients',
    route: '/klienti',
    title: () => m.people_clients(),
    icon: Users,
    rail: 'main',
    visible: forRoles('reception', 'dutyManager', 'specialist'),
    load: () => import('./Clients.svelte'),
  },
  {
    id: 'client',
    route: '/klienti/:id',
    title: () => m.people_client(),
    icon: Users,
    rail: 'none',
    visible: forRoles('reception', 'dutyManager', 'specialist'),
    load: () => import('./ClientCard.svelte'),
  },
];
