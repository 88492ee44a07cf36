import {
  auditEntrySchema,
  auditOpenSchema,
  auditPageSchema,
  auditQuerySchema,
  deskEventsRequestSchema,
  deskEventsResponseSchema,
} from '@sivis/shared/protocol/messages.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { takeDeskEvents } from '../audit/deskEvents.ts';
import { openAuditEntry, queryAudit } from '../audit/query.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';

/** The audit view, and the events that desks deliver. */
export const registerOversight: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.auditEvents,
    { schema: { body: deskEventsRequestSchema, response: { 200: deskEventsResponseSchema } } },
    (request) => takeDeskEvents(deps.store, deps.audit, requireAuth(request), request.body.events),
  );
  app.post(
    PATHS.auditQuery,
    { schema: { body: auditQuerySchema, response: { 200: auditPageSchema } } },
    (request) => queryAudit(deps.store, deps.audit, requireAuth(request), request.body),
  );
  app.post(
    PATHS.auditOpen,
    { schema: { body: auditOpenSchema, response: { 200: auditEntrySchema } } },
    (request) =>
      openAuditEntry(deps.store, deps.audit, requireAuth(request), request.body.seq, request.body.reason),
  );
};
