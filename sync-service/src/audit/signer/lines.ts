import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { signRequestSchema, type Signer } from './signer.ts';

/** What the service asks its signer, as JSON lines. */
export const signerCallSchema = z.discriminatedUnion('ask', [
  z.strictObject({ id: z.int(), ask: z.literal('state') }),
  z.strictObject({ id: z.int(), ask: z.literal('sign'), head: signRequestSchema }),
]);

/** Answers calls line by line until the input ends. */
export function answerCalls(signer: Signer, input: Readable, output: Writable): Promise<void> {
  return new Promise((resolve) => {
    createInterface({ input })
      .on('line', (line) => {
        let reply: object;
        try {
          const call = signerCallSchema.parse(JSON.parse(line));
          reply = { id: call.id, value: call.ask === 'state' ? signer.state() : signer.sign(call.head) };
        } catch (error) {
          const id = /"id":(\d{1,15})/.exec(line)?.[1];
          reply = { id: Number(id ?? 0), error: error instanceof Error ? error.name : 'failed' };
        }
        output.write(`${JSON.stringify(reply)}\n`);
      })
      .on('close', () => resolve());
  });
}
