import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { RequestContext } from '../identity/context.ts';
import type { IdentityDeps } from '../identity/signIn.ts';

/** What the routes stand on: store, clock, keys, audit log and the notice that access changed. */
export interface ServiceDeps extends IdentityDeps {
  /** Version of the service, as `/version` says it. */
  readonly version: string;
  /** The data folder, whose disk `/readyz` looks at; '' when there is none. */
  readonly dataDir: string;
  /** True while the service stops: `/readyz` answers 503. */
  readonly stopping: () => boolean;
}

/** The server with schemas by zod. */
export type Service = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A group of routes. `http/sync.ts` exports one as `registerSyncRoutes`. */
export type RoutePlugin = (app: Service, deps: ServiceDeps) => void;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before the body is read on every route that is not public. */
    sivis: RequestContext | null;
  }
  interface FastifyContextConfig {
    /** The route needs no session. */
    public?: boolean;
  }
}

/** Who asks. Throws UNAUTHENTICATED where nobody is signed in (a route that was declared public by mistake). */
export function requireAuth(request: FastifyRequest): RequestContext {
  if (request.sivis === null) throw new SivisError('UNAUTHENTICATED');
  return request.sivis;
}
