import { bannerName } from '@sivis/shared/people/person.ts';
import type { Desk, DeskDoc } from '../../../data/desk/desk.ts';
import { personOf } from '../names.ts';

/** "Mainīt gultu: BĒRZIŅA, Anna": labels, never inflected names. */
export function titleOf(desk: Desk, what: string, stay: DeskDoc<'stay'>): string {
  const person = personOf(desk, stay.fields.personId);
  return person === undefined ? what : `${what}: ${bannerName(person)}`;
}
