import Settings from '@lucide/svelte/icons/settings';
import { m } from '../i18n/generated/messages.js';
import { forEverybody, type ScreenDefinition } from './screen.ts';

/** The screens of the shell itself. */
export const appScreens: readonly ScreenDefinition[] = [
  {
    id: 'settings',
    route: '/iestatijumi',
    title: () => m.app_settings(),
    icon: Settings,
    rail: 'none',
    visible: forEverybody,
    load: () => import('./Settings.svelte'),
  },
];
