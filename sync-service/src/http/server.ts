import https from 'node:https';
import fastifySwagger from '@fastify/swagger';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { requireSession, subjectOf } from '../identity/context.ts';
import { createProofs } from '../identity/proof.ts';
import { readToken } from '../identity/tokens.ts';
import { registerAuth } from './auth.ts';
import { createBodyReader } from './body.ts';
import type { RoutePlugin, Service, ServiceDeps } from './deps.ts';
import { drain } from './drain.ts';
import { sendError, toSivisError } from './errors.ts';
import { registerFleet } from './fleet.ts';
import { registerHealth } from './health.ts';
import { registerOversight } from './oversight.ts';
import { registerPeople } from './people.ts';
import { registerQuarantine } from './quarantine.ts';
import { createRateLimit } from './rateLimit.ts';
import { appVersion, APP_CORS, DATA_HEADERS, originOf } from './security.ts';
import { registerStatics } from './statics.ts';
import { registerTexts } from './texts.ts';

export interface ServerOptions {
  readonly deps: ServiceDeps;
  readonly log: FastifyBaseLogger;
  /** Folder of the built workstation; none is served without it. */
  readonly statics?: string;
  /** Addresses of proxies whose word about the caller's address is taken; none by default. */
  readonly trustedProxies?: readonly string[];
  /** Certificate and key, PEM; plain HTTP without them. */
  readonly tls?: TlsFiles;
  /** Further routes (sync). */
  readonly plugins?: readonly RoutePlugin[];
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A listener with TLS 1.3, or 1.2 for a proxy that has no newer (RFC 9325 §3.1.1). */
function tlsServer({ cert, key }: TlsFiles): FastifyServerFactory {
  return (handler) =>
    https.createServer({ cert, key, minVersion: 'TLSv1.2' }, (request, response) =>
      handler(request, response),
    );
}

const BOUND = /^DPoP ([\w-]+\.[\w-]+\.[\w-]+)$/;

/** Builds the one door of the service: every route behind origin check, session, rate limit and schema. */
export async function buildServer(options: ServerOptions): Promise<Service> {
  const { deps } = options;
  const app: Service = Fastify({
    loggerInstance: options.log,
    ...(options.tls === undefined ? {} : { serverFactory: tlsServer(options.tls) }),
    // One line per request, written below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newId(),
    bodyLimit: LIMITS.bodyBytes,
    trustProxy:
      options.trustedProxies === undefined || options.trustedProxies.length === 0
        ? false
        : [...options.trustedProxies],
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: false },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('sivis', null);
  app.decorateRequest('deskKey', null);

  registerBody(app);
  registerGuards(app, deps);

  app.setErrorHandler(async (error, request, reply) => {
    const known = toSivisError(error);
    if (known.code === 'TOO_LARGE') await drain(request.raw);
    if (known.code === 'DPOP_NONCE') void reply.header('www-authenticate', 'DPoP error="use_dpop_nonce"');
    if (known.code === 'DPOP_INVALID')
      request.log.warn({ reason: known.detail['reason'] }, 'a proof was refused');
    if (known.code === 'INTERNAL' || known.code === 'STORE_FULL') {
      request.log.error({ err: error, code: known.code }, 'request failed');
    }
    return sendError(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) => sendError(request, reply, new SivisError('NOT_FOUND')));

  await app.register(fastifySwagger, {
    openapi: { info: { title: 'SIVIS', version: deps.version } },
    transform: jsonSchemaTransform,
  });
  const plugins = [
    registerHealth,
    registerAuth,
    registerFleet,
    registerOversight,
    registerPeople,
    registerQuarantine,
    registerTexts,
    ...(options.plugins ?? []),
  ];
  for (const plugin of plugins) {
    await app.register(async (scope) => {
      plugin(scope, deps);
    });
  }
  app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, () => app.swagger());
  if (options.statics !== undefined) registerStatics(app, options.statics);
  return app;
}

/** JSON only. */
function registerBody(app: Service): void {
  const read = createBodyReader(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    read(request, body, done),
  );
}

function registerGuards(app: Service, deps: ServiceDeps): void {
  const takeRequest = createRateLimit(deps.store.shared);
  const proofs = createProofs(deps.keys.token, deps.store.shared);
  const prove = (request: FastifyRequest, nowMs: number, token?: string): Promise<string> => {
    const proof = request.headers['dpop'];
    const origins = [`${request.protocol}://${request.host}`];
    if (deps.publicUrl !== '') origins.push(deps.publicUrl);
    return proofs.check(
      {
        proof: typeof proof === 'string' ? proof : undefined,
        method: request.method,
        origins,
        path: request.url.split('?')[0] ?? '',
        ...(token === undefined ? {} : { token }),
      },
      nowMs,
    );
  };

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (!request.url.startsWith('/api/')) return;
    const origin = originOf(request.headers);
    const nowMs = deps.clock.now();
    reply.headers(DATA_HEADERS);
    void reply.header('dpop-nonce', proofs.nonce(nowMs));
    if (origin === 'foreign') throw new SivisError('FORBIDDEN', { reason: 'origin' });
    if (origin === 'app') reply.headers(APP_CORS);
    if (request.method === 'OPTIONS') return;
    if (request.is404 || request.routeOptions.config.public === true) {
      await takeRequest(`address:${request.ip}`);
      if (request.routeOptions.config.proof === true) request.deskKey = await prove(request, nowMs);
      return;
    }
    const token = BOUND.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new SivisError('UNAUTHENTICATED');
    const claims = await readToken(deps.keys.token, 'access', token, nowMs);
    await takeRequest(`device:${claims.deviceId}`);
    if ((await prove(request, nowMs, token)) !== claims.thumbprint)
      throw new SivisError('DPOP_INVALID', { reason: 'key' });
    const { user } = await deps.store.read((tx) => requireSession(tx, claims, nowMs));
    request.sivis = {
      subject: subjectOf(user),
      user,
      deviceId: claims.deviceId,
      thumbprint: claims.thumbprint,
      sessionId: claims.sessionId,
      ip: request.ip,
      app: appVersion(request.headers),
      requestId: request.id,
      nowMs,
    };
  });

  // The packaged workstation asks before it sends (CORS); everybody else gets "not found".
  app.options('/api/*', { config: { public: true }, schema: { hide: true } }, (request, reply) =>
    originOf(request.headers) === 'app'
      ? reply.status(204).send()
      : sendError(request, reply, new SivisError('NOT_FOUND')),
  );

  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? '' : (request.routeOptions.url ?? '');
    deps.metrics?.request(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    request.log.info(
      {
        method: request.method,
        // The route, never the address: an address could carry somebody's words.
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        userId: request.sivis?.user.id,
        deviceId: request.sivis?.deviceId,
      },
      'request',
    );
  });
}
