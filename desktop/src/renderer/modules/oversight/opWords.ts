import { isInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { DeskDoc } from '../../data/desk/desk.ts';
import { formatDateTime, formatList, formatTime } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';
import { currentLocale } from '../../i18n/locale.svelte.ts';
import { fieldLabel, isReadable } from './fieldWords.ts';

/** Commands by what they are about; an edit is told by its fields. */
const COMMANDS: Readonly<Record<string, () => string>> = {
  create: () => m.oversight_op_create(),
  undo: () => m.oversight_op_undo(),
  'stay.move': () => m.oversight_op_move(),
  'stay.giveWay': () => m.oversight_op_move(),
  'stay.dates': () => m.oversight_op_dates(),
  'stay.checkIn': () => m.oversight_op_check_in(),
  'stay.checkOut': () => m.oversight_op_check_out(),
  'stay.cancel': () => m.oversight_op_cancel(),
  'stay.noShow': () => m.oversight_op_no_show(),
  'stay.lock': () => m.oversight_op_lock(),
  'stay.unlock': () => m.oversight_op_unlock(),
  'stay.split': () => m.oversight_op_split(),
  'stay.swap': () => m.oversight_op_swap(),
};

/** A command by what it is about; `null` for an edit, whose fields tell it. */
export function commandWord(op: string): string | null {
  return Object.hasOwn(COMMANDS, op) ? (COMMANDS[op]?.() ?? null) : null;
}

/** What an operation is about, in a few words: the command, or the fields that it edits. */
export function opWord(kind: string, op: string, fields: readonly string[]): string {
  const command = commandWord(op);
  if (command !== null) return command;
  const labels = new Set(
    fields.filter(isReadable).map((field) => fieldLabel(kind, field).toLocaleLowerCase('lv')),
  );
  return formatList([...labels], currentLocale());
}

/** The hour of a moment of today, the date and the hour of an earlier one. */
export function momentText(instant: string, now: number): string {
  if (!isInstant(instant)) return '';
  return rigaDate(Date.parse(instant)) === rigaDate(now) ? formatTime(instant) : formatDateTime(instant);
}

type Waiting = Pick<DeskDoc, 'kind' | 'pending'>;

/**
 * What was changed here and waits for the service, and when, for the records that belong to one thing on the screen
 * (a client's card: the person, the contacts, the stays): "Mainīts šeit 09:52: gulta un tālrunis. …". `null` when
 * nothing waits. The time is that of the last change.
 */
export function waitingText(docs: readonly Waiting[], now: number): string | null {
  const ops = docs.flatMap(({ kind, pending }) => (pending ?? []).map((op) => ({ ...op, docKind: kind })));
  const last = ops.reduce((latest, { at }) => (at > latest ? at : latest), '');
  if (ops.length === 0) return null;
  const words = new Set(ops.map(({ docKind, kind, fields }) => opWord(docKind, kind, fields)));
  return m.oversight_waiting_here({
    time: momentText(last, now),
    what: formatList([...words], currentLocale()),
  });
}
