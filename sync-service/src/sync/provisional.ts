import type { Fields } from '@sivis/shared/docs/json.ts';
import type { StoredDoc, WriteTx } from '../store/store.ts';
import { scopeOf } from '../store/visibility.ts';
import type { SyncActor, SyncEnv } from './env.ts';
import { putServiceDoc } from './serviceDoc.ts';
import type { Staged } from './workspace.ts';

/**
 * C3.1: one current personas kods never stands on two people. A desk offline cannot know, so the second person is taken
 * as provisional and somebody is given the task to compare. Where the actor may not see the first person, the task
 * names only the second, and nothing tells the actor whose code it is (decisions.md, scope).
 */
export async function markProvisional(
  tx: WriteTx,
  actor: SyncActor,
  env: SyncEnv,
  change: Staged,
): Promise<{ fields: Fields; provisional: boolean }> {
  const code = change.fields['personalCode'];
  if (typeof code !== 'string' || code === change.before?.fields['personalCode']) {
    return { fields: change.fields, provisional: false };
  }
  const others = (await tx.docs(await tx.peopleWithCode(code))).filter(
    (doc) => doc.id !== change.id && doc.fields['personalCode'] === code,
  );
  const other: StoredDoc | undefined = others[0];
  if (other === undefined) {
    const { provisional: _, ...rest } = change.fields;
    return { fields: rest, provisional: false };
  }
  // The task is read by the whole site, so the other person is named only if she is of that site.
  const reader = { userId: actor.subject.userId, role: 'reception' as const, siteIds: [change.siteId] };
  const sees = await tx.isVisible(other.id, scopeOf(reader, 'person', env.today));
  await putServiceDoc(tx, actor, env, {
    kind: 'task',
    siteId: change.siteId,
    fields: {
      taskKind: sees ? 'duplicateCandidate' : 'provisionalPerson',
      state: 'open',
      ownerRole: sees ? 'reception' : 'dutyManager',
      personIds: sees ? [change.id, other.id] : [change.id],
    },
    op: 'task.duplicate',
    cause: change.id,
  });
  return { fields: { ...change.fields, provisional: true }, provisional: true };
}
