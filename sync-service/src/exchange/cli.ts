import path from 'node:path';
import type { Command } from 'commander';
import type { Json } from '@sivis/shared/docs/json.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { isPlainDate, rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { CliDeps, CommandContext, CommandResult } from '../cli/seam.ts';
import { runHotelImport } from './hotel/runHotelImport.ts';
import { IMPORT_ERRORS, ImportError } from './importError.ts';
import { IMPORT_PENDING, importPending } from './pendingImport.ts';

export const IMPORT_4HOTEL = 'import 4hotel';

/** Says in Latvian what happened and where; a row's content is never quoted. */
function refusal(error: ImportError, say: (line: string) => void): CommandResult {
  const { file, line, detail } = error.place;
  const place = [file, line === undefined ? undefined : `${line}. rinda`, detail].filter(
    (part) => part !== undefined,
  );
  say(`${IMPORT_ERRORS[error.code].lv}${place.length > 0 ? ` (${place.join(', ')})` : ''}`);
  return {
    exit: IMPORT_ERRORS[error.code].exitCode,
    value: { error: { code: error.code, ...error.place } },
  };
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof SivisError) return error.code === 'STORE_FULL';
  return (error as { code?: unknown } | null)?.code === 'ENOSPC';
}

/** The command as the store's process runs it: `dir` is absolute, `asof` a plain date or absent (today in Riga). */
export async function import4HotelCommand(
  context: CommandContext,
  args: Readonly<Record<string, Json>>,
): Promise<CommandResult> {
  try {
    const asOf = args['asof'] ?? rigaDate(context.clock.now());
    if (typeof asOf !== 'string' || !isPlainDate(asOf))
      throw new ImportError('invalid_date', { detail: '--asof' });
    const dir = args['dir'];
    if (typeof dir !== 'string') throw new ImportError('missing_file', { detail: 'DIR' });
    return { exit: 0, value: await runHotelImport(context, dir, asOf) };
  } catch (error) {
    if (error instanceof ImportError) return refusal(error, context.say);
    if (isDiskFull(error)) return refusal(new ImportError('store_full'), context.say);
    throw error;
  }
}

/** Adds `import 4hotel DIR` and `import pending FILE` to the program. */
export function registerImport(program: Command, deps: CliDeps): void {
  deps.handlers.set(IMPORT_4HOTEL, import4HotelCommand);
  deps.handlers.set(IMPORT_PENDING, importPending);
  const group =
    program.commands.find((command) => command.name() === 'import') ??
    program.command('import').description('datu pārņemšana no citām sistēmām');
  group
    .command('4hotel')
    .description('4Hotel numuri, viesi un rezervācijas no mapes DIR')
    .argument('<dir>', 'mape ar trim 4hotel_*.csv datnēm')
    .option(
      '--asof <datums>',
      'diena, uz kuru skaita aizņemtās gultas, piemēram, 2026-11-20 (parasti: šodien)',
    )
    .action(async (dir: string, options: { asof?: string }) => {
      const asOf = options.asof === undefined ? {} : { asof: options.asof };
      await deps.run(IMPORT_4HOTEL, { dir: path.resolve(dir), ...asOf });
    });
  group
    .command('pending')
    .description('izmaiņas, ko darbstacija nevarēja nosūtīt; tās gaida vadītāja lēmumu')
    .argument('<datne>', 'datne, ko saglabāja darbstacija')
    .action((file: string) => deps.run(IMPORT_PENDING, { file: path.resolve(file) }));
}
