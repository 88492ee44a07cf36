import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';

/** A document of the invented centre, before it has a site, a revision and an author. */
export interface DemoDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly fields: Fields;
}

/** The generator as an author. It is no user and can sign in nowhere. */
export const DEMO_ACTOR_ID = '01900000-0000-7000-8000-000000000003';
