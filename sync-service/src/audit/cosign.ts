import { toBase64 } from '@sivis/shared/tlog/bytes.ts';
import { addSignatures, cosignedAt, parseNote, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import { ed25519Verify } from './nodeCrypto.ts';

/** A witness outside that speaks C2SP tlog-witness: its submission prefix and its verifier key (type 0x04). */
export interface OutsideWitness {
  readonly url: string;
  readonly key: VerifierKey;
}

/** What a witness answered. `refused`: it saw another history of this log. */
export type CosignResult =
  | { readonly note: string; readonly seconds: number }
  | { readonly refused: true }
  | { readonly failed: string };

/**
 * Submits a checkpoint (`add-checkpoint`) and returns it with the witness's cosignature. The first try is made from the
 * size that the witness is believed to know; it answers 409 with the size that it does know.
 *
 * @param proofFrom the consistency proof from that size
 */
export async function cosign(
  witness: OutsideWitness,
  note: string,
  knownSize: number,
  size: number,
  proofFrom: (size: number) => Promise<readonly Uint8Array[]>,
  post: typeof fetch = fetch,
): Promise<CosignResult> {
  let from = knownSize;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const proof = await proofFrom(from);
    let reply: Response;
    try {
      reply = await post(`${witness.url.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        body: `${[`old ${from}`, ...proof.map(toBase64), ''].join('\n')}\n${note}`,
        signal: AbortSignal.timeout(SERVICE_LIMITS.witnessMs),
      });
    } catch (error) {
      return { failed: error instanceof Error ? error.name : 'failed' };
    }
    const text = await reply.text();
    if (reply.status === 200) {
      const both = addSignatures(note, text);
      const parsed = parseNote(both);
      const seconds = parsed === undefined ? undefined : await cosignedAt(ed25519Verify, witness.key, parsed);
      return seconds === undefined ? { failed: 'signature' } : { note: both, seconds };
    }
    if (reply.status !== 409)
      return reply.status === 422 ? { refused: true } : { failed: String(reply.status) };
    const known = /^(0|[1-9]\d{0,15})\n$/.exec(text)?.[1];
    // It knows a larger tree, or another one of this size.
    if (known === undefined || Number(known) > size || Number(known) === from) return { refused: true };
    from = Number(known);
  }
  return { refused: true };
}
