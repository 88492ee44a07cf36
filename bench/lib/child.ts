/** A server of a peer or of the bare engine in a process of its own, as the service is. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Child {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `servers/<name>`, which prints its port in its first line, and gives its address. */
export async function startChild(name: string, ...args: readonly string[]): Promise<Child> {
  const file = path.join(import.meta.dirname, '../servers', name);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
