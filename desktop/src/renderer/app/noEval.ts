import { config } from 'zod';

// zod compiles schemas with `new Function`, which the content policy forbids; its interpreter does the same work.
config({ jitless: true });
