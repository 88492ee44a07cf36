import { createDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import { checkPersonalCode } from '@sivis/shared/people/personalCode.ts';
import type { Contact, Person } from '@sivis/shared/people/person.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';

/** A new client as she is typed. */
export interface NewPerson {
  readonly familyName: string;
  readonly givenName: string;
  readonly sex: string;
  readonly personalCode: string;
  /** Somebody without a Latvian code is known by a document. */
  readonly noCode: boolean;
  readonly documentNumber: string;
  readonly birthDate: PlainDate | null;
  readonly phone: string;
}

export const EMPTY_PERSON: NewPerson = {
  familyName: '',
  givenName: '',
  sex: '',
  personalCode: '',
  noCode: false,
  documentNumber: '',
  birthDate: null,
  phone: '',
};

/** A booking that was begun, as its draft keeps it. */
export interface KeptBooking {
  /** Somebody whom this desk knows. */
  readonly whoId: string | null;
  /** Somebody who is being registered. */
  readonly person: NewPerson | null;
  readonly kind: string;
  readonly service: string;
  readonly arrive: PlainDate | null;
  readonly depart: PlainDate | null;
  readonly boardPlan: string;
  readonly chosenBed: string | null;
  readonly arriveTime: string;
  readonly clientStayId: string;
}

export type PersonField = Exclude<keyof NewPerson, 'noCode' | 'phone'>;

/** What is wrong with a field; `codeWarning` is a warning, never a refusal. */
export interface PersonCheck {
  readonly missing: readonly PersonField[];
  readonly codeMalformed: boolean;
  /** The check digit does not fit: public practice, not law (domain/case-files A7). */
  readonly codeWarning: boolean;
}

/** Looks a new client through: what is missing and what is to be looked at again. */
export function checkNewPerson(form: NewPerson): PersonCheck {
  const missing: PersonField[] = [];
  if (form.familyName.trim() === '') missing.push('familyName');
  if (form.givenName.trim() === '') missing.push('givenName');
  if (form.sex !== 'F' && form.sex !== 'M') missing.push('sex');
  if (form.birthDate === null) missing.push('birthDate');
  const code = form.personalCode.trim();
  if (!form.noCode && code === '') missing.push('personalCode');
  if (form.noCode && form.documentNumber.trim() === '') missing.push('documentNumber');
  const checked = form.noCode || code === '' ? null : checkPersonalCode(code);
  return {
    missing,
    codeMalformed: checked !== null && !checked.ok,
    codeWarning: checked?.ok === true && checked.checksum === 'mismatch',
  };
}

/** True when nothing keeps the client from being registered. */
export function isComplete(check: PersonCheck): boolean {
  return check.missing.length === 0 && !check.codeMalformed;
}

/** The fields of a complete form. */
export function personFields(form: NewPerson): Person {
  const checked = form.noCode ? null : checkPersonalCode(form.personalCode);
  return {
    familyName: form.familyName.trim(),
    givenName: form.givenName.trim(),
    ...(form.sex === 'F' || form.sex === 'M' ? { sex: form.sex } : {}),
    ...(checked?.ok === true ? { personalCode: checked.code } : {}),
    ...(form.noCode && form.documentNumber.trim() !== ''
      ? { documentNumber: form.documentNumber.trim() }
      : {}),
    ...(form.birthDate === null ? {} : { birthDate: form.birthDate }),
  };
}

/** The drafts of a new client, a command of their own: the person and, when there is one, the phone. */
export function personDrafts(form: NewPerson, personId: string, siteId: string): readonly Draft[] {
  const person = createDraft('person', siteId, personFields(form), personId);
  const phone = form.phone.trim();
  if (phone === '') return [person];
  const contact: Contact = { personId, contactKind: 'phone', value: phone, preferred: true };
  return [person, createDraft('contact', siteId, contact)];
}
