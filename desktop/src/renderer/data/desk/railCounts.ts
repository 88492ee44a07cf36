import type { Subject } from '@sivis/shared/access/can.ts';
import { isDueBy } from '@sivis/shared/lodging/stay.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk } from './desk.ts';

/** Numbers beside the screens of the rail, by screen id: what of it waits for somebody's hand. */
export type RailCounts = Readonly<Record<'today' | 'tasks' | 'conflicts', number>>;

/**
 * Counts what the rail shows: arrivals that are due or overdue at the user's sites, open tasks, and what waits for a
 * choice.
 */
export function railCounts(
  desk: Pick<Desk, 'all'>,
  { siteIds }: Pick<Subject, 'siteIds'>,
  today: PlainDate,
  toSettle: number,
): RailCounts {
  let due = 0;
  for (const { siteId, fields } of desk.all('stay').values())
    if (siteIds.includes(siteId) && isDueBy(fields, today)) due += 1;
  let tasks = 0;
  for (const { fields } of desk.all('task').values()) if (fields.state === 'open') tasks += 1;
  return { today: due, tasks, conflicts: toSettle };
}
