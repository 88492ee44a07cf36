import { can, mayOverride } from '@sivis/shared/access/can.ts';
import { rightsRow } from '@sivis/shared/access/rights.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Rejection } from '@sivis/shared/protocol/messages/sync.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import type { WriteTx } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { QUARANTINED } from './quarantine.ts';
import { rejection } from './rejection.ts';
import { targetOf } from './relations.ts';
import type { Found, Workspace } from './workspace.ts';

/**
 * What an actor may do with a document, and what he may learn by asking: whoever names the id of a document that he may
 * not see and never had is answered as if there were none.
 */

/** What the role refuses whatever document it is: asked first, so that the answer tells nothing of the document. */
export function deniedByRole(actor: SyncActor, kind: Kind, op: Op): Rejection | undefined {
  const { subject } = actor;
  const allowed = rightsRow(subject.role, kind)?.[op.kind === 'create' ? 'create' : 'update'];
  if (allowed === undefined) return rejection('rights', 'noRight');
  const field = allowed === '*' ? undefined : Object.keys(op.changes).find((name) => !allowed.includes(name));
  if (field !== undefined) return rejection('rights', 'fieldNotAllowed', { field });
  if ((op.override?.length ?? 0) > 0) {
    if (!mayOverride(subject, kind))
      return rejection('rights', 'overrideRight', { rule: op.override?.[0] ?? '' });
    if ((op.reason ?? '').trim().length < 5) return rejection('rights', 'overrideReason');
  }
  return undefined;
}

/** True when a new document with these fields is in the actor's scope. */
export async function mayCreate(
  tx: WriteTx,
  { subject }: SyncActor,
  doc: { readonly id: string; readonly kind: Kind; readonly siteId: string; readonly fields: Fields },
): Promise<boolean> {
  return can(subject, 'create', await targetOf(tx, { ...doc, createdBy: subject.userId })).allowed;
}

/**
 * Why the row's operation cannot be about the document that is there under its id; `unknown` when the actor must not
 * learn that there is one.
 */
export async function deniedOn(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  row: { readonly id: string; readonly kind: Kind; readonly siteId: string },
  current: Found,
): Promise<Rejection | 'unknown' | undefined> {
  const fits = current.kind === row.kind && current.siteId === row.siteId;
  const whole = current.stored ?? { ...current, id: row.id, createdBy: actor.subject.userId };
  const inScope = can(actor.subject, 'update', await targetOf(tx, whole)).allowed;
  if (fits && inScope) return undefined;
  if (!(await knows(tx, actor, env, row.id, current))) return 'unknown';
  if (current.kind !== row.kind) return rejection('op', 'malformed');
  return inScope ? rejection('op', 'otherSite') : rejection('rights', 'outOfScope');
}

/** True when the actor may see the document, made it, or had it on this desk. */
async function knows(
  tx: WriteTx,
  { subject, deviceId }: SyncActor,
  env: SyncEnv,
  id: string,
  { stored }: Found,
): Promise<boolean> {
  return (
    stored === undefined ||
    stored.createdBy === subject.userId ||
    (await tx.isVisible(id, scopeOf(subject, stored.kind, env.today))) ||
    (await tx.wasHeld({ userId: subject.userId, deviceId }, id))
  );
}

/** What is built on a document that is not here: it waits, unless the document was refused or waits for a supervisor itself. */
export async function missingOr(
  tx: WriteTx,
  { subject }: SyncActor,
  id: string,
): Promise<Rejection | 'waits'> {
  if (await tx.isQuarantined(id, subject.userId)) return QUARANTINED;
  return (await tx.wasRefused(id, subject.userId)) ? rejection('op', 'missing') : 'waits';
}

/** `waits` when something referred to is not here yet; a refusal when it is of a kind or a person that the actor may not use. */
export async function missingReference(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  workspace: Workspace,
  doc: { readonly kind: Kind; readonly before: Fields | undefined; readonly after: Fields },
): Promise<Rejection | 'waits' | undefined> {
  const { subject } = actor;
  const had = new Set(
    doc.before === undefined ? [] : referencesOf(doc.kind, doc.before).map((reference) => reference.id),
  );
  for (const reference of referencesOf(doc.kind, doc.after)) {
    if (had.has(reference.id)) continue;
    if (rightsRow(subject.role, reference.kind) === undefined) return rejection('rights', 'noRight');
    const there = await workspace.get(reference.id);
    const sees =
      there !== undefined &&
      (there.stored === undefined ||
        (await tx.isVisible(reference.id, scopeOf(subject, there.kind, env.today))));
    if (there === undefined || (!sees && !(await knows(tx, actor, env, reference.id, there))))
      return missingOr(tx, actor, reference.id);
    if (there.kind !== reference.kind) return rejection('schema', 'schema', { field: reference.kind });
    if (!sees) return rejection('rights', 'outOfScope');
  }
  return undefined;
}
