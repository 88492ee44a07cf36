import BedDouble from '@lucide/svelte/icons/bed-double';
import CalendarCheck from '@lucide/svelte/icons/calendar-check-2';
import { m } from '../../i18n/generated/messages.js';
import { forRoles, type ScreenDefinition } from './shell.ts';

const forLodging = forRoles('reception', 'dutyManager');

/** The screens of the reception. `/sodien/:id` and `/istabas/:id` open on a stay, for links from other screens. */
export const lodgingScreens: readonly ScreenDefinition[] = [
  {
    id: 'today',
    route: '/sodien',
    title: () => m.lodging_today(),
    icon: CalendarCheck,
    rail: 'main',
    visible: forLodging,
    startFor: ['reception', 'dutyManager'],
    load: () => import('./today/Today.svelte'),
  },
  {
    id: 'today.stay',
    route: '/sodien/:id',
    title: () => m.lodging_today(),
    icon: CalendarCheck,
    rail: 'none',
    visible: forLodging,
    load: () => import('./today/Today.svelte'),
  },
  {
    id: 'board',
    route: '/istabas',
    title: () => m.lodging_board(),
    icon: BedDouble,
    rail: 'main',
    visible: forLodging,
    load: () => import('./board/Board.svelte'),
  },
  {
    id: 'board.stay',
    route: '/istabas/:id',
    title: () => m.lodging_board(),
    icon: BedDouble,
    rail: 'none',
    visible: forLodging,
    load: () => import('./board/Board.svelte'),
  },
];
