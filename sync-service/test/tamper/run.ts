import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';

/** `npm run tamper -- --seeds 1000 --from 1 [--record]`: tampered and clean logs, one of each per seed. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});
const seeds = Number(values.seeds);
const from = Number(values.from);
const begin = performance.now();
const campaign = await runCampaign(from, seeds, (done) => {
  if (done % 100 === 0) process.stderr.write(`${done}\n`);
});
const commit = (() => {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
})();
const report = {
  command: `npm run tamper -- --seeds ${seeds} --from ${from} --record`,
  commit,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  at: new Date().toISOString(),
  seconds: Math.round((performance.now() - begin) / 100) / 10,
  ...campaign,
};
const sha256 = createHash('sha256').update(JSON.stringify(campaign)).digest('hex');
process.stdout.write(
  `${campaign.tamperedTotal} tampered, ${campaign.undetected.length} undetected; ${campaign.cleanTotal} clean, ${campaign.falseAlarms.length} false alarms; ${report.seconds} s\n`,
);
for (const line of [...campaign.undetected, ...campaign.falseAlarms]) process.stdout.write(`✗ ${line}\n`);
if (values.record) {
  const dir = path.join(import.meta.dirname, '../../../docs/evidence');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'audit-tamper.json'), `${JSON.stringify({ ...report, sha256 }, null, 2)}\n`);
}
process.exitCode = campaign.undetected.length + campaign.falseAlarms.length === 0 ? 0 : 1;
