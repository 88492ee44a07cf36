import { v5 as uuidV5 } from 'uuid';
import { can, type Care, type Subject } from '../access/can.ts';
import { addDays, type PlainDate } from '../time/plainDate.ts';

/**
 * The kinds of texts that several people write together (Yjs), one small document per subject and level of
 * confidentiality: who may read a text may read all of it (ADR 0008).
 *
 * | kind            | Latvian                          | one per             | holds                                        |
 * |-----------------|----------------------------------|---------------------|----------------------------------------------|
 * | `shiftLog`      | Maiņas žurnāls                   | site and day        | what reception hands over; names clients     |
 * | `teamLog`       | Maiņas žurnāls visām komandām    | site and day        | what care and kitchen need too; names nobody |
 * | `clientNote`    | Piezīmes par klientu             | client              | what the specialists of the client share     |
 * | `protectedNote` | Ierobežotas pieejamības piezīmes | client and author   | what only its author may read                |
 */
export const TEXT_KINDS = ['shiftLog', 'teamLog', 'clientNote', 'protectedNote'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

export const DAY_TEXTS = ['shiftLog', 'teamLog'] as const satisfies readonly TextKind[];
export const CLIENT_TEXTS = ['clientNote', 'protectedNote'] as const satisfies readonly TextKind[];

/** What a text is about; `authorId` is '' where the text is not one person's. */
export interface TextSubject {
  readonly kind: TextKind;
  /** Site of a day's text, '' of a client's. */
  readonly siteId: string;
  /** Day of a day's text, '' of a client's. */
  readonly day: PlainDate;
  /** Client of a client's text, '' of a day's. */
  readonly personId: string;
  readonly authorId: string;
}

/** Namespace of the names of texts (decided once, never changed). */
const TEXT_NAMESPACE = '2b8c6b52-6c0a-5e7e-9d53-0f6a4c1e7d90';

/**
 * The name of the room of a text, the same on every desk and at the service, so that a text is never begun twice. It says
 * nothing about whom the text is: it stands in the address of a socket.
 */
export function textId({ kind, siteId, day, personId, authorId }: TextSubject): string {
  return uuidV5([kind, siteId, day, personId, authorId].join('\u0000'), TEXT_NAMESPACE);
}

/** A day's text is written from the day before (what is coming) until the day after (the night shift). */
export const DAY_TEXT_OPEN = { before: 1, after: 1 } as const;

export type TextAccess = 'none' | 'read' | 'write';

/**
 * What somebody may do in a text today, by the rights table. `care` are the client's stays with those who look after her.
 * A day's text that is over is only read.
 */
export function textAccess(
  subject: Subject,
  text: TextSubject,
  care: readonly Care[],
  today: PlainDate,
): TextAccess {
  const target = {
    kind: text.kind,
    siteIds: text.siteId === '' ? [] : [text.siteId],
    care,
    createdBy: text.authorId,
  };
  if (!can(subject, 'view', target).allowed) return 'none';
  if (!can(subject, 'update', target).allowed) return 'read';
  if (text.day === '') return 'write';
  const open =
    today >= addDays(text.day, -DAY_TEXT_OPEN.before) && today <= addDays(text.day, DAY_TEXT_OPEN.after);
  return open ? 'write' : 'read';
}
