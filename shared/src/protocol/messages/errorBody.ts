import { z } from 'zod';

/** Body of every reply that is not 2xx. */
export const errorBodySchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
  requestId: z.string(),
});
