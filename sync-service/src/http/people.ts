import { offers } from '@sivis/shared/access/can.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  cardRequestSchema,
  cardResponseSchema,
  searchRequestSchema,
  searchResponseSchema,
  type SearchResponse,
} from '@sivis/shared/protocol/messages/search.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { RequestContext } from '../identity/context.ts';
import type { ReadTx, StoredDoc } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';
import { toWire } from '../sync/wire.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';

type Hit = SearchResponse['hits'][number];

/** A person with the stays and contacts that the reader may see, cut to the fields that he may see. */
async function hitOf(tx: ReadTx, context: RequestContext, person: StoredDoc): Promise<Hit> {
  const { subject } = context;
  const today = rigaDate(context.nowMs);
  const seen = async (docs: readonly StoredDoc[]): Promise<StoredDoc[]> => {
    const kept: StoredDoc[] = [];
    for (const doc of docs) if (await tx.isVisible(doc.id, scopeOf(subject, doc.kind, today))) kept.push(doc);
    return kept;
  };
  const stays = await seen(await tx.staysOfPerson(person.id));
  const contacts = await seen(await tx.contactsOfPerson(person.id));
  return {
    person: toWire(person, subject.role),
    stays: stays.map((doc) => toWire(doc, subject.role)),
    contacts: contacts.map((doc) => toWire(doc, subject.role)),
  };
}

const idsOf = (hits: readonly Hit[]): string[] =>
  hits.flatMap((hit) => [
    hit.person.id,
    ...hit.stays.map((doc) => doc.id),
    ...hit.contacts.map((doc) => doc.id),
  ]);

/** People outside a desk's replica: search and card, under rights, each delivery in the log before the reply. */
export const registerPeople: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.searchPeople,
    { schema: { body: searchRequestSchema, response: { 200: searchResponseSchema } } },
    async (request) => {
      const context = requireAuth(request);
      const { subject } = context;
      if (!offers(subject.role, 'view', 'person')) throw new SivisError('FORBIDDEN');
      const { text, limit } = request.body;
      const found = await deps.store.read(async (tx) => {
        const visible = scopeOf(subject, 'person', rigaDate(context.nowMs));
        const { ids, total } = await tx.searchPeople(text, limit, visible);
        const people = new Map((await tx.docs(ids)).map((doc) => [doc.id, doc]));
        const hits: Hit[] = [];
        for (const id of ids) {
          const person = people.get(id);
          if (person !== undefined) hits.push(await hitOf(tx, context, person));
        }
        return { hits, total };
      });
      await deps.audit.auditRead(deps.store, context, {
        action: 'replicate',
        kind: 'person',
        objectId: '',
        personIds: found.hits.map((hit) => hit.person.id),
        personal: true,
        result: 'ok',
        detail: { source: 'search', filter: text, count: found.hits.length, ids: idsOf(found.hits) },
      });
      return { ...found, serverTime: toInstant(context.nowMs) };
    },
  );

  app.post(
    PATHS.personCard,
    { schema: { body: cardRequestSchema, response: { 200: cardResponseSchema } } },
    async (request) => {
      const context = requireAuth(request);
      const { subject } = context;
      if (!offers(subject.role, 'view', 'person')) throw new SivisError('FORBIDDEN');
      const { personId } = request.body;
      const found = await deps.store.read(async (tx) => {
        const person = await tx.doc(personId);
        if (person?.kind !== 'person') return undefined;
        const sees = await tx.isVisible(person.id, scopeOf(subject, 'person', rigaDate(context.nowMs)));
        return { siteId: person.siteId, hit: sees ? await hitOf(tx, context, person) : undefined };
      });
      if (found !== undefined) {
        await deps.audit.auditRead(deps.store, context, {
          action: found.hit === undefined ? 'refused' : 'replicate',
          kind: 'person',
          objectId: personId,
          siteId: found.siteId,
          personIds: [personId],
          result: found.hit === undefined ? 'out-of-scope' : 'ok',
          detail: { source: 'card', ids: found.hit === undefined ? [] : idsOf([found.hit]) },
        });
      }
      // Whether there is such a person is not told to who may not see her.
      if (found?.hit === undefined) throw new SivisError('NOT_FOUND');
      return found.hit;
    },
  );
};
