import type { Command } from 'commander';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Transparency } from '../audit/transparency.ts';
import type { Store } from '../store/store.ts';

/**
 * What a command finds when it runs: inside the serving process when one holds the data folder, otherwise in the
 * process of the command line, which holds it meanwhile.
 */
export interface CommandContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** The published log, inside the serving process; elsewhere commands that need it open it themselves. */
  readonly transparency?: Transparency;
  readonly dataDir: string;
  /** Tells open sockets that users, devices or sessions changed. */
  readonly accessChanged: () => void;
  /** A line for a human, shown while the command runs; never personal data of clients. */
  readonly say: (line: string) => void;
}

/** What a command answers: an exit code of decision 13 and the value that `--json` prints. */
export interface CommandResult {
  readonly exit: 0 | 1 | 2 | 3 | 4 | 75;
  readonly value: Json;
}

export type CommandHandler = (
  context: CommandContext,
  args: Readonly<Record<string, Json>>,
) => Promise<CommandResult>;

/**
 * Hook for commands of other areas (`exchange/cli.ts` exports `registerImport(program, deps)`): put the handler under
 * a name, add the sub-command to `program`, and let its action call `deps.run(name, args)`. The handler runs where the
 * store is open; `args` travel as JSON (file names made absolute by the caller).
 */
export interface CliDeps {
  readonly handlers: Map<string, CommandHandler>;
  /** Runs the handler, prints what it says, and sets the exit code of the process. */
  run(name: string, args: Readonly<Record<string, Json>>): Promise<void>;
}

export type RegisterCommands = (program: Command, deps: CliDeps) => void;

/** `../demo/ensure.ts` exports this as `ensureDemo`. It marks the store: meta `demo` = `1`. */
export type EnsureDemo = (
  store: Store,
  options: { readonly clock: Clock; readonly dataDir: string },
) => Promise<{
  readonly accounts: readonly { role: string; user: string; password: string; name: string }[];
}>;

export const DEMO_META = 'demo';
