// zod compiles schemas with `new Function`, which the content policy forbids; its interpreter does the same work. It asks
// this object when the first schema is made, and bundled schemas are made while their chunk is evaluated, so the answer
// must be there before any module: a classic script of its own.
globalThis.__zod_globalConfig = { jitless: true };
