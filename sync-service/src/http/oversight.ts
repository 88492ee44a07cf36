import {
  auditEntrySchema,
  auditOpenSchema,
  auditPageSchema,
  auditPeopleRequestSchema,
  auditPeopleResponseSchema,
  auditQuerySchema,
} from '@sivis/shared/protocol/messages/audit.ts';
import {
  deskEventsRequestSchema,
  deskEventsResponseSchema,
} from '@sivis/shared/protocol/messages/deskEvents.ts';
import {
  logConsistencySchema,
  logHeadSchema,
  logInclusionProofSchema,
  logInclusionSchema,
  logProofSchema,
  logSliceReplySchema,
  logSliceRequestSchema,
  logStateSchema,
  logWitnessSchema,
} from '@sivis/shared/protocol/messages/log.ts';
import { LOG_PREFIX, PATHS } from '@sivis/shared/protocol/paths.ts';
import { takeDeskEvents } from '../audit/deskEvents.ts';
import { searchLogPeople } from '../audit/people.ts';
import { openAuditEntry, queryAudit } from '../audit/query.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import {
  consistencyProof,
  inclusionProof,
  logSlice,
  logState,
  witnessHead,
  type TransparencyDeps,
} from '../audit/transparency.ts';
import { requireAuth, type RoutePlugin, type ServiceDeps } from './deps.ts';

/** Paths of the log's files below its prefix; entries are for who may see the whole log. */
const TILE = /^(entries|\d{1,2})((?:\/x\d{3})*\/\d{3}(?:\.p\/\d{1,3})?)$/;

/** Throws UNAVAILABLE in a service that publishes no log. */
function transparencyOf(deps: ServiceDeps): TransparencyDeps {
  const { store, audit, transparency } = deps;
  if (transparency === undefined) throw new SivisError('UNAVAILABLE');
  return { store, audit, transparency };
}

/** The audit view, and the events that desks deliver. */
export const registerOversight: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.auditEvents,
    { schema: { body: deskEventsRequestSchema, response: { 200: deskEventsResponseSchema } } },
    (request) =>
      takeDeskEvents(deps.store, deps.audit, requireAuth(request), request.body.events, request.body.signed),
  );
  app.post(
    PATHS.auditQuery,
    { schema: { body: auditQuerySchema, response: { 200: auditPageSchema } } },
    (request) => queryAudit(deps.store, deps.audit, requireAuth(request), request.body),
  );
  app.post(
    PATHS.auditPeople,
    { schema: { body: auditPeopleRequestSchema, response: { 200: auditPeopleResponseSchema } } },
    (request) => searchLogPeople(deps.store, deps.audit, requireAuth(request), request.body.text),
  );
  app.post(
    PATHS.auditOpen,
    { schema: { body: auditOpenSchema, response: { 200: auditEntrySchema } } },
    (request) =>
      openAuditEntry(deps.store, deps.audit, requireAuth(request), request.body.seq, request.body.reason),
  );

  // The files of the log, for readers that know tlog-tiles.
  app.get(`${LOG_PREFIX}/checkpoint`, async (_request, reply) => {
    const { publisher } = transparencyOf(deps).transparency;
    const published = publisher.latest() ?? (await publisher.publish());
    if (published === undefined) throw new SivisError('NOT_FOUND');
    return reply.type('text/plain; charset=utf-8').send(published.note);
  });
  // A path of any depth has no place in the description of the routes; C2SP tlog-tiles describes it.
  app.get<{ Params: { '*': string } }>(
    `${LOG_PREFIX}/tile/*`,
    { schema: { hide: true } },
    async (request, reply) => {
      const { store, audit, transparency } = transparencyOf(deps);
      const reader = requireAuth(request);
      const path = request.params['*'];
      const [, level] = TILE.exec(path) ?? [];
      if (level === undefined) throw new SivisError('NOT_FOUND');
      if (level === 'entries') {
        if (rightsRow(reader.subject.role, 'audit')?.scope !== 'all') throw new SivisError('FORBIDDEN');
        await audit.auditRead(store, reader, {
          action: 'auditVerify',
          kind: 'audit',
          objectId: path,
          personIds: [],
          personal: false,
          result: 'ok',
        });
      }
      const bytes = await transparency.publisher.files.read(`tile/${path}`);
      if (bytes === undefined) throw new SivisError('NOT_FOUND');
      return reply.type('application/octet-stream').send(Buffer.from(bytes));
    },
  );

  app.post(
    PATHS.logWitness,
    { schema: { body: logWitnessSchema, response: { 200: logHeadSchema } } },
    (request) => witnessHead(transparencyOf(deps), requireAuth(request), request.body.seen),
  );
  app.post(
    PATHS.logConsistency,
    { schema: { body: logConsistencySchema, response: { 200: logProofSchema } } },
    async (request) => ({
      proof: await consistencyProof(transparencyOf(deps).transparency, request.body.from, request.body.to),
      serverTime: toInstant(requireAuth(request).nowMs),
    }),
  );
  app.post(
    PATHS.logInclusion,
    { schema: { body: logInclusionSchema, response: { 200: logInclusionProofSchema } } },
    async (request) => ({
      ...(await inclusionProof(transparencyOf(deps).transparency, request.body.seq)),
      serverTime: toInstant(requireAuth(request).nowMs),
    }),
  );
  app.post(PATHS.logState, { schema: { response: { 200: logStateSchema } } }, (request) =>
    logState(transparencyOf(deps), requireAuth(request)),
  );
  app.post(
    PATHS.logSlice,
    { schema: { body: logSliceRequestSchema, response: { 200: logSliceReplySchema } } },
    async (request) => {
      const reader = requireAuth(request);
      return {
        ...(await logSlice(transparencyOf(deps), reader, request.body)),
        serverTime: toInstant(reader.nowMs),
      };
    },
  );
};
