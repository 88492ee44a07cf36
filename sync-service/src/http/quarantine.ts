import { can, seesField } from '@sivis/shared/access/can.ts';
import { collectionOf, isKind } from '@sivis/shared/docs/kinds.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  quarantineDecidedSchema,
  quarantineDecideSchema,
  quarantineListSchema,
  quarantineMineResponseSchema,
  quarantineMineSchema,
  quarantinePageSchema,
  type QuarantineDecided,
  type QuarantineEntry,
} from '@sivis/shared/protocol/messages/quarantine.ts';
import type { OpResult } from '@sivis/shared/protocol/messages/sync.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { RequestContext } from '../identity/context.ts';
import type { QuarantineRow } from '../store/accounts.ts';
import type { ReadTx, WriteTx } from '../store/store.ts';
import { applyPush } from '../sync/push.ts';
import type { HeldRow } from '../sync/quarantine.ts';
import { personsOf } from '../sync/relations.ts';
import { requireAuth, type RoutePlugin, type ServiceDeps } from './deps.ts';
import { changeEntry } from './sync.ts';

/** Zod's JSON is mutable, ours is not. */
type JsonValue = QuarantineEntry['ops'][number]['changes'][number]['before'];

const LISTED = 200;

const heldOf = (row: QuarantineRow): HeldRow[] => JSON.parse(row.rows) as HeldRow[];

const fieldsAfter = (op: Op): Fields =>
  Object.fromEntries(Object.entries(op.changes).map(([field, { after }]) => [field, after]));

/** The person whom a held row concerns, and her name as far as the reader may see it. */
async function subjectOf(
  tx: ReadTx,
  context: RequestContext,
  row: HeldRow,
): Promise<{ personId: string; subjectName: string }> {
  const stored = await tx.doc(row.id);
  const fields = row.ops.reduce<Fields>((sum, op) => ({ ...sum, ...fieldsAfter(op) }), stored?.fields ?? {});
  const [personId = ''] = isKind(row.kind) ? personsOf(row.kind, row.id, fields) : [];
  const person = personId === row.id ? fields : (await tx.doc(personId))?.fields;
  const { role } = context.subject;
  const [familyName = '', givenName = ''] = ['familyName', 'givenName'].map((field) => {
    const name = seesField(role, 'person', field) ? person?.[field] : undefined;
    return typeof name === 'string' ? name : '';
  });
  return { personId, subjectName: familyName === '' ? givenName : bannerName({ familyName, givenName }) };
}

async function viewOf(tx: ReadTx, context: RequestContext, row: QuarantineRow): Promise<QuarantineEntry> {
  const { role } = context.subject;
  const ops: QuarantineEntry['ops'] = [];
  for (const held of heldOf(row)) {
    const subject = await subjectOf(tx, context, held);
    for (const op of held.ops) {
      ops.push({
        docId: held.id,
        kind: held.kind,
        ...subject,
        op: op.kind,
        at: op.at,
        reason: op.reason ?? '',
        changes: Object.entries(op.changes)
          .filter(([field]) => isKind(held.kind) && seesField(role, held.kind, field))
          .map(([field, { before, after }]) => ({
            field,
            before: before as JsonValue,
            after: after as JsonValue,
          })),
      });
    }
  }
  const nameOf = async (id: string | null): Promise<string> =>
    id === null ? '' : ((await tx.user(id))?.name ?? '');
  return {
    id: row.id,
    at: row.at,
    siteId: row.siteId,
    authorId: row.authorId,
    authorName: await nameOf(row.authorId),
    deviceName: (await tx.device(row.deviceId))?.name ?? '',
    source: row.source,
    state: row.state,
    decidedByName: await nameOf(row.decidedBy),
    decidedAt: row.decidedAt,
    reason: row.reason,
    ops,
  };
}

class NotApplied extends Error {
  readonly results: readonly OpResult[];
  constructor(results: readonly OpResult[]) {
    super('not applied');
    this.results = results;
  }
}

/**
 * Applies what was held back as the supervisor's own act: his rights and today's rules judge it, the log names its author.
 * All of it or nothing. Throws NotApplied.
 */
