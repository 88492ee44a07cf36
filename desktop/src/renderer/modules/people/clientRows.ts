import { isInHouse, type Stay, type StayState } from '@sivis/shared/lodging/stay.ts';
import { maskPersonalCode } from '@sivis/shared/people/personalCode.ts';
import { bannerName, type Alert, type Person } from '@sivis/shared/people/person.ts';
import { collationKey } from '@sivis/shared/text/collate.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';
import { bedOn } from './stayFacts.ts';

/** One line of the list of clients. */
export interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly birthDate: PlainDate | null;
  /** `140785-1••••`; the whole code is shown on the card, on demand. */
  readonly code: string | null;
  readonly alerts: readonly Alert[];
  readonly state: StayState | null;
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
  readonly bedId: string | null;
  readonly unconfirmed: boolean;
  readonly pending: boolean;
  /** False for somebody whom only the service has. */
  readonly onDesk: boolean;
}

export const CLIENT_GROUPS = ['all', 'inHouse', 'expected', 'former'] as const;
export type ClientGroup = (typeof CLIENT_GROUPS)[number];

interface StayLike {
  readonly fields: Stay;
}

/** The stay that says where somebody is: the present one, otherwise the next one, otherwise the last one. */
export function mainStay<T extends StayLike>(stays: readonly T[], today: PlainDate): T | undefined {
  const here = stays.find((stay) => isInHouse(stay.fields));
  if (here !== undefined) return here;
  const expected = stays
    .filter((stay) => stay.fields.state === 'expected')
    .sort((a, b) => (a.fields.arriveDate < b.fields.arriveDate ? -1 : 1));
  const next = expected.find((stay) => stay.fields.departDate >= today) ?? expected[0];
  if (next !== undefined) return next;
  return [...stays].sort((a, b) => (a.fields.departDate > b.fields.departDate ? -1 : 1))[0];
}

/** A line out of a person and his stays, wherever they come from. */
export function clientRow(
  person: { readonly id: string; readonly fields: Person; readonly pending?: DeskDoc['pending'] },
  stays: readonly StayLike[],
  today: PlainDate,
  onDesk: boolean,
): ClientRow {
  const { fields } = person;
  const stay = mainStay(stays, today)?.fields;
  return {
    id: person.id,
    name: bannerName(fields),
    birthDate: fields.birthDate ?? null,
    code: fields.personalCode === undefined ? null : maskPersonalCode(fields.personalCode),
    alerts: fields.alerts ?? [],
    state: stay?.state ?? null,
    from: stay?.arriveDate ?? null,
    to: stay?.departDate ?? null,
    bedId: bedOn(stay, today),
    unconfirmed: stay?.unconfirmed ?? false,
    pending: (person.pending ?? null) !== null,
    onDesk,
  };
}

/** Documents are replaced, never mutated: the key of a name is computed once per document. */
const keys = new WeakMap<object, string>();

function keyOf(person: DeskDoc<'person'>): string {
  const known = keys.get(person);
  if (known !== undefined) return known;
  const key = collationKey(`${person.fields.familyName} ${person.fields.givenName}`);
  keys.set(person, key);
  return key;
}

/** Everybody on this desk in Latvian order. */
export function sortedPeople(desk: Pick<Desk, 'all'>): readonly DeskDoc<'person'>[] {
  return [...desk.all('person').values()].sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    return left < right ? -1 : left > right ? 1 : a.id < b.id ? -1 : 1;
  });
}

/** Whether a line belongs to a group of the filter. */
export function inGroup(row: Pick<ClientRow, 'state'>, group: ClientGroup): boolean {
  switch (group) {
    case 'all':
      return true;
    case 'inHouse':
      return row.state !== null && isInHouse({ state: row.state });
    case 'expected':
      return row.state === 'expected';
    case 'former':
      return row.state === 'departed' || row.state === 'cancelled' || row.state === 'no_show';
  }
}
