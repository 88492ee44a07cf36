import { spawn } from 'node:child_process';
import net from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { SERVICE_LIMITS } from '../../limits.ts';
import type { Signer, SignReply, SignRequest, SignerState } from './signer.ts';

/** The service's end of the signer. */
export interface SignerPort {
  state(): Promise<SignerState>;
  sign(head: SignRequest): Promise<SignReply>;
  close(): Promise<void>;
}

/** The signer does not answer; what is logged stays logged and is signed when it is back. */
export class SignerGoneError extends Error {
  readonly code = 'SIGNER_GONE';
  constructor(cause?: unknown) {
    super('the signer of the audit log does not answer', { cause });
    this.name = 'SignerGoneError';
  }
}

const stateSchema = z.strictObject({
  key: z.string(),
  origin: z.string(),
  size: z.int(),
  root: z.string(),
  note: z.string(),
});
const signReplySchema = z.union([
  z.strictObject({ note: z.string() }),
  z.strictObject({ refused: z.enum(['smaller', 'inconsistent', 'malformed']), size: z.int() }),
]);
const replySchema = z.union([
  z.strictObject({ id: z.int(), value: z.unknown() }),
  z.strictObject({ id: z.int(), error: z.string() }),
]);

/** A reply of the signer; `undefined` for a line that is none, which is as good as no answer. */
export function readReply(line: string): z.infer<typeof replySchema> | undefined {
  try {
    return replySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

interface Line {
  readonly input: Writable;
  readonly output: Readable;
  /** Ends it and resolves when it is gone. */
  end(): Promise<void>;
  /** Calls back when it is gone. */
  onGone(call: (cause?: unknown) => void): void;
}

/** A signer behind a line that is opened when it is needed, and anew after it broke. */
function signerOver(open: () => Promise<Line>): SignerPort {
  let line: Promise<Line> | undefined;
  let last = 0;
  const waiting = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void }>();
  const broken = (cause?: unknown): void => {
    line = undefined;
    for (const { failed } of waiting.values()) failed(new SignerGoneError(cause));
    waiting.clear();
  };
  const connect = (): Promise<Line> =>
    (line ??= open().then((opened) => {
      opened.onGone(broken);
      createInterface({ input: opened.output }).on('line', (text) => {
        const reply = readReply(text);
        if (reply === undefined) return;
        const call = waiting.get(reply.id);
        waiting.delete(reply.id);
        if ('error' in reply) call?.failed(new SignerGoneError(reply.error));
        else call?.done(reply.value);
      });
      return opened;
    }));
  const ask = async (call: object): Promise<unknown> => {
    const opened = await connect().catch((error: unknown) => {
      line = undefined;
      throw new SignerGoneError(error);
    });
    last += 1;
    const id = last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new SignerGoneError('no answer in time'));
      }, SERVICE_LIMITS.signerMs);
      waiting.set(id, {
        done: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      opened.input.write(`${JSON.stringify({ id, ...call })}\n`);
    });
  };
  /** Throws SIGNER_GONE for a value that no signer gives. */
  const asked = async <S extends z.ZodType>(schema: S, call: object): Promise<z.infer<S>> => {
    const { data } = schema.safeParse(await ask(call));
    if (data === undefined) throw new SignerGoneError('an answer that is none');
    return data;
  };
  return {
    state: () => asked(stateSchema, { ask: 'state' }),
    sign: (head) => asked(signReplySchema, { ask: 'sign', head }),
    async close() {
      const opened = await line?.catch(() => undefined);
      line = undefined;
      await opened?.end();
    },
  };
}

/** A signer as a process of its own, started by this one; its key stands in `dir` and nowhere else. */
export function spawnSigner(dir: string, origin: string, extensions: readonly string[]): SignerPort {
  return signerOver(async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [main, '--state', dir, '--origin', origin, ...extensions.flatMap((one) => ['--continues', one])],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const gone = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    child.stdin.on('error', () => undefined);
    return {
      input: child.stdin,
      output: child.stdout,
      end: async () => {
        child.stdin.end();
        await gone;
      },
      onGone: (call) => void gone.then(() => call('the process ended')),
    };
  });
}

/**
 * A signer that runs on its own and listens at a socket. One that signs for another log is none: after a restore it has
 * to be told the new name (`audit origin`).
 */
export function connectSigner(socket: string, origin: string): SignerPort {
  const signer = signerOver(
    () =>
      new Promise((resolve, reject) => {
        const connection = net.connect(socket);
        connection.once('error', reject);
        connection.once('connect', () => {
          connection.off('error', reject);
          connection.on('error', () => undefined);
          resolve({
            input: connection,
            output: connection,
            end: async () => void connection.destroy(),
            onGone: (call) => connection.once('close', () => call('the connection ended')),
          });
        });
      }),
  );
  return {
    ...signer,
    async state() {
      const state = await signer.state();
      if (state.origin !== origin) throw new SignerGoneError(`it signs for ${state.origin}`);
      return state;
    },
  };
}

/** A signer inside this process, for tests and simulated worlds. */
export function localSigner(signer: Signer): SignerPort {
  return {
    state: async () => signer.state(),
    sign: async (head) => signer.sign(head),
    close: async () => undefined,
  };
}
