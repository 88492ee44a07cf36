import { bannerName } from '@sivis/shared/people/person.ts';
import type { Desk } from '../../data/desk/desk.ts';

/** What ids are called, as far as the reader may know it; `null` for what this desk does not hold. */
export interface Names {
  person(id: string): string | null;
  bed(id: string): string | null;
  room(id: string): string | null;
}

/** Names out of what the desk holds. */
export function deskNames(desk: Pick<Desk, 'get'>): Names {
  const room = (id: string): string | null => desk.get('room', id)?.fields.number ?? null;
  return {
    person: (id) => {
      const doc = desk.get('person', id);
      return doc === undefined ? null : bannerName(doc.fields);
    },
    bed: (id) => {
      const bed = desk.get('bed', id);
      return bed === undefined ? null : `${room(bed.fields.roomId) ?? '?'} ${bed.fields.label}`;
    },
    room,
  };
}