async function apply(
  deps: DecisionDeps,
  tx: WriteTx,
  context: RequestContext,
  row: QuarantineRow,
  reason: string,
): Promise<void> {
  const held = heldOf(row);
  const [first] = held;
  if (first === undefined || !isKind(first.kind)) throw new NotApplied([]);
  const size = held.reduce((sum, { ops }) => sum + ops.length, 0);
  const group = size > 1 ? { group: { id: newId(), size } } : {};
  const rows = held.map((one) => ({
    ...one,
    ops: one.ops.map(({ group: _group, ...op }) => ({
      ...op,
      opId: newId(),
      actor: context.subject.userId,
      device: context.deviceId,
      reason,
      ...group,
    })),
  }));
  const [op] = first.ops;
  const author = {
    quarantine: row.id,
    author: row.authorId,
    authorDevice: row.deviceId,
    madeAt: op?.at ?? '',
  };
  const answers = await applyPush(tx, context, collectionOf(first.kind), rows, {
    nowMs: context.nowMs,
    today: rigaDate(context.nowMs),
    newId,
    recordChange: async (inner, _actor, event) => {
      await deps.audit.recordAudit(inner, context, changeEntry(context.nowMs, event, author));
    },
  });
  const results = answers.flatMap(({ ops }) => ops);
  if (results.some(({ outcome }) => outcome !== 'accepted')) throw new NotApplied(results);
}

/** What a decision needs of the service. */
export type DecisionDeps = Pick<ServiceDeps, 'store' | 'audit'>;

/**
 * A supervisor accepts or discards what was held back, once. What cannot be applied as a whole stays open. Throws
 * NOT_FOUND, CONFLICT (decided already), FORBIDDEN (one's own edits).
 */
export async function decide(
  deps: DecisionDeps,
  context: RequestContext,
  request: { readonly id: string; readonly accept: boolean; readonly reason: string },
): Promise<QuarantineDecided> {
  const { id, accept, reason } = request;
  const state = accept ? 'accepted' : 'discarded';
  try {
    await deps.store.write(async (tx) => {
      const row = await tx.quarantined(id);
      const target = { kind: 'quarantine', siteIds: row === undefined ? [] : [row.siteId] } as const;
      if (row === undefined || !can(context.subject, 'update', target).allowed)
        throw new SivisError('NOT_FOUND');
      if (row.state !== 'open') throw new SivisError('CONFLICT', { field: 'state' });
      // Nobody decides about his own edits.
      if (row.authorId === context.subject.userId) throw new SivisError('FORBIDDEN', { reason: 'own-edits' });
      if (accept) await apply(deps, tx, context, row, reason);
      const decidedAt = toInstant(context.nowMs);
      await tx.putQuarantine({ ...row, state, decidedBy: context.subject.userId, decidedAt, reason }, []);
      const personIds = [];
      for (const held of heldOf(row)) personIds.push((await subjectOf(tx, context, held)).personId);
      await deps.audit.recordAudit(tx, context, {
        action: accept ? 'quarantineAccept' : 'quarantineDiscard',
        kind: 'quarantine',
        objectId: id,
        siteId: row.siteId,
        personIds: personIds.filter((personId) => personId !== ''),
        result: 'ok',
        reason,
        detail: { author: row.authorId, device: row.deviceId },
      });
    });
  } catch (error) {
    if (!(error instanceof NotApplied)) throw error;
    return { state: 'open', results: [...error.results] };
  }
  return { state, results: [] };
}

/** Edits that wait for a supervisor: to look at, to decide about; and what became of one's own. */
export const registerQuarantine: RoutePlugin = (app, deps) => {
  app.post(
    PATHS.quarantineList,
    { schema: { body: quarantineListSchema, response: { 200: quarantinePageSchema } } },
    async (request) => {
      const context = requireAuth(request);
      const { siteIds } = context.subject;
      if (!can(context.subject, 'view', { kind: 'quarantine', siteIds }).allowed)
        throw new SivisError('FORBIDDEN');
      const entries = await deps.store.read(async (tx) => {
        const views: QuarantineEntry[] = [];
        for (const row of await tx.quarantineList(request.body.open, siteIds, LISTED))
          views.push(await viewOf(tx, context, row));
        return views;
      });
      const personIds = entries
        .flatMap(({ ops }) => ops.map(({ personId }) => personId))
        .filter((one) => one !== '');
      await deps.audit.auditRead(deps.store, context, {
        action: 'list',
        kind: 'quarantine',
        objectId: '',
        personIds,
        personal: personIds.length > 0,
        result: 'ok',
        detail: { count: entries.length },
      });
      return { entries, serverTime: toInstant(deps.clock.now()) };
    },
  );
  app.post(
    PATHS.quarantineDecide,
    { schema: { body: quarantineDecideSchema, response: { 200: quarantineDecidedSchema } } },
    (request) => decide(deps, requireAuth(request), request.body),
  );
  app.post(
    PATHS.quarantineMine,
    { schema: { body: quarantineMineSchema, response: { 200: quarantineMineResponseSchema } } },
    async (request) => {
      const { subject } = requireAuth(request);
      return deps.store.read(async (tx) => {
        const ops = [];
        for (const opId of request.body.opIds) {
          const row = await tx.quarantineOfOp(opId);
          if (row?.authorId !== subject.userId) continue;
          ops.push({ opId, state: row.state, reason: row.reason, decidedAt: row.decidedAt });
        }
        return { ops };
      });
    },
  );
};
