import { inject } from 'vitest';
import type { Cluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the programs are, and an address whose database and role are filled in; `null` without PostgreSQL. */
    postgres: { readonly bin: string; readonly url: string } | null;
  }
}

const provided = inject('postgres');

/** False where no PostgreSQL is installed; the run has said so. */
export const HAS_POSTGRES = provided !== null;

export const POSTGRES_BIN = provided?.bin ?? '';

/** Addresses on the server that all test files share. */
export const serverUrl: Cluster['url'] = (database, role = 'sivis_api') =>
  (provided?.url ?? '').replace('DATABASE', database).replace('sivis_api', role);
