/** The flags of `npm start`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

export const DEFAULT_PORT = 4180;

export const USAGE = `npm start -- [--port N] [--data MAPE] [--no-open] [--no-demo] [--desk N]

  --port N     ports, kurā klausās sinhronizācijas serviss (citādi ${DEFAULT_PORT} vai nākamais brīvais)
  --data MAPE  datu mape (citādi .data/demo; ar --no-demo .data/centre)
  --no-open    darbstaciju neatver, tikai izdrukā adresi
  --no-demo    tukšs centrs bez demonstrācijas datiem
  --desk N     vēl viena darbstacija uz šī datora, N = 2, 3, …`;

function wholeNumber(text, flag, low, high) {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw new Failure(
      `${flag} ir vajadzīgs vesels skaitlis no ${low} līdz ${high}, nevis “${text}”.\n\n${USAGE}`,
      2,
    );
  }
  return number;
}

/**
 * Reads the flags.
 * @param {string[]} argv without node and script
 * @param {{ root: string, cwd?: string }} place the project; relative --data counts from cwd
 * @returns {{ help: boolean, port: number | undefined, data: string, open: boolean, demo: boolean, desk: number }}
 *   port undefined when not asked for; desk 1 is the service's own address
 * @throws {Failure} with exit code 2 for an unknown flag or a wrong value
 */
export function parseStartArgs(argv, { root, cwd = process.cwd() }) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        'no-demo': { type: 'boolean', default: false },
        desk: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new Failure(`${error.message}\n\n${USAGE}`, 2);
  }
  const demo = !values['no-demo'];
  return {
    help: values.help,
    port: values.port === undefined ? undefined : wholeNumber(values.port, '--port', 1, 65_535),
    data:
      values.data === undefined
        ? path.join(root, '.data', demo ? 'demo' : 'centre')
        : path.resolve(cwd, values.data),
    open: !values['no-open'],
    demo,
    desk: values.desk === undefined ? 1 : wholeNumber(values.desk, '--desk', 1, 99),
  };
}
