import { jsonEqual, type Json } from '@sivis/shared/docs/json.ts';
import type { Contact, Person } from '@sivis/shared/people/person.ts';
import { duplicateScore, type DuplicateScore } from '@sivis/shared/people/duplicates.ts';

/** A person with the contacts that help to tell two records apart. */
export interface Compared {
  readonly id: string;
  readonly fields: Person;
  readonly contacts: readonly Contact[];
}

export interface ComparedField {
  readonly field: string;
  readonly left: Json;
  readonly right: Json;
  readonly differs: boolean;
}

const FIELDS = [
  'familyName',
  'givenName',
  'formerNames',
  'birthDate',
  'personalCode',
  'previousPersonalCodes',
  'documentNumber',
  'sex',
  'country',
] as const;

/** The fields of two records side by side; what neither has is left out. */
export function compareFields(left: Person, right: Person): readonly ComparedField[] {
  return FIELDS.map((field) => {
    const [a, b] = [(left[field] ?? null) as Json, (right[field] ?? null) as Json];
    return { field, left: a, right: b, differs: !jsonEqual(a, b) };
  }).filter(({ left: a, right: b }) => a !== null || b !== null);
}

/** How likely the two records are one person, and why (shared rule C7). */
export function likeness(left: Compared, right: Compared): DuplicateScore {
  const subject = ({ fields, contacts }: Compared) => ({
    familyName: fields.familyName,
    givenName: fields.givenName,
    ...(fields.formerNames === undefined ? {} : { formerNames: fields.formerNames }),
    ...(fields.personalCode === undefined ? {} : { personalCode: fields.personalCode }),
    ...(fields.previousPersonalCodes === undefined
      ? {}
      : { previousPersonalCodes: fields.previousPersonalCodes }),
    ...(fields.birthDate === undefined ? {} : { birthDate: fields.birthDate }),
    phones: contacts.filter(({ contactKind }) => contactKind === 'phone').map(({ value }) => value),
  });
  return duplicateScore(subject(left), subject(right));
}
