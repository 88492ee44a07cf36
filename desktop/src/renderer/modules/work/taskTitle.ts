import { formatSpan } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';
import type { DeskDoc } from '../../data/desk/desk.ts';
import { taskKindWords, type Names } from '../oversight/index.ts';

/** What a task is about in one line, with the names the desk may show: bed, nights and both guests. */
export function taskTitle(task: DeskDoc<'task'>, names: Names): string {
  const { fields } = task;
  const people = [...new Set(fields.personIds ?? [])].map((id) => names.person(id) ?? m.work_someone());
  const who = people.join(' / ');
  if (fields.title !== undefined && fields.title !== '') return fields.title;
  if (fields.taskKind === 'bedClash') {
    const bed = fields.bedId === undefined ? '' : (names.bed(fields.bedId) ?? '');
    const span =
      fields.from === undefined || fields.to === undefined ? '' : formatSpan(fields.from, fields.to);
    return [bed, span, who].filter((part) => part !== '').join(' · ');
  }
  return who === '' ? (fields.text ?? taskKindWords[fields.taskKind]()) : who;
}
