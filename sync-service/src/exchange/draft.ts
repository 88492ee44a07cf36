import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';

/** A document that an import wants to be there; whether it is written depends on what is there already. */
export interface ImportDraft {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly fields: Fields;
}

/** The import as an author of documents. It is no user and can sign in nowhere. */
export const IMPORT_ACTOR_ID = '01900000-0000-7000-8000-000000000002';
