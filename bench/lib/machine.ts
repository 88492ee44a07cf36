/** What the figures were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { browserPath } from '../../desktop/e2e/support/browser.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly chromium: string;
}

function release(): string {
  try {
    const line = readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="(.*)"$/m);
    return line?.[1] ?? os.platform();
  } catch {
    return `${os.platform()} ${os.release()}`;
  }
}

export function machine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: release(),
    node: process.version,
    chromium: execFileSync(browserPath(), ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .replace(/ built on.*/s, '')
      .trim(),
  };
}

/** The work that others do on the machine now: processes that run or want to, averaged over the last minute. */
export function loadNow(): number {
  return os.loadavg()[0] ?? 0;
}

/** Most memory that a process has had at once, in MB; NaN where the system does not tell. */
export function processPeakMb(pid: number): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kib) * 1_024) / 1_000_000;
  } catch {
    return NaN;
  }
}

/** Processor time that a process has used, in ms; NaN where the system does not tell. */
export function processCpu(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    // Linux counts in hundredths of a second.
    return (Number(user) + Number(system)) * 10;
  } catch {
    return NaN;
  }
}
