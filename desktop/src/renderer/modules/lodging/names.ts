import { bannerName, type Person } from '@sivis/shared/people/person.ts';
import type { Desk } from '../../data/desk/desk.ts';

/** `BĒRZIŅA Anna`: on a bar, where a comma would be one sign too many. */
export function barName(person: Pick<Person, 'familyName' | 'givenName'>): string {
  return `${person.familyName.toLocaleUpperCase('lv')} ${person.givenName}`;
}

/** `VANAGA, Rita (1959)`: a name with what tells look-alikes apart. */
export function nameWithYear(person: Person): string {
  const year = person.birthDate?.slice(0, 4);
  return year === undefined ? bannerName(person) : `${bannerName(person)} (${year})`;
}

/** The person of an id, or `undefined` when the role or the desk does not have her. */
export function personOf(desk: Desk, personId: string): Person | undefined {
  const fields = desk.get('person', personId)?.fields as Partial<Person> | undefined;
  return fields?.familyName === undefined ? undefined : (fields as Person);
}
