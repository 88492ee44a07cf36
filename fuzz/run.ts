/**
 * `npm run fuzz -- --executions 200000`: gives every decoder at a door that many changed inputs and says what came of them.
 * `--seed N` (default 1), `--only NAME` (several times), `--keep` puts inputs with new outcomes into the corpus, `--report
 * FILE` writes the table. Ends with 1 when a decoder crashed, hung or took too much memory.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Tally } from './lib/campaign.ts';
import { HANG_MS, HEAP_MIB, supervise, type Result } from './lib/supervise.ts';
import { allTargets } from './targets/index.ts';

const FINDINGS = path.join(import.meta.dirname, 'findings');

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});
const executions = Number(values.executions);
const seed = Number(values.seed);
if (!Number.isSafeInteger(executions) || executions < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('--executions and --seed are whole numbers\n');
  process.exit(2);
}

const begin = Date.now();
const all = (await allTargets()).map(({ name }) => name);
const names = values.only === undefined ? all : all.filter((name) => values.only?.includes(name) === true);
if (names.length === 0) {
  process.stderr.write(`There are: ${all.join(', ')}\n`);
  process.exit(2);
}

const outcomesOf = ({ outcomes }: Tally): string =>
  Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ');

const meanUs = ({ usedMs, executions: count }: Tally): string => ((usedMs * 1_000) / count).toFixed(0);

const result = await supervise(names, {
  executions,
  seed,
  keep: values.keep,
  onTally: (tally) => {
    process.stdout.write(
      `${tally.findings.length === 0 ? '✓' : '✗'} ${tally.name}: ${tally.executions}, ${meanUs(tally)} µs each, slowest ${tally.slowestMs.toFixed(0)} ms; ${outcomesOf(tally)}\n`,
    );
  },
});

for (const { name, findings } of result.tallies) {
  for (const [at, { input, error }] of findings.entries()) {
    mkdirSync(FINDINGS, { recursive: true });
    const file = path.join(FINDINGS, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${at}`);
    writeFileSync(file, Buffer.from(input, 'base64'));
    process.stdout.write(`\n${name}: ${file}\n${error}\n`);
  }
}
for (const { name, why } of result.lost) process.stdout.write(`\n${name}: ${why}\n`);

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function report({ tallies, lost, peakMiB }: Result): string {
  const sum = tallies.reduce((total, tally) => total + tally.executions, 0);
  const failed = tallies.filter(({ findings }) => findings.length > 0).length + lost.length;
  const rows = tallies.map(
    (tally) =>
      `| ${tally.name} | ${tally.door} | ${tally.executions} | ${Object.keys(tally.outcomes).length} | ${outcomesOf(tally).replaceAll('|', '\\|')} | ${meanUs(tally)} | ${tally.slowestMs.toFixed(0)} | ${tally.findings.length} |`,
  );
  return [
    '# Fuzzing of every decoder at a door',
    '',
    'Inputs that were taken once, and those that brought a new outcome, are changed by their bytes and, where they are JSON,',
    'by their structure (depth, `__proto__`, repeated keys, lone surrogates, `NaN`, 2⁵³ ± 1, strings of 10 MB, other',
    'encodings). A decoder passes when it gives a value or a refusal with a code, never anything else, in less than',
    `${HANG_MS / 1_000} s and with less than ${HEAP_MIB} MiB of heap for all together. The kept inputs are in \`fuzz/corpus\`; \`npm test\` runs`,
    'all of it with 5 000 executions each.',
    '',
    `- Command: \`npm run fuzz -- --executions ${executions} --seed ${seed}\``,
    `- When, what: ${new Date(begin).toISOString().slice(0, 10)}, commit ${commit()}, Node ${process.versions.node}, ${os.platform()} ${os.arch()}`,
    `- Executions: ${sum} in ${Math.round((Date.now() - begin) / 60_000)} min; decoders: ${names.length}; failed: ${failed}`,
    `- Most memory of the process: ${peakMiB} MiB`,
    '',
    '| decoder | door | executions | outcomes | the most frequent | mean, µs of processor | slowest, ms | findings |',
    '| --- | --- | --: | --: | --- | --: | --: | --: |',
    ...rows,
    ...lost.map(({ name, why }) => `| ${name} |  |  |  | ${why} |  |  | 1 |`),
    '',
  ].join('\n');
}

if (values.report !== undefined) writeFileSync(values.report, report(result));
const failed = result.lost.length > 0 || result.tallies.some(({ findings }) => findings.length > 0);
process.stdout.write(
  `\n${names.length} decoders, ${failed ? 'FAILED' : 'no finding'}; ${result.peakMiB} MiB\n`,
);
process.exitCode = failed ? 1 : 0;
