import { jsonEqual, type Fields } from '@sivis/shared/docs/json.ts';
import { diffFields } from '@sivis/shared/docs/op.ts';
import { SERVICE_ACTOR_ID, type Staff } from '@sivis/shared/fleet/staff.ts';
import type { FieldStamp, NewDoc, StoredDoc, UserRow, WriteTx } from '../store/store.ts';

type Account = Pick<UserRow, 'id' | 'name' | 'role' | 'siteIds'> & { readonly disabled?: boolean };

/** The entry of the staff directory that an account has: all that colleagues know of it. */
export function staffFields(user: Account): Staff {
  return { name: user.name, role: user.role, active: user.disabled !== true, siteIds: [...user.siteIds] };
}

/** The entry as a document, on top of the one before; its id is the user's. */
export function staffDoc(user: Account, at: string, before?: StoredDoc): NewDoc {
  const fields = staffFields(user) as unknown as Fields;
  const stamp: FieldStamp = { by: SERVICE_ACTOR_ID, at, device: '' };
  const changed = Object.keys(diffFields(before?.fields ?? {}, fields));
  return {
    id: user.id,
    kind: 'staff',
    siteId: user.siteIds[0] ?? '',
    rev: (before?.rev ?? 0) + 1,
    fields,
    stamps: { ...before?.stamps, ...Object.fromEntries(changed.map((field) => [field, stamp])) },
    createdBy: SERVICE_ACTOR_ID,
  };
}

/**
 * Writes an account and what the staff directory says of it, both or neither. The entry's change has no line of its own
 * in the log: the account's has the same values and says who made it.
 */
export async function putAccount(tx: WriteTx, user: UserRow, at: string): Promise<void> {
  await tx.putUser(user);
  const before = await tx.doc(user.id);
  if (before !== undefined && jsonEqual(before.fields, staffFields(user))) return;
  await tx.putDoc(staffDoc(user, at, before));
}
