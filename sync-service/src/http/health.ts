import { statfs } from 'node:fs/promises';
import { z } from 'zod';
import { PROTOCOL_VERSION, OLDEST_PROTOCOL_VERSION } from '@sivis/shared/protocol/version.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { RoutePlugin, ServiceDeps } from './deps.ts';

const readySchema = z.strictObject({ ready: z.boolean(), reasons: z.array(z.string()) });

async function diskIsLow(dataDir: string): Promise<boolean> {
  if (dataDir === '') return false;
  const disk = await statfs(dataDir);
  return disk.bavail < disk.blocks * SERVICE_LIMITS.diskFreeShare;
}

/** Why the service should get no requests now; empty when it may. */
export async function notReadyReasons(deps: ServiceDeps): Promise<string[]> {
  const reasons: string[] = [];
  if (deps.stopping()) reasons.push('stopping');
  try {
    // The schema is current or the store would not have opened.
    await deps.store.write((tx) => tx.setMeta('ready', String(deps.clock.now())));
  } catch {
    reasons.push('store-not-writable');
  }
  try {
    if (await diskIsLow(deps.dataDir)) reasons.push('disk-low');
  } catch {
    reasons.push('disk-unknown');
  }
  return reasons;
}

/** `/healthz` says that the process lives, `/readyz` that it can serve, `/version` which one it is. */
export const registerHealth: RoutePlugin = (app, deps) => {
  app.get(
    '/healthz',
    { config: { public: true }, schema: { response: { 200: z.strictObject({ ok: z.boolean() }) } } },
    () => ({
      ok: true,
    }),
  );
  app.get(
    '/readyz',
    { config: { public: true }, schema: { response: { 200: readySchema, 503: readySchema } } },
    async (_request, reply) => {
      const reasons = await notReadyReasons(deps);
      return reply.status(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
    },
  );
  app.get(
    '/version',
    {
      config: { public: true },
      schema: {
        response: {
          200: z.strictObject({ version: z.string(), protocol: z.int(), oldestProtocol: z.int() }),
        },
      },
    },
    () => ({ version: deps.version, protocol: PROTOCOL_VERSION, oldestProtocol: OLDEST_PROTOCOL_VERSION }),
  );
};
