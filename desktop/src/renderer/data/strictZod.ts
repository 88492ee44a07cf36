import { config } from 'zod';

/**
 * Zod without generated code: the page's content policy forbids `new Function`, and zod would try it once and be
 * reported for it. Imported before anything that builds a schema.
 */
config({ jitless: true });
