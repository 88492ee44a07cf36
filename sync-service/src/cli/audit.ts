import { hostname } from 'node:os';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Json } from '@sivis/shared/docs/json.ts';
import { parseEnvelope } from '../audit/entry.ts';
import {
  diffWitness,
  OfflineError,
  openLog,
  proveConsistency,
  proveEntry,
  readEntries,
  TileMissingError,
  verifyPath,
} from '../audit/offline.ts';
import { erasePayloads, runRetention } from '../audit/retention.ts';
import { serviceWho } from '../audit/auditLog.ts';
import { EXPORT_FORMATS, exportLine, type ExportFormat } from '../audit/siem.ts';
import { runSigner } from '../audit/signer/main.ts';
import { COMMANDS } from './commands.ts';
import type { CliDeps, CommandHandler, CommandResult } from './seam.ts';
import { loadConfig } from './config.ts';
import { logOrigin } from './transparency.ts';
import { VERSION } from './version.ts';

/** `sivis-server audit …`: the ones that work on files need neither store nor service. */

export interface AuditCli extends CliDeps {
  /** Prints a result and sets the exit code. */
  readonly finish: (result: CommandResult) => void;
  /** A line for a human; nothing with `--json`. */
  readonly say: (line: string) => void;
}

const EXIT = { ok: 0, tampered: 3, incomplete: 4 } as const;
const WORDS = {
  ok: 'Žurnāls ir vesels.',
  tampered: 'ŽURNĀLS IR MAINĪTS.',
  incomplete: 'Žurnāls nav pilns: pārbaudīt var tikai to, kas ir.',
} as const;

/** Runs a command on files; what it throws becomes its exit code. */
async function offline({ finish }: AuditCli, work: () => Promise<CommandResult>): Promise<void> {
  try {
    finish(await work());
  } catch (error) {
    if (error instanceof OfflineError)
      finish({ exit: error.exit, value: { error: { code: 'audit', message: error.message } } });
    else if (error instanceof TileMissingError)
      finish({ exit: 4, value: { error: { code: 'missingTile', path: error.path } } });
    else throw error;
  }
}

interface ExportFlags {
  readonly format: ExportFormat;
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly key?: string;
  readonly withPayload?: true;
}

/** Prints the entries of a folder that fall into the filter; the folder is verified first. */
async function exportFolder(cli: AuditCli, folder: string, flags: ExportFlags): Promise<CommandResult> {
  const verified = await verifyPath(folder, flags.key === undefined ? {} : { key: flags.key });
  if (verified.verdict !== 'ok')
    return { exit: EXIT[verified.verdict], value: { error: { code: verified.verdict } } };
  let entries = 0;
  for await (const { seq, text } of readEntries(await openLog(folder, flags.key))) {
    const envelope = parseEnvelope(text);
    if (flags.from !== undefined && envelope.at < flags.from) continue;
    if (flags.to !== undefined && envelope.at >= flags.to) continue;
    if (flags.subject !== undefined && envelope.subjectRefs?.includes(flags.subject) !== true) continue;
    cli.say(exportLine(flags.format, seq, text, { version: VERSION, host: hostname() }));
    entries += 1;
  }
  return { exit: 0, value: { entries } };
}

