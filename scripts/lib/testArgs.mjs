/** The flags of `npm test`. */
import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

export const STAGES = ['check', 'units', 'e2e'];

export const USAGE = `npm test -- [--only check|units|e2e] [--no-check] [what to run, passed on to vitest and Playwright]`;

/**
 * @param {string[]} argv without node and script
 * @returns {{ stages: string[], rest: string[] }}
 * @throws {Failure} with exit code 2 for an unknown flag or stage
 */
export function parseTestArgs(argv) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { only: { type: 'string' }, 'no-check': { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new Failure(`${error.message}\n\n${USAGE}`, 2);
  }
  const { only, 'no-check': noCheck } = parsed.values;
  if (only !== undefined && !STAGES.includes(only)) throw new Failure(USAGE, 2);
  const stages = only === undefined ? STAGES.filter((stage) => stage !== 'check' || !noCheck) : [only];
  return { stages, rest: parsed.positionals };
}
