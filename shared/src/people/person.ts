import { z } from 'zod';
import { dateField, idField, longText, nameField, shortText } from '../docs/fieldTypes.ts';

/**
 * Alerts that staff may see without a diagnosis: what to heed, never why (C3.22). `diet*` is what the kitchen
 * may know.
 */
export const ALERTS = [
  'noStairs',
  'wheelchair',
  'walker',
  'companion',
  'hearing',
  'vision',
  'latex',
  'assistance',
] as const;
export type Alert = (typeof ALERTS)[number];

/** Flags of the data-quality list: old data that breaks a rule for new data is accepted and flagged. */
export const PERSON_FLAGS = [
  'missingBirthDate',
  'checksumMismatch',
  'possibleDuplicate',
  'noPersonalCode',
] as const;

export const personSchema = z.strictObject({
  familyName: nameField,
  givenName: nameField,
  /** Former names and former spellings, newest first. */
  formerNames: z
    .array(z.strictObject({ familyName: nameField, givenName: nameField }))
    .max(40)
    .optional(),
  personalCode: z
    .string()
    .regex(/^\d{6}-\d{5}$/)
    .optional(),
  previousPersonalCodes: z
    .array(z.string().regex(/^\d{6}-\d{5}$/))
    .max(10)
    .optional(),
  documentNumber: shortText.optional(),
  birthDate: dateField.optional(),
  sex: z.enum(['F', 'M']).optional(),
  country: z.string().max(80).optional(),
  alerts: z.array(z.enum(ALERTS)).max(ALERTS.length).optional(),
  /** Keys of this person in the systems that are replaced. */
  aliases: z
    .array(z.strictObject({ source: z.string().max(20), key: z.string().max(40) }))
    .max(80)
    .optional(),
  flags: z.array(z.enum(PERSON_FLAGS)).max(PERSON_FLAGS.length).optional(),
  /** Registered while the duplicate check at the service was not possible, or with a code already in use. */
  provisional: z.boolean().optional(),
});
export type Person = z.infer<typeof personSchema>;

export const contactSchema = z.strictObject({
  personId: idField,
  contactKind: z.enum(['phone', 'email', 'address', 'trusted']),
  value: longText.min(1),
  preferred: z.boolean().optional(),
  /** For a trusted contact: who it is. */
  label: shortText.optional(),
});
export type Contact = z.infer<typeof contactSchema>;

/** `BĒRZIŅA, Anna`: the form of the client banner (NHS CUI), family name in capitals. */
export function bannerName(person: Pick<Person, 'familyName' | 'givenName'>): string {
  return `${person.familyName.toLocaleUpperCase('lv')}, ${person.givenName}`;
}
