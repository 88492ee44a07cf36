import { offers } from '@sivis/shared/access/can.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { compareLatvian } from '@sivis/shared/text/collate.ts';
import type { Task } from '@sivis/shared/work/task.ts';
import type { Desk } from '../../data/desk/desk.ts';
import type { Work } from '../../data/work.ts';
import { m } from '../../i18n/generated/messages.js';
import { deskNames, roleWord } from '../oversight/index.ts';

/** Roles whose desks hold tasks. */
export const OWNER_ROLES: readonly Role[] = (
  ['reception', 'dutyManager', 'specialist', 'catering'] as const
).filter((role) => offers(role, 'view', 'task'));

/** Whose a task is: "Jūs", a colleague, or a role until somebody takes it. */
export function ownerText(
  work: Pick<Work, 'desk' | 'user'>,
  task: Pick<Task, 'ownerId' | 'ownerRole'>,
): string {
  if (task.ownerId === undefined) return roleWord(task.ownerRole);
  if (task.ownerId === work.user.id) return m.work_owner_me();
  return deskNames(work.desk).user(task.ownerId) ?? m.work_owner_elsewhere();
}

export interface OwnerGroup {
  readonly role: Role;
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

/** To whom a task of the site can be given: each role with the colleagues who work there now, by name. */
export function ownersAt(desk: Pick<Desk, 'all'>, siteId: string): readonly OwnerGroup[] {
  const here = [...desk.all('staff').values()].filter(
    ({ fields }) => fields.active && fields.siteIds.includes(siteId),
  );
  return OWNER_ROLES.map((role) => ({
    role,
    people: here
      .filter(({ fields }) => fields.role === role)
      .map(({ id, fields }) => ({ id, name: fields.name }))
      .sort((a, b) => compareLatvian(a.name, b.name)),
  }));
}
