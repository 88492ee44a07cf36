import type { z } from 'zod';
import { staffSchema } from '../fleet/staff.ts';
import { bedSchema, buildingSchema, floorSchema, roomSchema, siteSchema } from '../lodging/places.ts';
import { blockSchema, reservationSchema, staySchema } from '../lodging/stay.ts';
import { contactSchema, personSchema } from '../people/person.ts';
import { taskSchema } from '../work/task.ts';
import type { Fields } from './json.ts';

/**
 * The replicated kinds that are built, each in its collection (decisions.md: at most 11 collections per desk).
 * A kind without a row here does not exist: it is neither stored, nor replicated, nor given rights.
 */
export const KINDS = {
  person: { collection: 'people', schema: personSchema },
  contact: { collection: 'people', schema: contactSchema },
  reservation: { collection: 'lodging', schema: reservationSchema },
  stay: { collection: 'lodging', schema: staySchema },
  block: { collection: 'lodging', schema: blockSchema },
  task: { collection: 'work', schema: taskSchema },
  site: { collection: 'reference', schema: siteSchema },
  building: { collection: 'reference', schema: buildingSchema },
  floor: { collection: 'reference', schema: floorSchema },
  room: { collection: 'reference', schema: roomSchema },
  bed: { collection: 'reference', schema: bedSchema },
  staff: { collection: 'reference', schema: staffSchema },
} as const satisfies Record<string, { collection: string; schema: z.ZodObject }>;

export type Kind = keyof typeof KINDS;
export type FieldsOf<K extends Kind> = z.infer<(typeof KINDS)[K]['schema']>;

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** The replicated collections, in the order in which a desk pushes: what others refer to goes first. */
export const COLLECTIONS = ['reference', 'people', 'lodging', 'work'] as const;
export type Collection = (typeof COLLECTIONS)[number];

export function isKind(value: string): value is Kind {
  return Object.hasOwn(KINDS, value);
}

export function collectionOf(kind: Kind): Collection {
  return KINDS[kind].collection;
}

export function kindsOf(collection: Collection): Kind[] {
  return KIND_NAMES.filter((kind) => KINDS[kind].collection === collection);
}

/** What may stand clear on the desk's disk (decisions.md, documents): ids, dates of stay, state; never a name. */
export interface ClearIndex {
  readonly bedId: string;
  readonly personId: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
}

const NONE = '';

/** The clear index values of a document; every value is a string, `''` where the kind has none. */
export function clearIndex(kind: Kind, fields: Fields): ClearIndex {
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' ? value : NONE;
  };
  switch (kind) {
    case 'stay': {
      const segments = fields['segments'];
      const first = Array.isArray(segments) ? (segments[0] as Fields | undefined) : undefined;
      const bedId = first?.['bedId'];
      return {
        bedId: typeof bedId === 'string' ? bedId : NONE,
        personId: text('personId'),
        from: text('arriveDate'),
        to: text('departDate'),
        state: text('state'),
      };
    }
    case 'block':
      return { bedId: NONE, personId: NONE, from: text('from'), to: text('to'), state: text('state') };
    case 'contact':
      return { bedId: NONE, personId: text('personId'), from: NONE, to: NONE, state: NONE };
    default:
      return { bedId: NONE, personId: NONE, from: NONE, to: NONE, state: text('state') };
  }
}
