import { z } from 'zod';
import { dateField, idField, instantField } from '../../docs/fieldTypes.ts';

/** The text that somebody wants to open: of a day at a site, or on a client. */
export const textOpenSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['shiftLog', 'teamLog']), siteId: idField, day: dateField }),
  z.strictObject({ kind: z.enum(['clientNote', 'protectedNote']), personId: idField }),
]);
export type TextOpen = z.infer<typeof textOpenSchema>;

/** The name of its room, what may be done there, and the ticket for one socket. */
export const textOpenedSchema = z.strictObject({
  room: idField,
  access: z.enum(['read', 'write']),
  ticket: z.string(),
  expiresAt: instantField,
});
export type TextOpened = z.infer<typeof textOpenedSchema>;

/** Subprotocol of the socket of a text; the second offered one is `ticket.` and the ticket. */
export const TEXT_SUBPROTOCOL = 'sivis.text.1';

/** The first number of every message: those of y-websocket, and one more that renews the ticket in band. */
export const TEXT_MESSAGE = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, renew: 80 } as const;

/** Words of a refusal (y-protocols/auth): what the client sent was not taken, and is kept only by the client. */
export const TEXT_REFUSED = 'read-only';

/**
 * Why the service closes the socket of a text. A stock y-websocket takes 4400–4499 as final and comes again after every
 * other code.
 */
export const TEXT_CLOSE = {
  /** The ticket was not renewed in time: ask for a new one and come again. */
  expired: 4001,
  /** What was sent is no message of this door. */
  malformed: 4400,
  /** The session ended, the user or the desk may no longer be here. */
  ended: 4401,
  /** The right to the text is not there, or no longer. */
  denied: 4403,
  /** The update or the text would be larger than allowed. Nothing of it was taken. */
  tooLarge: 4413,
  /** The store did not take an update: it is still at the client, who comes again and sends it again. */
  notStored: 4503,
  /** Too many messages or rooms: come again later. */
  tooMany: 4529,
  /** The service restarts: come again after a moment. */
  restart: 1012,
} as const;
