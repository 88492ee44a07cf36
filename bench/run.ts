/** `npm run bench [-- NAME…]`: measures, writes results/NAME.json, and writes docs/performance.md from all results. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Figure } from './lib/figure.ts';
import { holds, SCALE } from './lib/figure.ts';
import { loadNow, machine } from './lib/machine.ts';
import { format, writeReport, type Result } from './lib/report.ts';

const here = import.meta.dirname;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const names = (await readdir(path.join(here, 'figures')))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const figures: Figure[] = [];
if (!existsSync(path.join(here, 'node_modules'))) {
  say('The peers are installed into bench/.');
  execFileSync('npm', ['--prefix', here, 'ci', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
for (const name of names) {
  const module = (await import(`./figures/${name}.ts`)) as { figure: Figure };
  figures.push(module.figure);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => name !== 'report' && !figures.some((figure) => figure.name === name));
if (unknown.length > 0) {
  say(`There is no ${unknown.join(', ')}. There are: ${figures.map(({ name }) => name).join(', ')}, report.`);
  process.exit(2);
}
const results = path.join(here, 'results');
await mkdir(results, { recursive: true });

let missed = 0;
for (const figure of figures.filter((one) =>
  asked.length === 0 ? one.asked !== true : asked.includes(one.name),
)) {
  say(`\n${figure.title}`);
  const loadBefore = loadNow();
  const outcome = await figure.run((line) => say(`  ${line}`));
  const { name, title, how, story } = figure;
  const result: Result = {
    name,
    title,
    how,
    ...(story === undefined ? {} : { story }),
    at: new Date().toISOString(),
    machine: machine(),
    loadBefore,
    ...outcome,
  };
  if (SCALE === 1)
    await writeFile(path.join(results, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  for (const goal of outcome.goals) {
    if (!holds(goal)) missed += 1;
    say(
      `  ${holds(goal) ? 'met   ' : 'MISSED'} ${goal.text}: ${format(goal.value, goal.unit)} (${goal.at} ${format(goal.limit, goal.unit)})`,
    );
  }
}
if (SCALE === 1)
  await writeReport(
    results,
    path.resolve(here, '../docs'),
    figures.map(({ name }) => name),
  );
say(
  `\n${SCALE === 1 ? 'docs/performance.md is written' : 'Nothing is written down'}. ${missed === 0 ? 'Every goal is met.' : `${missed} goals are missed.`}`,
);
