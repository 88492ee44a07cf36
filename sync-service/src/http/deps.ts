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
import type { Transparency } from '../audit/transparency.ts';
import type { RequestContext } from '../identity/context.ts';
import type { IdentityDeps } from '../identity/parts.ts';
import type { Metrics } from './metrics.ts';

/** What the routes stand on: store, clock, keys, audit log and the notice that access changed. */
export interface ServiceDeps extends IdentityDeps {
  /** Version of the service, as `/version` says it. */
  readonly version: string;
  /** The data folder, whose disk `/readyz` looks at; '' when there is none. */
  readonly dataDir: string;
  /** Origin by which desks call the service behind a proxy; '' for the one that a request itself names. */
  readonly publicUrl: string;
  /** The published audit log; none in a service that publishes none (tests, simulated worlds). */
  readonly transparency?: Transparency;
  /** Counts what happens; none where nobody reads it. */
  readonly metrics?: Metrics;
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
    /** Thumbprint of the key that the request proved, on routes that ask for a proof without a session. */
    deskKey: string | null;
  }
  interface FastifyContextConfig {
    /** The route needs no session. */
    public?: boolean;
    /** A public route where the desk proves its key all the same. */
    proof?: boolean;
  }
}

/** Who asks. Throws UNAUTHENTICATED where nobody is signed in (a route that was declared public by mistake). */
export function requireAuth(request: FastifyRequest): RequestContext {
  if (request.sivis === null) throw new SivisError('UNAUTHENTICATED');
  return request.sivis;
}

/** The key that the desk proved. Throws DPOP_INVALID where none was asked for (a route declared without it by mistake). */
export function requireProof(request: FastifyRequest): string {
  if (request.deskKey === null) throw new SivisError('DPOP_INVALID', { reason: 'missing' });
  return request.deskKey;
}
