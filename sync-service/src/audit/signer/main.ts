import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { answerCalls } from './lines.ts';
import { openSigner } from './signer.ts';

/**
 * The process of the signer. Started by the service it answers on its standard streams and ends with them; with
 * `--socket` it runs on its own, under an account of its own, and the service is told the socket.
 */
export async function runSigner(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: 'string' },
      origin: { type: 'string' },
      continues: { type: 'string', multiple: true },
      socket: { type: 'string' },
    },
  });
  if (values.state === undefined || values.origin === undefined)
    throw new TypeError('--state and --origin are needed');
  process.umask(0o077);
  // A unit file passes an empty one where there is nothing to continue.
  const continues = (values.continues ?? []).filter((line) => line !== '');
  const signer = openSigner(values.state, values.origin, continues);
  const { socket } = values;
  if (socket === undefined) {
    // The service decides when it ends: a signal to the whole group must not take the signer away under it.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => undefined);
    await answerCalls(signer, process.stdin, process.stdout);
    return;
  }
  if (process.platform !== 'win32') rmSync(socket, { force: true });
  const server = net.createServer((connection) => {
    connection.on('error', () => connection.destroy());
    void answerCalls(signer, connection, connection);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  // Who may connect is decided by the group of the socket's folder.
  if (process.platform !== 'win32') chmodSync(socket, 0o660);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => server.close(() => resolve()));
  });
}

if (import.meta.main) await runSigner(process.argv.slice(2));
