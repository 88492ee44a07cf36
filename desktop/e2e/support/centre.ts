import { addDays, type PlainDate, rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { WireDoc } from './serviceClient.ts';

/** What a test wants to know of the centre before it begins, read from the service. */
export type Centre = ReadonlyMap<string, WireDoc>;

export const today = (): PlainDate => rigaDate(Date.now());

/** So far ahead the small centre has whole rooms free; whole weeks, which the plan's keys jump. */
export const QUIET_DAYS_AHEAD = 63;

/** A day in the quiet time. */
export const quietDay = (offset = 0): PlainDate => addDays(today(), QUIET_DAYS_AHEAD + offset);

export interface Person {
  readonly id: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly personalCode: string;
  readonly birthDate: string;
  readonly sex: string;
}

interface Segment {
  readonly bedId: string | null;
  readonly from: string;
  readonly to: string;
}

const text = (doc: WireDoc, field: string): string => {
  const value = doc.fields[field];
  return typeof value === 'string' ? value : '';
};

export const ofKind = (centre: Centre, kind: string): WireDoc[] =>
  [...centre.values()].filter((doc) => doc.kind === kind);

export function personOf(centre: Centre, id: string): Person {
  const doc = centre.get(id);
  if (doc === undefined) throw new Error('no such person on this desk');
  return {
    id,
    familyName: text(doc, 'familyName'),
    givenName: text(doc, 'givenName'),
    personalCode: text(doc, 'personalCode'),
    birthDate: text(doc, 'birthDate'),
    sex: text(doc, 'sex'),
  };
}

/** As the product writes a name: `BĒRZIŅA, Anna`. */
export const bannerName = ({ familyName, givenName }: Person): string =>
  `${familyName.toLocaleUpperCase('lv')}, ${givenName}`;

/** As lists write a surname: `BĒRZIŅA`. */
export const surname = ({ familyName }: Person): string => familyName.toLocaleUpperCase('lv');

export const segmentsOf = (stay: WireDoc): readonly Segment[] =>
  (stay.fields['segments'] ?? []) as readonly Segment[];

/** `103 A` or `103`, as the product names a bed. */
export function bedName(centre: Centre, bedId: string): string {
  const bed = centre.get(bedId);
  if (bed === undefined) throw new Error('no such bed');
  const roomId = text(bed, 'roomId');
  const alone = ofKind(centre, 'bed').filter((other) => text(other, 'roomId') === roomId).length === 1;
  const number = text(centre.get(roomId) ?? bed, 'number');
  return alone ? number : `${number} ${text(bed, 'label')}`;
}

/** The name of a bed as any screen writes it: the search puts a hyphen in. */
export const bedPattern = (name: string): RegExp =>
  new RegExp(`(?:^|\\D)${name.replace(' ', '[ -]')}(?:\\W|$)`);

/** Stays of today that are expected, with a bed that no rule stands against. */
export function arrivals(centre: Centre): WireDoc[] {
  return ofKind(centre, 'stay').filter(
    (stay) =>
      text(stay, 'state') === 'expected' &&
      text(stay, 'arriveDate') === today() &&
      stay.fields['unconfirmed'] !== true &&
      segmentsOf(stay)[0]?.bedId !== null,
  );
}

/** Clients whose surname and given name are nobody else's and who have no stay now or later: they can be booked. */
export function bookable(centre: Centre): Person[] {
  const busy = new Set(
    ofKind(centre, 'stay')
      .filter(
        (stay) => text(stay, 'departDate') >= addDays(today(), -1) && text(stay, 'state') !== 'cancelled',
      )
      .map((stay) => text(stay, 'personId')),
  );
  const people = ofKind(centre, 'person').map(({ id }) => personOf(centre, id));
  const count = new Map<string, number>();
  for (const person of people) count.set(bannerName(person), (count.get(bannerName(person)) ?? 0) + 1);
  return people.filter(
    (person) =>
      !busy.has(person.id) &&
      count.get(bannerName(person)) === 1 &&
      centre.get(person.id)?.fields['alerts'] === undefined,
  );
}

/** Beds of ordinary rooms that nobody holds and nothing closes in `[from, to)`, alone in their room's nights. */
export function freeBeds(centre: Centre, from: PlainDate, to: PlainDate): string[] {
  const overlaps = (a: string, b: string): boolean => a < to && from < b;
  const taken = new Set<string>();
  for (const stay of ofKind(centre, 'stay')) {
    if (['cancelled', 'no_show'].includes(text(stay, 'state'))) continue;
    for (const { bedId, from: a, to: b } of segmentsOf(stay)) {
      if (bedId === null || !overlaps(a, b)) continue;
      const roomId = text(centre.get(bedId) ?? stay, 'roomId');
      // The whole room counts as taken: who may share it is a question of its own.
      for (const bed of ofKind(centre, 'bed')) if (text(bed, 'roomId') === roomId) taken.add(bed.id);
    }
  }
  for (const block of ofKind(centre, 'block')) {
    if (text(block, 'state') !== 'active' || !overlaps(text(block, 'from'), text(block, 'to'))) continue;
    const target = text(block, 'targetId');
    for (const bed of ofKind(centre, 'bed')) {
      if (bed.id === target || text(bed, 'roomId') === target) taken.add(bed.id);
    }
  }
  return ofKind(centre, 'bed')
    .filter((bed) => {
      const room = centre.get(text(bed, 'roomId'));
      return (
        !taken.has(bed.id) &&
        room?.fields['adapted'] !== true &&
        ['any', 'follow'].includes((room?.fields['sexPolicy'] ?? 'any') as string)
      );
    })
    .map(({ id }) => id);
}
