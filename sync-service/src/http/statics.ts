import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { policyPart, securityHeaders } from '@sivis/shared/protocol/contentPolicy.ts';
import type { Service } from './deps.ts';

/** Built files whose name carries a hash of their content never change. */
const HASHED = /^\/(assets|workers)\/.*-[\w-]{8}\.[a-z0-9]+$/;

/** Serves the built workstation. Screens are hash routes, so every path is a file. */
export function registerStatics(app: Service, root: string): void {
  app.register(fastifyStatic, {
    root: path.resolve(root),
    index: 'index.html',
    dotfiles: 'ignore',
    cacheControl: false,
    decorateReply: false,
    setHeaders(reply, file) {
      const pathname = `/${path.relative(path.resolve(root), file).split(path.sep).join('/')}`;
      for (const [name, value] of Object.entries(securityHeaders(policyPart(pathname), ["'self'"]))) {
        reply.header(name, value);
      }
      reply.header(
        'cache-control',
        HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}
