import { z } from 'zod';
import { COLLECTIONS } from '../../docs/kinds.ts';
import { instantField } from '../../docs/fieldTypes.ts';

export const ticketResponseSchema = z.strictObject({ ticket: z.string(), expiresAt: instantField });

/** Notices of the live socket: only that something changed; the content comes by pull, under rights. */
export const noticeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), epoch: z.string(), serverTime: instantField }),
  z.strictObject({ type: z.literal('changed'), collections: z.array(z.enum(COLLECTIONS)) }),
  z.strictObject({ type: z.literal('rights') }),
  z.strictObject({ type: z.literal('renewed'), expiresAt: instantField }),
]);
export type Notice = z.infer<typeof noticeSchema>;
export const liveClientMessageSchema = z.strictObject({
  type: z.literal('renew'),
  ticket: z.string().max(2000),
});

/** Subprotocol of the live socket; the second offered one is `ticket.` and the ticket (decision 7). */
export const LIVE_SUBPROTOCOL = 'sivis.live.1';
