import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { jsonDepth, type Json } from '@sivis/shared/docs/json.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import type { CommandContext, CommandHandler, CommandResult } from './seam.ts';

/** Lines of the admin socket: a request, then what the command says, then its result. */
const requestSchema = z.strictObject({ name: z.string(), args: z.record(z.string(), z.json()) });

/** A request to the admin socket. Throws for anything else. */
export function readAdminRequest(line: string): z.infer<typeof requestSchema> {
  const value: unknown = JSON.parse(line);
  // Schemas of JSON call themselves: depth is looked at before.
  if (jsonDepth(value) > LIMITS.jsonDepth) throw new SivisError('TOO_DEEP', { limit: LIMITS.jsonDepth });
  return requestSchema.parse(value);
}

const replySchema = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ result: z.strictObject({ exit: z.int(), value: z.json() }) }),
]);

/** A line that the service answers; `undefined` for one that is none. */
export function readAdminReply(line: string): z.infer<typeof replySchema> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return jsonDepth(value) > LIMITS.jsonDepth ? undefined : replySchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

export interface AdminSocket {
  close(): Promise<void>;
}

/**
 * Takes commands of the same user while the service runs, one per connection, as JSON lines (decision 19). The socket
 * is readable by its owner only.
 */
export async function openAdminSocket(
  address: string,
  handlers: ReadonlyMap<string, CommandHandler>,
  context: Omit<CommandContext, 'say'>,
): Promise<AdminSocket> {
  if (process.platform !== 'win32') rmSync(address, { force: true });
  const answer = async (socket: net.Socket, line: string): Promise<void> => {
    const reply = (value: unknown): void => {
      if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
    };
    let result: CommandResult;
    try {
      const request = readAdminRequest(line);
      const handler = handlers.get(request.name);
      result =
        handler === undefined
          ? { exit: 2, value: { error: { code: 'unknown-command' } } }
          : await handler({ ...context, say: (text) => reply({ say: text }) }, request.args);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      result = { exit: 1, value: { error: { code: typeof code === 'string' ? code : 'failed' } } };
    }
    reply({ result });
    socket.end();
  };
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).once('line', (line) => void answer(socket, line));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  if (process.platform !== 'win32') chmodSync(address, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** Runs a command inside the serving process. Rejects when nobody answers there. */
export function callAdmin(
  address: string,
  name: string,
  args: Readonly<Record<string, Json>>,
  say: (line: string) => void,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(address);
    let result: CommandResult | undefined;
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${JSON.stringify({ name, args })}\n`));
    createInterface({ input: socket })
      .on('line', (line) => {
        const reply = readAdminReply(line);
        if (reply === undefined) socket.destroy();
        else if ('say' in reply) say(reply.say);
        else result = reply.result as CommandResult;
      })
      .on('close', () => {
        if (result === undefined) reject(new Error('the service ended before it answered'));
        else resolve(result);
      });
  });
}
