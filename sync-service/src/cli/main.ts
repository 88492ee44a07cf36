import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Json } from '@sivis/shared/docs/json.ts';
import { systemClock } from '@sivis/shared/time/clock.ts';
import { registerImport } from '../exchange/cli.ts';
import { IMPORT_PENDING } from '../exchange/pendingImport.ts';
import { createLogger } from '../http/log.ts';
import { registerSyncRoutes } from '../http/sync.ts';
import { callAdmin } from './adminSocket.ts';
import { registerAudit } from './audit.ts';
import { restoreBackup, verifyBackup } from './backup.ts';
import { COMMANDS, registerCommands } from './commands.ts';
import { ConfigError, loadConfig, SETTINGS, shown, type Config, type SettingName } from './config.ts';
import { openDataFolder } from './dataFolder.ts';
import { examine, lineOf } from './doctor/doctor.ts';
import { setupFault } from './doctor/faults.ts';
import { resultOf } from './doctor/finding.ts';
import { isLock, lockHolder, takeLock } from './lock.ts';
import { isHealthy } from './listeners.ts';
import { DEMO_META, type CliDeps, type CommandHandler, type CommandResult, type EnsureDemo } from './seam.ts';
import { RECOVER_KEY, recoverKey } from './recover.ts';
import { serve, stopOnSignals } from './serve.ts';
import { VERSION } from './version.ts';

interface GlobalOptions {
  readonly data: string;
  readonly json: boolean;
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const program = new Command();
const options = (): GlobalOptions => {
  const given = program.opts<{ data: string; json?: boolean }>();
  return { data: path.resolve(given.data), json: given.json === true };
};
const handlers = new Map<string, CommandHandler>();

function finish(result: CommandResult): void {
  const error = (result.value as { error?: unknown } | null)?.error;
  if (options().json) print(JSON.stringify(result.value));
  else if (error !== undefined) warn(JSON.stringify(error));
  process.exitCode = result.exit;
}

/** The settings of the data folder and the environment. */
const configOf = (): Config => loadConfig(options().data, {}, process.env).values;

/** Where a part of the program is that may not be built in. */
const partUrl = (name: string): string => new URL(name, import.meta.url).href;
const hasPart = (name: string): boolean => existsSync(new URL(name, import.meta.url));

const LOCKED: CommandResult = { exit: 75, value: { error: { code: 'locked' } } };

/** Runs a command in the process that holds the store, and ends with its result. */
async function run(name: string, args: Readonly<Record<string, Json>>): Promise<void> {
  finish(await execute(name, args, options().json ? () => undefined : print));
}

/** Runs a command in the process that holds the store: the serving one, or this one. */
async function execute(
  name: string,
  args: Readonly<Record<string, Json>>,
  say: (line: string) => void,
): Promise<CommandResult> {
  const { data } = options();
  const holder = await lockHolder(data);
  if (holder !== undefined) {
    if (holder.admin === '') return LOCKED;
    return callAdmin(holder.admin, name, args, say);
  }
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`no handler for ${name}`);
  const lock = await takeLock(data);
  if (!isLock(lock)) return LOCKED;
  try {
    const folder = await openDataFolder(data, configOf().database_url);
    try {
      return await handler(
        {
          store: folder.store,
          audit: folder.audit,
          clock: systemClock,
          dataDir: data,
          accessChanged: () => undefined,
          say,
        },
        args,
      );
    } finally {
      await folder.store.close();
    }
  } finally {
    lock.release();
  }
}

/** Imported data belong into a real store: a demonstration centre refuses them (decision 21). */
function refusingDemo(handler: CommandHandler): CommandHandler {
  return async (context, args) => {
    if ((await context.store.read((tx) => tx.meta(DEMO_META))) !== '1') return handler(context, args);
    context.say('Šī ir demonstrācijas datu mape: īsti dati tajā netiek likti. Norādiet citu mapi (--data).');
    return { exit: 1, value: { error: { code: 'demo-store' } } };
  };
}

async function readSecret(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text.replace(/\r?\n$/, '');
}

async function startServing(flags: Partial<Record<SettingName, unknown>>): Promise<void> {
  const { data } = options();
  const { values, sources } = loadConfig(data, flags, process.env);
  // A demonstration stays in its folder: a database that the environment names is meant for something real.
  const inFolder = values.demo && sources.database_url === 'DATABASE_URL';
  const config = inFolder ? { ...values, database_url: '' } : values;
  const log = createLogger(config.log_level);
  const ensureDemo: EnsureDemo = async (store, demoOptions) => {
    if (!hasPart('../demo/ensure.ts')) return { accounts: [] };
    const demo = (await import(partUrl('../demo/ensure.ts'))) as { ensureDemo: EnsureDemo };
    return demo.ensureDemo(store, demoOptions);
  };
  const result = await serve({
    dataDir: data,
    config,
    handlers,
    clock: systemClock,
    print,
    onServing: (serving) => stopOnSignals(serving, log),
    ensureDemo,
    plugins: [registerSyncRoutes],
    log,
  });
  if ('serving' in result) return;
  if (result.words !== '') log.error(result.words);
  process.exitCode = result.exit;
}

