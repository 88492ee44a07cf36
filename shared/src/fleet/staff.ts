import { z } from 'zod';
import { idField, nameField } from '../docs/fieldTypes.ts';
import { ROLES } from '../access/roles.ts';

/**
 * A member of staff as colleagues know him: what turns the id in a task, a clash or a log line into a name. Its id is
 * the user's. The service derives it from the account in the same transaction; nobody writes it, and nothing of the
 * account but this is in it.
 */
export const staffSchema = z.strictObject({
  name: nameField,
  role: z.enum(ROLES),
  /** False once the account is disabled: the name stays, so that older records still name him. */
  active: z.boolean(),
  /** Where he works; who shares a site with him knows his name. */
  siteIds: z.array(idField).max(20),
});
/** The service itself as an author: tasks, displaced stays. It is no user and can sign in nowhere. */
export const SERVICE_ACTOR_ID = '01900000-0000-7000-8000-000000000001';

export type Staff = z.infer<typeof staffSchema>;
