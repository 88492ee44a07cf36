import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './lib/project.mjs';

const FOLDER = path.join(ROOT, 'installers/linux');
const UNITS = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Exposure in systemd's own measure, 0 to 10: below 2 is what it calls fine. */
const MOST_EXPOSED = 2;

describe('units of systemd', () => {
  it.each(UNITS)('%s gives up everything that it does not need', (name) => {
    const unit = readFileSync(path.join(FOLDER, name), 'utf8');
    for (const line of [
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'CapabilityBoundingSet=',
      'UMask=0077',
    ])
      expect(unit.split('\n')).toContain(line);
    expect(unit).toMatch(/^User=sivis/m);
    // The engine writes the code that it runs.
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
  });

  it.skipIf(!hasSystemd).each(UNITS)('%s is understood by systemd and little exposed', (name) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sivis-unit-'));
    try {
      const unit = readFileSync(path.join(FOLDER, name), 'utf8')
        // Neither the program nor its documents are installed here.
        .replaceAll('/opt/sivis/node_modules/.bin/node', process.execPath)
        .replace(/^Documentation=.*\n/m, '');
      const file = path.join(folder, name);
      writeFileSync(file, unit);
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      const own = `${verified.stdout}${verified.stderr}`.split('\n').filter((line) => line.includes(name));
      expect([own, verified.status]).toEqual([[], 0]);
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', file], {
        encoding: 'utf8',
      });
      const level = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
      expect(level).toBeLessThan(MOST_EXPOSED);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
