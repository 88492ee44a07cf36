import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MUTANTS } from './list.ts';

/**
 * `npm run sim:mutants -- [--seeds N] [--only TEXT]`: runs worlds with each mutant in the code until one breaks a promise.
 * Prints the table for docs/simulation.md; ends with exit code 1 when a mutant lived through all worlds.
 */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '300' }, only: { type: 'string', default: '' } },
});
const here = import.meta.dirname;
let survivors = 0;
process.stdout.write(
  '| mutant | worlds | seed, step | what the simulation said |\n| --- | ---: | --- | --- |\n',
);
for (const { name } of MUTANTS.filter((mutant) => mutant.name.includes(values.only))) {
  const run = spawnSync(
    process.execPath,
    [
      '--import',
      path.join(here, 'hook.ts'),
      path.join(here, '../run.ts'),
      '--seeds',
      values.seeds,
      '--until-broken',
    ],
    { env: { ...process.env, SIVIS_MUTANT: name }, encoding: 'utf8' },
  );
  const worlds = /^(\d+) worlds/m.exec(run.stdout)?.[1] ?? '';
  const found = /^seed (\d+), step (\d+): (?:\w*Error: )?([^:{\n]*)/m.exec(run.stdout);
  if (found === null) {
    survivors += 1;
    process.stdout.write(`| ${name} | ${worlds} | **not found** | ${run.stderr.slice(0, 300)} |\n`);
  } else process.stdout.write(`| ${name} | ${worlds} | ${found[1]}, ${found[2]} | ${found[3]?.trim()} |\n`);
}
process.exitCode = survivors > 0 ? 1 : 0;
