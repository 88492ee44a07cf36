import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { wireDocSchema } from './sync.ts';

/** The search over all people of the user's scope, at the service. */

export const searchRequestSchema = z.strictObject({
  text: wholeText.min(2).max(120),
  limit: z.int().min(1).max(50),
});
export const searchHitSchema = z.strictObject({
  person: wireDocSchema,
  stays: z.array(wireDocSchema),
  contacts: z.array(wireDocSchema),
});
export const searchResponseSchema = z.strictObject({
  hits: z.array(searchHitSchema),
  total: z.int().min(0),
  serverTime: instantField,
});
export type SearchResponse = z.infer<typeof searchResponseSchema>;
/** The card of one person who is not on this desk. */
export const cardRequestSchema = z.strictObject({ personId: idField });
export const cardResponseSchema = searchHitSchema;
