import { untrack } from 'svelte';
import type { Icon } from '../ui/icon.ts';
import { forbiddenReason, isSingleKey, type KeyEventLike, matchesKeys } from './keyNotation.ts';

/** Under which heading a command stands in the palette and in the help. */
export type CommandGroup = 'screens' | 'work' | 'find' | 'app';

/** One thing a person can do: the source of the palette, the help, the menus, the shortcuts and their tests. */
export interface Command {
  readonly id: string;
  /** A function, so that it follows the language. */
  readonly title: () => string;
  readonly group: CommandGroup;
  readonly icon?: Icon | undefined;
  /** Shortcuts in the notation of `keyNotation.ts`; the first is the one that is shown. */
  readonly keys?: readonly string[] | undefined;
  /** Whether it can be done here and now; absent means always. */
  readonly when?: (() => boolean) | undefined;
  /** Listed under "+ Jauns". */
  readonly creates?: boolean | undefined;
  /** Only a key, no entry of the palette (moving between panes). */
  readonly keyOnly?: boolean | undefined;
  /** Also works while a dialog or a menu is open. */
  readonly inDialogs?: boolean | undefined;
  /** Also works while text is typed; by default what has Ctrl, Alt or a function key does. */
  readonly inFields?: boolean | undefined;
  readonly run: () => void | Promise<void>;
}

/** Where the event happened, as far as shortcuts care. */
export interface KeyContext {
  readonly editing: boolean;
  readonly dialog: boolean;
  /** Letters go to the list that has the focus (it is finding a row). */
  readonly typing: boolean;
}

/** A shortcut that must not be bound; `code` is stable. */
export class ForbiddenKeysError extends Error {
  readonly code = 'forbidden-keys';
}

let registered = $state.raw<readonly Command[]>([]);
let singleKeysOn = $state(true);

/**
 * Adds commands and returns how to take them away again. The last one registered wins a shortcut, so a screen may
 * answer Ctrl+P or Enter in its own way while it is shown.
 * @throws ForbiddenKeysError for a shortcut that Latvian layouts, the system or screen readers need
 */
export function registerCommands(commands: readonly Command[]): () => void {
  for (const command of commands) {
    for (const keys of command.keys ?? []) {
      const reason = forbiddenReason(keys);
      if (reason !== null) throw new ForbiddenKeysError(`${command.id}: ${keys} (${reason})`);
    }
  }
  registered = [...registered, ...commands];
  return () => {
    registered = registered.filter((command) => !commands.includes(command));
  };
}

/** Registers the commands of a component while it is shown. Call it during initialisation. */
export function useCommands(get: () => readonly Command[]): void {
  $effect(() => {
    const commands = get();
    // Registering reads the list it writes; only the commands themselves decide when to register again.
    return untrack(() => registerCommands(commands));
  });
}

/** Every registered command; of two with the same id the later one. Reactive. */
export function allCommands(): readonly Command[] {
  return registered.filter((command, at) => registered.findLastIndex(({ id }) => id === command.id) === at);
}

/** The commands that can be run now. Reactive. */
export function availableCommands(): readonly Command[] {
  return allCommands().filter((command) => command.when?.() !== false);
}

/** The shortcut to print beside a command, or `undefined`. A switched-off single key is not printed. */
export function shownKeys(command: Command): string | undefined {
  return command.keys?.find((keys) => singleKeysOn || !isSwitchable(keys));
}

/** Switches the shortcuts on a single letter on or off (WCAG 2.1.4). `/` stays: it gives way to typing. */
export function setSingleKeys(on: boolean): void {
  singleKeysOn = on;
}

function isSwitchable(keys: string): boolean {
  return isSingleKey(keys) && /^\p{L}$/u.test(keys);
}

/** The command a key press means in its context, or `undefined`. */
export function commandFor(event: KeyEventLike, context: KeyContext): Command | undefined {
  return [...registered].reverse().find((command) => {
    if (context.dialog && command.inDialogs !== true) return false;
    const keys = command.keys?.find((candidate) => matchesKeys(event, candidate));
    if (keys === undefined) return false;
    if (context.editing && !(command.inFields ?? !givesWay(keys))) return false;
    if (isSingleKey(keys) && context.typing) return false;
    if (isSwitchable(keys) && !singleKeysOn) return false;
    return command.when?.() !== false;
  });
}

/** Escape belongs to the field first, and a bare character is text there. */
function givesWay(keys: string): boolean {
  return isSingleKey(keys) || keys === 'Escape' || keys === 'Enter' || keys === 'Delete';
}

/** Runs the command of a key press. Attach it to the window's keydown in the capture phase. */
export function handleKeydown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const command = commandFor(event, contextOf(event.target));
  if (!command) return;
  event.preventDefault();
  event.stopPropagation();
  void command.run();
}

function contextOf(target: EventTarget | null): KeyContext {
  if (!(target instanceof Element)) return { editing: false, dialog: false, typing: false };
  return {
    editing: target.matches(
      'textarea, select, [contenteditable]:not([contenteditable="false"]), input:not([type="checkbox"], [type="radio"], [type="button"])',
    ),
    dialog: target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null,
    typing: target.closest('[data-typing]') !== null,
  };
}
