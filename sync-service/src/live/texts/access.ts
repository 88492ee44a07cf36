import type { Care, Subject } from '@sivis/shared/access/can.ts';
import { textAccess, type TextAccess, type TextSubject } from '@sivis/shared/texts/texts.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { AuditWho } from '../../audit/auditLog.ts';
import { requireSession, subjectOf } from '../../identity/context.ts';
import type { TextClaims } from '../../identity/tokens.ts';
import { docColumns, type ReadTx, type UserRow } from '../../store/store.ts';

/** Stays of the client whom the text is about, with those who look after her. */
export async function careOf(tx: ReadTx, text: TextSubject): Promise<Care[]> {
  if (text.personId === '') return [];
  const stays = await tx.staysOfPerson(text.personId);
  return stays.map(({ siteId, fields }) => ({
    siteId,
    specialistIds: docColumns('stay', fields).specialistIds,
  }));
}

/** What somebody may do in a text now. */
export async function accessOf(
  tx: ReadTx,
  subject: Subject,
  text: TextSubject,
  nowMs: number,
): Promise<TextAccess> {
  return textAccess(subject, text, await careOf(tx, text), rigaDate(nowMs));
}

export interface Admission {
  readonly user: UserRow;
  readonly who: AuditWho;
  readonly access: TextAccess;
}

/** Whoever holds the ticket, asked anew; `undefined` when his session is over. */
export async function admit(
  tx: ReadTx,
  claims: TextClaims,
  text: TextSubject,
  nowMs: number,
): Promise<Admission | undefined> {
  let user;
  try {
    ({ user } = await requireSession(tx, claims, nowMs));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'UNAUTHENTICATED') return undefined;
    throw error;
  }
  const subject = subjectOf(user);
  const { deviceId, sessionId, ip, app } = claims;
  return {
    user,
    who: { subject, deviceId, sessionId, ip, app, nowMs },
    access: await accessOf(tx, subject, text, nowMs),
  };
}