/** Adds the commands to `sivis-server audit`. */
export function registerAudit(audit: Command, cli: AuditCli): void {
  const key = (): Option => new Option('--key <atslega>', 'žurnāla publiskā atslēga vai datne ar to');

  audit
    .command('verify <mape>')
    .description('pārbauda žurnāla mapi, tās daļu vai ieraksta pierādījumu')
    .addOption(key())
    .option('--witness <datne...>', 'kontrolpunkti, ko glabājis kāds cits')
    .action((target: string, flags: { key?: string; witness?: string[] }) =>
      offline(cli, async () => {
        const result = await verifyPath(target, {
          ...(flags.key === undefined ? {} : { key: flags.key }),
          ...(flags.witness === undefined ? {} : { witnesses: flags.witness }),
        });
        cli.say(
          `${WORDS[result.verdict]} ${result.origin}, ieraksti: ${result.size}, pārbaudīti: ${result.entries}`,
        );
        for (const { kind, where } of result.problems) cli.say(`✗ ${kind}: ${where}`);
        if (result.removedTo > 0) cli.say(`Glabāšanas laiks beidzies ierakstiem līdz ${result.removedTo}.`);
        return { exit: EXIT[result.verdict], value: result as unknown as Json };
      }),
    );
  audit
    .command('prove <mape>')
    .description('pierādījums, ka ieraksts ir žurnālā (C2SP tlog-proof)')
    .requiredOption('--seq <n>', 'ieraksta numurs')
    .option('--out <datne>', 'bez tās uz ekrāna')
    .addOption(key())
    .action((folder: string, flags: { seq: string; out?: string; key?: string }) =>
      offline(cli, async () => {
        const proof = await proveEntry(await openLog(folder, flags.key), Number(flags.seq));
        if (flags.out === undefined) cli.say(proof.trimEnd());
        else await writeFile(flags.out, proof, { mode: 0o600 });
        return { exit: 0, value: { proof } };
      }),
    );
  audit
    .command('consistency <mape> <a> <b>')
    .description('vai žurnāls B turpina žurnālu A; A un B ir izmēri vai kontrolpunktu datnes')
    .addOption(key())
    .action((folder: string, a: string, b: string, flags: { key?: string }) =>
      offline(cli, async () => {
        const result = await proveConsistency(await openLog(folder, flags.key), a, b);
        cli.say(
          result.consistent
            ? `Žurnāls ar ${result.to} ierakstiem turpina žurnālu ar ${result.from}.`
            : `ŽURNĀLI NESAKRĪT: ${result.from} un ${result.to}.`,
        );
        return { exit: result.consistent ? 0 : 3, value: result as unknown as Json };
      }),
    );
  audit
    .command('diff-witness <mape> <datne>')
    .description('salīdzina žurnālu ar liecinieka glabāto kontrolpunktu')
    .option('--keep', 'ja sakrīt, liecinieks paglabā jaunāko')
    .addOption(key())
    .action((folder: string, file: string, flags: { keep?: true; key?: string }) =>
      offline(cli, async () => {
        const result = await diffWitness(await openLog(folder, flags.key), file, flags.keep === true);
        cli.say(
          result.verdict === 'ok'
            ? `Sakrīt. Lieciniekam bija ${result.kept}, žurnālā ${result.size}.`
            : `NESAKRĪT ar liecinieka kontrolpunktu (${result.kept}).`,
        );
        return { exit: EXIT[result.verdict], value: result as unknown as Json };
      }),
    );
  audit
    .command('export [mape]')
    .description('žurnāls pa rindām: no mapes (bez satura) vai no datubāzes')
    .addOption(new Option('--format <veids>', 'veids').choices(EXPORT_FORMATS).default('jsonl'))
    .option('--from <laiks>', 'no šī brīža (UTC)')
    .option('--to <laiks>', 'līdz šim brīdim (UTC)')
    .option('--subject <pseidonims>', 'tikai par šo cilvēku: pseidonīms no žurnāla')
    .option('--with-payload', 'arī saturs (personas dati); tikai no datubāzes')
    .addOption(key())
    .action((folder: string | undefined, flags: ExportFlags) => {
      if (folder !== undefined) return offline(cli, () => exportFolder(cli, folder, flags));
      const { format, from, to, subject } = flags;
      return cli.run(COMMANDS.auditExport, {
        withPayload: flags.withPayload === true,
        format,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(subject === undefined ? {} : { subject }),
      });
    });

  cli.handlers.set('audit erase', erase);
  audit
    .command('erase')
    .description('dzēš ierakstu saturu; ieraksti un to pierādījumi paliek')
    .option('--seq <n...>', 'ierakstu numuri')
    .option('--person <id>', 'visi ieraksti par šo cilvēku')
    .requiredOption('--reason <teksts>', 'pamatojums')
    .action((flags: { seq?: string[]; person?: string; reason: string }) =>
      cli.run('audit erase', {
        ...(flags.seq === undefined ? {} : { seqs: flags.seq.map(Number) }),
        ...(flags.person === undefined ? {} : { personId: flags.person }),
        reason: flags.reason,
      }),
    );
  cli.handlers.set('audit retention', retention);
  audit
    .command('retention')
    .description('izņem ierakstus, kuru glabāšanas laiks beidzies')
    .option('--dry-run', 'tikai pasaka, kas tiktu izņemts')
    .action((flags: { dryRun?: true }) => cli.run('audit retention', { dry: flags.dryRun === true }));
  cli.handlers.set('audit checkpoint', checkpoint);
  audit
    .command('checkpoint')
    .description('paraksta žurnālu tūlīt')
    .action(() => cli.run('audit checkpoint', {}));
  cli.handlers.set('audit origin', origin);
  audit
    .command('origin')
    .description('žurnāla nosaukums un tas, ko žurnāls turpina: parakstītāja iestatījumi')
    .action(() => cli.run('audit origin', {}));
  audit
    .command('signer')
    .description('parakstītājs atsevišķā kontā; servisam to norāda ar audit_signer')
    .requiredOption('--state <mape>', 'mape ar atslēgu un pēdējo parakstīto')
    .requiredOption('--origin <nosaukums>', 'žurnāla nosaukums, kā servisa iestatījumos')
    .option('--continues <rinda...>', 'ko turpina pēc atjaunošanas no kopijas')
    .option('--socket <ceļš>', 'bez tā atbild uz standarta ievadi')
    .action((flags: { state: string; origin: string; continues?: string[]; socket?: string }) =>
      runSigner([
        '--state',
        path.resolve(flags.state),
        '--origin',
        flags.origin,
        ...(flags.continues ?? []).flatMap((line) => ['--continues', line]),
        ...(flags.socket === undefined ? [] : ['--socket', flags.socket]),
      ]),
    );
}

