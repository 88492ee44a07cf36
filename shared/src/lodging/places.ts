import { z } from 'zod';
import { idField, nameField, shortText } from '../docs/fieldTypes.ts';

const order = z.int().min(0).max(100_000);

export const siteSchema = z.strictObject({ name: nameField, code: z.string().max(20), order });
export const buildingSchema = z.strictObject({ name: nameField, code: z.string().max(40), order });
export const floorSchema = z.strictObject({ buildingId: idField, number: z.int().min(-5).max(99), order });

/** Who may sleep in a room (H7); `any` unless set (decision 25). `follow`: like the first one there. */
export const SEX_POLICIES = ['any', 'F', 'M', 'follow'] as const;

export const roomSchema = z.strictObject({
  buildingId: idField,
  floorId: idField,
  number: z.string().min(1).max(20),
  roomType: shortText,
  sexPolicy: z.enum(SEX_POLICIES),
  /** Adapted for a wheelchair (H8). */
  adapted: z.boolean(),
  /** Reachable without stairs. */
  stepFree: z.boolean().optional(),
  features: z.array(z.string().max(40)).max(20).optional(),
  note: shortText.optional(),
  order,
});
export type Room = z.infer<typeof roomSchema>;

export const bedSchema = z.strictObject({
  roomId: idField,
  label: z.string().min(1).max(4),
  bedKind: z.enum(['fixed', 'extra', 'cot', 'adjustable']),
  order,
});
export type Bed = z.infer<typeof bedSchema>;

export type Site = z.infer<typeof siteSchema>;
export type Building = z.infer<typeof buildingSchema>;
export type Floor = z.infer<typeof floorSchema>;
