import { z } from 'zod';
import { idField, instantField, longText, shortText } from '../docs/fieldTypes.ts';
import { ROLES } from '../access/roles.ts';

export const TASK_KINDS = ['bedClash', 'duplicateCandidate', 'provisionalPerson', 'manual'] as const;

/** A piece of work with an owner: a role until somebody takes it. It names documents by id, never people by name. */
export const taskSchema = z.strictObject({
  taskKind: z.enum(TASK_KINDS),
  state: z.enum(['open', 'done', 'dismissed']),
  ownerRole: z.enum(ROLES),
  ownerId: idField.optional(),
  dueAt: instantField.optional(),
  stayIds: z.array(idField).max(20).optional(),
  personIds: z.array(idField).max(20).optional(),
  /** The block that closes beds over these stays. */
  blockId: idField.optional(),
  /** The bed that two stays claim. */
  bedId: idField.optional(),
  /** First and last claimed night, half-open. */
  from: z.string().max(10).optional(),
  to: z.string().max(10).optional(),
  /** Beds free for the whole time, best first. */
  proposedBedIds: z.array(idField).max(10).optional(),
  title: shortText.optional(),
  text: longText.optional(),
  resolution: shortText.optional(),
});
export type Task = z.infer<typeof taskSchema>;
