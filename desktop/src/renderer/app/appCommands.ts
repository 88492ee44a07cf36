import Command from '@lucide/svelte/icons/square-terminal';
import CircleHelp from '@lucide/svelte/icons/circle-help';
import Lock from '@lucide/svelte/icons/lock';
import LogOut from '@lucide/svelte/icons/log-out';
import Plus from '@lucide/svelte/icons/plus';
import Redo from '@lucide/svelte/icons/redo-2';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Search from '@lucide/svelte/icons/search';
import Settings from '@lucide/svelte/icons/settings';
import Undo from '@lucide/svelte/icons/undo-2';
import { m } from '../i18n/generated/messages.js';
import type { Command as AppCommand } from './keys.svelte.ts';
import type { ScreenDefinition } from './screen.ts';

/** What the shell's commands do; the shell gives it, so that this list stays a list. */
export interface ShellActions {
  readonly openPalette: () => void;
  readonly focusSearch: () => void;
  readonly openHelp: () => void;
  readonly openNew: () => void;
  readonly syncNow: () => void;
  readonly lock: () => void;
  readonly signOut: () => void;
  readonly focusPane: (step: 1 | -1) => void;
  readonly nextProblem: () => void;
  readonly mainAction: () => void;
  readonly back: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly go: (route: string) => void;
  readonly nothingToPrint: () => void;
  readonly canGoBack: () => boolean;
  readonly canUndo: () => boolean;
  readonly canRedo: () => boolean;
}

/**
 * The shell's own commands. A screen may register the same shortcut for its own meaning (Ctrl+P,
 * Escape, Ctrl+Enter) while it is shown.
 */
export function shellCommands(
  actions: ShellActions,
  rail: readonly ScreenDefinition[],
  host: 'browser' | 'electron',
): AppCommand[] {
  return [
    ...rail.map((screen, at): AppCommand => ({
      id: `go.${screen.id}`,
      title: screen.title,
      group: 'screens',
      icon: screen.icon,
      keys: [`Ctrl+${at + 1}`],
      run: () => actions.go(screen.route),
    })),
    {
      id: 'app.settings',
      title: () => m.app_settings(),
      group: 'screens',
      icon: Settings,
      run: () => actions.go('/iestatijumi'),
    },
    {
      id: 'app.new',
      title: () => m.app_new(),
      group: 'work',
      icon: Plus,
      // A browser keeps Ctrl+N for its own window; Alt+N is the same command there.
      keys: host === 'electron' ? ['Ctrl+N', 'Alt+N'] : ['Alt+N', 'Ctrl+N'],
      run: actions.openNew,
    },
    {
      id: 'app.main',
      title: () => m.app_command_main(),
      group: 'work',
      keys: ['Ctrl+Enter'],
      keyOnly: true,
      run: actions.mainAction,
    },
    {
      id: 'app.undo',
      title: () => m.app_undo(),
      group: 'work',
      icon: Undo,
      keys: ['Ctrl+Z'],
      // In a field the same keys take back typing.
      inFields: false,
      when: actions.canUndo,
      run: actions.undo,
    },
    {
      id: 'app.redo',
      title: () => m.app_redo(),
      group: 'work',
      icon: Redo,
      keys: ['Ctrl+Y'],
      inFields: false,
      when: actions.canRedo,
      run: actions.redo,
    },
    {
      id: 'app.print',
      title: () => m.app_command_print(),
      group: 'work',
      keys: ['Ctrl+P'],
      keyOnly: true,
      // Without this the browser would print the screen past the audit log.
      run: actions.nothingToPrint,
    },
    {
      id: 'app.palette',
      title: () => m.app_palette(),
      group: 'find',
      icon: Command,
      keys: ['Ctrl+K'],
      keyOnly: true,
      run: actions.openPalette,
    },
    {
      id: 'app.search',
      title: () => m.app_search(),
      group: 'find',
      icon: Search,
      keys: ['/', 'F3'],
      run: actions.focusSearch,
    },
    {
      id: 'app.problem',
      title: () => m.app_command_problem(),
      group: 'find',
      keys: ['F8'],
      run: actions.nextProblem,
    },
    {
      id: 'app.paneNext',
      title: () => m.app_command_pane_next(),
      group: 'find',
      keys: ['F6'],
      keyOnly: true,
      run: () => actions.focusPane(1),
    },
    {
      id: 'app.panePrevious',
      title: () => m.app_command_pane_previous(),
      group: 'find',
      keys: ['Shift+F6'],
      keyOnly: true,
      run: () => actions.focusPane(-1),
    },
    {
      id: 'app.back',
      title: () => m.app_command_back(),
      group: 'find',
      keys: ['Escape'],
      keyOnly: true,
      when: actions.canGoBack,
      run: actions.back,
    },
    {
      id: 'app.sync',
      title: () => m.app_command_sync(),
      group: 'app',
      icon: RefreshCw,
      keys: ['F5'],
      run: actions.syncNow,
    },
    {
      id: 'app.help',
      title: () => m.app_help(),
      group: 'app',
      icon: CircleHelp,
      keys: ['F1'],
      run: actions.openHelp,
    },
    {
      id: 'app.lock',
      title: () => m.app_lock(),
      group: 'app',
      icon: Lock,
      keys: ['Ctrl+L'],
      inDialogs: true,
      run: actions.lock,
    },
    { id: 'app.signOut', title: () => m.app_sign_out(), group: 'app', icon: LogOut, run: actions.signOut },
  ];
}
