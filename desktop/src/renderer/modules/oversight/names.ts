import { SERVICE_ACTOR_ID } from '@sivis/shared/fleet/staff.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import type { Desk } from '../../data/desk/desk.ts';
import { m } from '../../i18n/generated/messages.js';

/** What ids are called, as far as the reader may know it; `null` for what he does not know. */
export interface Names {
  readonly person: (id: string) => string | null;
  readonly bed: (id: string) => string | null;
  readonly room: (id: string) => string | null;
  /** A site, building or floor. */
  readonly place: (id: string) => string | null;
  /** Whose stay it is. */
  readonly stay: (id: string) => string | null;
  /** A colleague, also one who has left; the service itself is "Sistēma". */
  readonly user: (id: string) => string | null;
}

const nothing = (): null => null;

/** Nothing has a name. */
export const NO_NAMES: Names = {
  person: nothing,
  bed: nothing,
  room: nothing,
  place: nothing,
  stay: nothing,
  user: nothing,
};

/** Names out of what the desk holds. */
export function deskNames(desk: Pick<Desk, 'get'>): Names {
  const room = (id: string): string | null => desk.get('room', id)?.fields.number ?? null;
  const person = (id: string): string | null => {
    const doc = desk.get('person', id);
    return doc === undefined ? null : bannerName(doc.fields);
  };
  return {
    person,
    bed: (id) => {
      const bed = desk.get('bed', id);
      return bed === undefined ? null : `${room(bed.fields.roomId) ?? '?'} ${bed.fields.label}`;
    },
    room,
    place: (id) => {
      const named = desk.get('site', id) ?? desk.get('building', id);
      if (named !== undefined) return named.fields.name;
      const floor = desk.get('floor', id);
      return floor === undefined ? null : m.oversight_floor({ number: String(floor.fields.number) });
    },
    stay: (id) => {
      const stay = desk.get('stay', id);
      return stay === undefined ? null : person(stay.fields.personId);
    },
    user: (id) => {
      if (id === SERVICE_ACTOR_ID) return m.oversight_system();
      return desk.get('staff', id)?.fields.name ?? null;
    },
  };
}

/** The desk's names with the texts that the service sent for ids on top: it knows what this desk does not hold. */
export function withLabels(names: Names, labels: Readonly<Record<string, string>>): Names {
  const either =
    (of: (id: string) => string | null) =>
    (id: string): string | null =>
      (Object.hasOwn(labels, id) ? labels[id] : undefined) ?? of(id);
  return {
    person: either(names.person),
    bed: either(names.bed),
    room: either(names.room),
    place: either(names.place),
    stay: either(names.stay),
    user: either(names.user),
  };
}
