import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './list.ts';

const root = path.resolve(import.meta.dirname, '../..');

describe('mutants', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s: its text stands in its file once',
    (_, mutant) => {
      expect(readFileSync(path.join(root, mutant.file), 'utf8').split(mutant.text)).toHaveLength(2);
    },
  );

  it('one is found', () => {
    const run = spawnSync(
      process.execPath,
      [
        '--import',
        path.join(root, 'sim/mutants/hook.ts'),
        path.join(root, 'sim/run.ts'),
        '--seeds',
        '20',
        '--until-broken',
      ],
      { env: { ...process.env, SIVIS_MUTANT: 'two stays on one bed' }, encoding: 'utf8' },
    );
    expect(run.stdout).toMatch(/^seed \d+, step \d+/m);
    expect(run.status).toBe(1);
  });
});