const eraseArgs = z
  .strictObject({
    seqs: z.array(z.int().min(1)).min(1).optional(),
    personId: z.string().min(1).optional(),
    reason: z.string().trim().min(10),
  })
  .refine(({ seqs, personId }) => (seqs === undefined) !== (personId === undefined));

const erase: CommandHandler = async (context, args) => {
  const parsed = eraseArgs.safeParse(args);
  if (!parsed.success) {
    context.say('Norādiet --seq vai --person, un pamatojumu (vismaz 10 zīmes).');
    return { exit: 2, value: { error: { code: 'usage' } } };
  }
  const { seqs, personId, reason } = parsed.data;
  const who = serviceWho(context.clock.now(), VERSION);
  const what = personId === undefined ? { seqs: seqs ?? [] } : { personId };
  const erased = await erasePayloads(context.store, context.audit, who, what, reason);
  context.say(`Dzēsts saturs: ${erased}. Ieraksti un to pierādījumi palika.`);
  return { exit: 0, value: { erased } };
};

const retention: CommandHandler = async (context, args) => {
  const dry = args['dry'] === true;
  const { values } = loadConfig(context.dataDir, {}, process.env);
  const rule = context.transparency?.retention ?? {
    months: values.audit_retention_months,
    basis: values.audit_retention_basis,
  };
  const result = await runRetention(context.store, context.audit, rule, context.clock.now(), VERSION, dry);
  if (!dry) await context.transparency?.publisher.publish();
  context.say(`${dry ? 'Tiktu izņemti' : 'Izņemti'} ieraksti: ${result.removed} (līdz ${result.upTo}).`);
  return { exit: 0, value: { ...result } };
};

/** What a signer under an account of its own has to be told, as lines of its environment file. */
const origin: CommandHandler = async (context) => {
  const { values } = loadConfig(context.dataDir, {}, process.env);
  if (values.audit_origin === '') {
    context.say('Vispirms iestatiet audit_origin: nosaukumu bez tā izvēlas serviss, kad to palaiž.');
    return { exit: 2, value: { error: { code: 'no-origin' } } };
  }
  const log = await logOrigin(context.store, values);
  context.say(`SIVIS_AUDIT_ORIGIN='${log.origin}'`);
  context.say(`SIVIS_AUDIT_CONTINUES='${log.continues.join('')}'`);
  return { exit: 0, value: { origin: log.origin, continues: [...log.continues] } };
};

const checkpoint: CommandHandler = async (context) => {
  const { transparency } = context;
  if (transparency === undefined) {
    context.say('Serviss nedarbojas: žurnālu paraksta tas.');
    return { exit: 75, value: { error: { code: 'not-serving' } } };
  }
  const published = await transparency.publisher.publish();
  const alarm = transparency.publisher.alarm();
  if (alarm !== null || published === undefined) {
    context.say(`Žurnāls netika parakstīts: ${alarm ?? 'tas ir tukšs'}.`);
    return {
      exit: alarm === null || alarm === 'signer' ? 1 : 3,
      value: { error: { code: alarm ?? 'empty' } },
    };
  }
  context.say(published.note.trimEnd());
  return { exit: 0, value: { size: published.checkpoint.size, checkpoint: published.note } };
};
