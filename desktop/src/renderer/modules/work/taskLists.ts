import type { Subject } from '@sivis/shared/access/can.ts';
import type { Task } from '@sivis/shared/work/task.ts';
import type { DeskDoc } from '../../data/desk/desk.ts';

export const TASK_LISTS = ['mine', 'all', 'done'] as const;
export type TaskList = (typeof TASK_LISTS)[number];

type TaskDoc = DeskDoc<'task'>;

/** Mine: what I took over, and what my role has that nobody took over. */
export function isMine(task: Pick<Task, 'ownerId' | 'ownerRole'>, subject: Subject): boolean {
  return task.ownerId === undefined ? task.ownerRole === subject.role : task.ownerId === subject.userId;
}

/** Whether a task stands in a list: open ones in the first two, settled ones in the last. */
export function inList(task: Task, list: TaskList, subject: Subject): boolean {
  if (list === 'done') return task.state !== 'open';
  return task.state === 'open' && (list === 'all' || isMine(task, subject));
}

/** The order of a list: what is due first; what has no date at the end; equal ones by id, oldest first. */
export function byDue(a: TaskDoc, b: TaskDoc): number {
  const left = a.fields.dueAt ?? '9';
  const right = b.fields.dueAt ?? '9';
  if (left !== right) return left < right ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** The tasks of a list in their order; settled ones with the latest first. */
export function tasksOf(tasks: Iterable<TaskDoc>, list: TaskList, subject: Subject): readonly TaskDoc[] {
  const found = [...tasks].filter((task) => inList(task.fields, list, subject));
  return list === 'done' ? found.sort((a, b) => byDue(b, a)) : found.sort(byDue);
}

/** True when the day on which it was due has come and the instant is past. */
export function isOverdue(task: Task, nowMs: number): boolean {
  return task.state === 'open' && task.dueAt !== undefined && Date.parse(task.dueAt) < nowMs;
}
