import { can, offers } from '@sivis/shared/access/can.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { textOpenedSchema, textOpenSchema, type TextOpen } from '@sivis/shared/protocol/messages/texts.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { textId, type TextSubject } from '@sivis/shared/texts/texts.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { signTextTicket } from '../identity/tokens.ts';
import { accessOf, careOf } from '../live/texts/access.ts';
import { textEvent } from '../live/texts/room.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';

function subjectOfText(asked: TextOpen, userId: string): TextSubject {
  if ('day' in asked) return { ...asked, personId: '', authorId: '' };
  const authorId = asked.kind === 'protectedNote' ? userId : '';
  return { ...asked, siteId: '', day: '', authorId };
}

/** The way to a text: the name of its room, what may be done there, and a ticket. Reading it begins at the socket. */
export const registerTexts: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.textOpen,
    { schema: { body: textOpenSchema, response: { 200: textOpenedSchema } } },
    async (request) => {
      const context = requireAuth(request);
      const { subject, nowMs } = context;
      const about = subjectOfText(request.body, subject.userId);
      if (!offers(subject.role, 'view', about.kind)) throw new SivisError('FORBIDDEN');
      const id = textId(about);
      const found = await deps.store.read(async (tx) => ({
        text: await tx.text(id),
        access: await accessOf(tx, subject, about, nowMs),
        care: await careOf(tx, about),
      }));
      const ofMine = found.care.find(({ siteId }) => subject.siteIds.includes(siteId));
      const text = found.text ?? {
        ...about,
        id,
        logSiteId: about.siteId === '' ? (ofMine?.siteId ?? '') : about.siteId,
        createdBy: subject.userId,
        createdAt: toInstant(nowMs),
        seq: 0,
      };
      if (found.access === 'none') {
        await deps.audit.auditRead(deps.store, context, textEvent(text, 'refused', {}, 'out-of-scope'));
        // Whether there is such a text, or such a client, is not told to who may not read it.
        throw new SivisError('NOT_FOUND');
      }
      if (found.text === undefined) {
        // Only who may write begins one; it is begun here, once, and empty: no client fills it with a template.
        if (found.access !== 'write') throw new SivisError('NOT_FOUND');
        await deps.store.write(async (tx) => {
          const target = {
            kind: about.kind,
            siteIds: about.siteId === '' ? [] : [about.siteId],
            care: await careOf(tx, about),
            createdBy: about.authorId,
          };
          if (!can(subject, 'create', target).allowed) throw new SivisError('NOT_FOUND');
          if ((await tx.text(id)) !== undefined) return;
          await tx.beginText(text);
          await deps.audit.recordAudit(tx, context, textEvent(text, 'create', {}));
        });
      }
      const { user, sessionId, deviceId, thumbprint, ip, app: version } = context;
      const ticket = await signTextTicket(
        deps.keys.token,
        { userId: user.id, sessionId, deviceId, thumbprint },
        { room: id, ip, app: version },
        nowMs,
      );
      return {
        room: id,
        access: found.access,
        ticket: ticket.token,
        expiresAt: toInstant(ticket.expiresAtMs),
      };
    },
  );
};
