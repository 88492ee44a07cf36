import { generateKeyPairSync } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { readReply } from '../../sync-service/src/audit/signer/client.ts';
import { answerCalls } from '../../sync-service/src/audit/signer/lines.ts';
import { createSigner } from '../../sync-service/src/audit/signer/signer.ts';
import { readAdminReply, readAdminRequest } from '../../sync-service/src/cli/adminSocket.ts';
import { bytesOf, textOf, type Target } from '../lib/target.ts';
import { ID, ROOT } from './requests.ts';

const MOST = 1_048_576;

/** The service's two local sockets: commands of the administrator, and what the signer is asked. */
export function commandTargets(): Target[] {
  const { privateKey } = generateKeyPairSync('ed25519');
  const signer = () =>
    createSigner(privateKey, 'sivis.lv/audit/fuzz', [], { load: () => undefined, save: () => undefined });
  return [
    {
      name: 'admin socket',
      door: 'a local socket, the same account',
      seeds: [
        bytesOf({ name: 'admin user create', args: { user: 'anna', role: 'it', sites: [ID] } }),
        bytesOf({ name: 'doctor', args: {} }),
      ],
      json: true,
      limit: MOST,
      run(input) {
        try {
          readAdminRequest(textOf(input));
          return 'taken';
        } catch (error) {
          // Whatever it throws is answered with an exit code; what counts is that it does throw.
          if (error instanceof SyntaxError || error instanceof z.ZodError) return 'malformed';
          throw error;
        }
      },
    },
    {
      name: 'answer of the admin socket',
      door: 'a local socket, the same account',
      seeds: [bytesOf({ result: { exit: 0, value: { a: [1] } } }), bytesOf({ say: 'Gatavs.' })],
      json: true,
      limit: MOST,
      run: (input) => (readAdminReply(textOf(input)) === undefined ? 'malformed' : 'taken'),
    },
    {
      name: 'answer of the signer',
      door: 'a local socket, the signer’s account',
      seeds: [bytesOf({ id: 1, value: { note: 'n' } }), bytesOf({ id: 2, error: 'failed' })],
      json: true,
      limit: MOST,
      run: (input) => (readReply(textOf(input)) === undefined ? 'malformed' : 'taken'),
    },
    {
      name: 'signer call',
      door: 'a local socket, the service’s account',
      seeds: [
        bytesOf({ id: 1, ask: 'sign', head: { size: 1, root: ROOT, proof: [] } }),
        bytesOf({ id: 2, ask: 'state' }),
      ],
      json: true,
      limit: MOST,
      async run(input) {
        const [asked, answered] = [new PassThrough(), new PassThrough()];
        const chunks: Buffer[] = [];
        answered.on('data', (chunk: Buffer) => chunks.push(chunk));
        const line = textOf(input).replaceAll(/[\r\n\u2028\u2029]/g, ' ');
        const done = answerCalls(signer(), asked, answered);
        asked.end(`${line}\n`);
        await done;
        const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n');
        const reply = JSON.parse(lines[0] ?? '') as { error?: string; value?: { refused?: string } };
        if (lines.length !== 1) throw new TypeError('one line was asked, more were answered');
        return reply.error === undefined ? `taken ${reply.value?.refused ?? ''}` : 'refused';
      },
    },
  ];
}
