import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right';
import Hourglass from '@lucide/svelte/icons/hourglass';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import { offers } from '@sivis/shared/access/can.ts';
import { forEverybody, forRoles, type ScreenDefinition } from './shell.ts';
import { m } from '../../i18n/generated/messages.js';

/** The audit log, the inbox of conflicts and refusals, the synchronisation panel. */
export const oversightScreens: readonly ScreenDefinition[] = [
  {
    id: 'conflicts',
    route: '/pretrunas',
    title: () => m.oversight_conflicts(),
    icon: ArrowLeftRight,
    rail: 'lower',
    // Only who writes can have something refused or in conflict.
    visible: forRoles('reception', 'dutyManager'),
    load: () => import('./Conflicts.svelte'),
  },
  {
    // Who wrote under an earlier role may have something that waits or was refused all the same.
    id: 'conflicts-of-former',
    route: '/pretrunas',
    title: () => m.oversight_conflicts(),
    icon: ArrowLeftRight,
    rail: 'none',
    visible: forRoles('specialist', 'catering', 'it', 'auditor'),
    load: () => import('./Conflicts.svelte'),
  },
  {
    id: 'quarantine',
    route: '/gaida-lemumu',
    title: () => m.oversight_quarantine(),
    icon: Hourglass,
    rail: 'lower',
    visible: (user) => user.roles.some((role) => offers(role, 'update', 'quarantine')),
    load: () => import('./Quarantine.svelte'),
  },
  {
    id: 'audit',
    route: '/auditacija',
    title: () => m.oversight_audit(),
    icon: ShieldCheck,
    rail: 'lower',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'audit')),
    startFor: ['auditor'],
    load: () => import('./Audit.svelte'),
  },
  {
    id: 'audit-of-client',
    route: '/auditacija/:personId',
    title: () => m.oversight_audit(),
    icon: ShieldCheck,
    rail: 'none',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'audit')),
    load: () => import('./Audit.svelte'),
  },
  {
    id: 'log-check',
    route: '/zurnals',
    title: () => m.oversight_chk(),
    icon: ShieldCheck,
    rail: 'none',
    visible: (user) => user.roles.some((role) => offers(role, 'view', 'audit')),
    load: () => import('./LogCheck.svelte'),
  },
  {
    id: 'sync',
    route: '/sinhronizacija',
    title: () => m.oversight_sync(),
    icon: RefreshCw,
    rail: 'none',
    visible: forEverybody,
    load: () => import('./SyncPanel.svelte'),
  },
];
