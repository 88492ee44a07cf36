import { readdir } from 'node:fs/promises';
import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { opSchema } from '../docs/op.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts';

/**
 * The wire schemas of each version, as a hash. A line is written when a version is first released and never changed
 * afterwards; before the first release the line of version 1 may follow the schemas.
 */
const PINNED: Readonly<Record<number, string>> = {
  1: '478b0006890d3f66f2bd23275375336f6b9ed953153010c3771af9ccd583aefd',
};

/** The wire schemas by name, as JSON Schema: those of every file in `messages`. */
async function wireSchemas(): Promise<Record<string, unknown>> {
  const exported: Record<string, unknown> = { opSchema };
  for (const file of await readdir(new URL('./messages/', import.meta.url)))
    Object.assign(exported, await import(`./messages/${file.slice(0, -3)}.ts`));
  const schemas: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exported)) {
    if (value instanceof z.ZodType)
      schemas[name] = z.toJSONSchema(value, { io: 'input', unrepresentable: 'any' });
  }
  return schemas;
}

async function hashOf(value: unknown): Promise<string> {
  const text = new TextEncoder().encode(canonicalize(value));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('the protocol version', () => {
  it('steps when a wire schema changes', async () => {
    const schemas = await wireSchemas();
    expect(Object.keys(schemas)).toContain('pullRequestSchema');
    expect(Object.keys(schemas)).toContain('opSchema');
    const hash = await hashOf(schemas);
    const message = [
      `The wire schemas changed, but PROTOCOL_VERSION is still ${PROTOCOL_VERSION}.`,
      '1. Raise PROTOCOL_VERSION in shared/src/protocol/version.ts and write its line of history; keep the version',
      '   before it answered (OLDEST_PROTOCOL_VERSION) or say in docs/sync-protocol.md why not.',
      '2. Bring docs/sync-protocol.md and conformance/client.py to the new version.',
      `3. Add the line "${PROTOCOL_VERSION + 1}: '${hash}'" to PINNED in version.test.ts; leave the older lines.`,
      'A change that was not meant: take it back. Desks of the old version are at work.',
    ].join('\n');
    expect(hash, message).toBe(PINNED[PROTOCOL_VERSION]);
  });

  it('is notified by a changed limit, a new field and a new value of an enumeration', async () => {
    const base = z.strictObject({ a: z.string().max(5), b: z.enum(['x']) });
    const hashes = await Promise.all(
      [
        base,
        z.strictObject({ a: z.string().max(6), b: z.enum(['x']) }),
        z.strictObject({ a: z.string().max(5), b: z.enum(['x', 'y']) }),
        z.strictObject({ a: z.string().max(5), b: z.enum(['x']), c: z.boolean().optional() }),
      ].map((schema) => hashOf(z.toJSONSchema(schema))),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is answered together with the one before', () => {
    expect(PINNED[PROTOCOL_VERSION]).toBeDefined();
    expect(PROTOCOL_VERSION - OLDEST_PROTOCOL_VERSION).toBeLessThanOrEqual(1);
    expect(OLDEST_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
  });
});