function buildProgram(): void {
  program
    .name('sivis-server')
    .description('SIVIS sinhronizācijas serviss')
    .option('--data <mape>', 'datu mape', process.env['SIVIS_DATA'] ?? '.data')
    .option('--json', 'rezultāts kā JSON')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .enablePositionalOptions(false);

  program
    .command('serve')
    .description('palaiž servisu')
    .option('--port <n>', SETTINGS.port.help)
    .option('--host <adrese>', SETTINGS.host.help)
    .option('--static <mape>', SETTINGS.static.help)
    .option('--demo', SETTINGS.demo.help)
    .option('--no-demo', 'bez demonstrācijas datiem')
    .action(async (flags: Partial<Record<SettingName, unknown>>) => {
      await startServing(flags);
    });

  program
    .command('migrate')
    .description('uzlabo datubāzes shēmu')
    .action(async () => {
      const { database_url: url, database_owner_url: ownerUrl } = configOf();
      if (url !== '') {
        if (ownerUrl === '') throw new ConfigError('migrate: norādiet SIVIS_DATABASE_OWNER_URL.');
        const { migratePostgres, roleOf } = await import('../store/postgres/migrate.ts');
        const { schema } = await migratePostgres(ownerUrl, roleOf(url));
        if (!options().json) print(`Shēma: ${schema}`);
        finish({ exit: 0, value: { schema } });
        return;
      }
      const lock = await takeLock(options().data);
      if (!isLock(lock)) return finish(LOCKED);
      try {
        const folder = await openDataFolder(options().data);
        const schema = folder.store.schemaVersion;
        await folder.store.close();
        if (!options().json) print(`Shēma: ${schema}`);
        finish({ exit: 0, value: { schema } });
      } finally {
        lock.release();
      }
    });

  const admin = program.command('admin').description('pārvaldība');
  const site = admin.command('site').description('centri');
  site
    .command('create <nosaukums>')
    .option('--code <kods>', 'īsais kods', '')
    .action((name: string, flags: { code: string }) => run(COMMANDS.siteCreate, { name, code: flags.code }));
  site.command('list').action(() => run(COMMANDS.siteList, {}));
  const user = admin.command('user').description('lietotāji');
  user
    .command('create <lietotajs>')
    .requiredOption('--name <vards>')
    .requiredOption('--role <loma>', 'reception, dutyManager, specialist, catering, it, auditor')
    .option('--site <id...>', 'objekti; bez tā visi')
    .option('--password-stdin', 'parole no standarta ievades; bez tā tiek izveidota nejauša')
    .action(
      async (name: string, flags: { name: string; role: string; site?: string[]; passwordStdin?: true }) => {
        await run(COMMANDS.userCreate, {
          user: name,
          name: flags.name,
          role: flags.role,
          ...(flags.site === undefined ? {} : { sites: flags.site }),
          ...(flags.passwordStdin === true ? { password: await readSecret() } : {}),
        });
      },
    );
  user
    .command('reset <lietotajs>')
    .option('--password-stdin', 'parole no standarta ievades; bez tā tiek izveidota nejauša')
    .action(async (name: string, flags: { passwordStdin?: true }) => {
      await run(COMMANDS.userReset, {
        user: name,
        ...(flags.passwordStdin === true ? { password: await readSecret() } : {}),
      });
    });
  user.command('disable <lietotajs>').action((name: string) => run(COMMANDS.userDisable, { user: name }));
  user.command('list').action(() => run(COMMANDS.userList, {}));

  program
    .command('device')
    .description('darbstacijas')
    .command('enrol')
    .description('vienreizējs kods jaunai darbstacijai')
    .option('--name <vards>', 'darbstacijas nosaukums', 'Darbstacija 1')
    .action((flags: { name: string }) => run(COMMANDS.deviceCode, { name: flags.name }));

  const audit = program.command('audit').description('audita žurnāls');
  const backup = program.command('backup').description('rezerves kopijas');
  backup
    .command('create')
    .option('--to <mape>', 'tukša mape; bez tā DATI/backups/LAIKS')
    .action((flags: { to?: string }) =>
      run(COMMANDS.backupCreate, flags.to === undefined ? {} : { to: path.resolve(flags.to) }),
    );
  backup.command('verify <mape>').action(async (source: string) => {
    const result = await verifyBackup(path.resolve(source));
    if (result.exit === 0 && !options().json) print('Kopija ir vesela.');
    finish(result.exit === 3 && !options().json ? { exit: 3, value: { error: result.value } } : result);
  });
  program
    .command('restore <kopija>')
    .requiredOption('--to <mape>', 'tukša mape')
    .option('--checkpoint <datne>', 'audita žurnāla pēdējais zināmais kontrolpunkts (no liecinieka)')
    .action(async (source: string, flags: { to: string; checkpoint?: string }) => {
      const known = flags.checkpoint === undefined ? undefined : readFileSync(flags.checkpoint, 'utf8');
      const result = await restoreBackup(
        path.resolve(source),
        path.resolve(flags.to),
        systemClock.now(),
        loadConfig(path.resolve(flags.to), {}, process.env).values,
        known,
      );
      if (result.exit === 0 && !options().json) print(`Atjaunots: ${path.resolve(flags.to)}`);
      finish(result);
    });

  program
    .command('doctor')
    .description('pārbauda datu mapi')
    .action(async () => {
      const { data, json } = options();
      const findings = await examine({ dataDir: data, clock: systemClock, env: process.env }, () =>
        execute(COMMANDS.doctor, {}, () => undefined),
      );
      if (!json) for (const finding of findings) print(lineOf(finding));
      finish(resultOf(findings));
    });

  const config = program.command('config').description('iestatījumi');
  config.command('check').action(() => {
    loadConfig(options().data, {}, process.env);
    if (!options().json) print('Iestatījumi ir derīgi.');
    finish({ exit: 0, value: { ok: true } });
  });
  config.command('dump').action(() => {
    const { values, sources } = loadConfig(options().data, {}, process.env);
    const names = Object.keys(values) as SettingName[];
    if (!options().json)
      for (const name of names)
        print(`${name} = ${JSON.stringify(shown(name, values[name]))}  # ${sources[name]}`);
    finish({
      exit: 0,
      value: Object.fromEntries(
        names.map((name) => [name, { value: shown(name, values[name]), source: sources[name] }]),
      ),
    });
  });

  program
    .command('healthcheck')
    .description('vai serviss dzīvs')
    .action(async () => {
      const holder = await lockHolder(options().data);
      const alive = holder !== undefined && holder.url !== '' && (await isHealthy(holder.url));
      finish({
        exit: alive ? 0 : 1,
        value: alive ? { ok: true, url: holder.url } : { error: { code: 'not-serving' } },
      });
    });
  program.command('version').action(() => {
    if (!options().json) print(VERSION);
    finish({ exit: 0, value: { version: VERSION } });
  });

  program
    .command('recover')
    .description('atjaunošana ar iestādes atslēgu')
    .command('key')
    .description(
      'izsniedz darbstacijas datu atslēgu; vajadzīgi divi cilvēki: viens no IT, viens vadītājs vai auditors',
    )
    .argument('<datne>', 'pieprasījums, ko saglabāja darbstacija')
    .requiredOption('--users <divi>', 'divi lietotāji ar komatu starp tiem')
    .requiredOption('--password-stdin', 'viņu paroles no standarta ievades, katra savā rindā')
    .action(async (file: string, { users }: { users: string }) => {
      const passwords = (await readSecret()).split(/\r?\n/);
      await run(RECOVER_KEY, { file: path.resolve(file), users: users.split(','), passwords });
    });

  registerCommands(handlers);
  handlers.set(RECOVER_KEY, recoverKey);
  const before = new Set(handlers.keys());
  const deps: CliDeps = { handlers, run };
  registerAudit(audit, { ...deps, finish, say: (line) => (options().json ? undefined : print(line)) });
  for (const name of handlers.keys()) before.add(name);
  registerImport(program, deps);
  // A desk's own file is sealed to its service: it belongs where it came from, a demonstration too.
  before.add(IMPORT_PENDING);
  for (const [name, handler] of handlers) if (!before.has(name)) handlers.set(name, refusingDemo(handler));
}

/** Exit codes: decision 13. */
async function main(): Promise<void> {
  // What the service writes is for its own account only.
  process.umask(0o077);
  buildProgram();
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    const known = setupFault(error);
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof ConfigError) {
      warn(error.message);
      process.exitCode = 2;
    } else if (known !== undefined) {
      const { words, fault, exit } = known;
      warn(words);
      if (exit === 75) finish({ exit, value: { error: { code: fault.toLowerCase() } } });
      else process.exitCode = exit;
    } else {
      warn(error instanceof Error ? `${error.name}: ${error.message}` : 'kļūda');
      process.exitCode = 1;
    }
  }
}

await main();
