/**
 * Writes a seeded set of 4Hotel files with planted faults, and the answer that an import must give (expected.json).
 *
 *   node scripts/make-legacy-fixture.ts DIR [--seed 1] [--rooms 40] [--guests 400] [--reservations 700]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeFixture, SMALL } from '../sync-service/test/legacy/makeFixture.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    rooms: { type: 'string', default: String(SMALL.rooms) },
    guests: { type: 'string', default: String(SMALL.guests) },
    reservations: { type: 'string', default: String(SMALL.reservations) },
  },
});
const dir = positionals[0];
if (dir === undefined) {
  console.error(
    'Usage: node scripts/make-legacy-fixture.ts DIR [--seed N] [--rooms N] [--guests N] [--reservations N]',
  );
  process.exit(2);
}
const { files, expected } = makeFixture(Number(values.seed), {
  rooms: Number(values.rooms),
  guests: Number(values.guests),
  reservations: Number(values.reservations),
});
mkdirSync(dir, { recursive: true });
for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(dir, name), bytes);
writeFileSync(path.join(dir, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
