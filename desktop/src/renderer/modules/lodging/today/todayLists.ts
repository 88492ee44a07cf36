import { segmentOfDay } from '@sivis/shared/lodging/nights.ts';
import { isDueBy, isInHouse } from '@sivis/shared/lodging/stay.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { Person } from '@sivis/shared/people/person.ts';
import { collationKey } from '@sivis/shared/text/collate.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../../data/desk/desk.ts';
import { bedState } from '../bedState.ts';
import { formDate, isFormTooOld } from '@sivis/shared/lodging/form027u.ts';
import { personOf } from '../names.ts';
import { bedName } from '../places.ts';

/** What keeps an arrival from being ready, the gravest first. */
export type ArrivalIssue =
  'unconfirmed' | 'noBed' | 'bedBlocked' | 'bedTaken' | 'notVacated' | 'formTooOld' | 'overdue' | 'late';

/** The lists of guests. */
export type ListId = 'arrivals' | 'departures' | 'inHouse' | 'onLeave';

/** A stay in one of today's lists. */
export interface TodayRow {
  readonly id: string;
  readonly stay: DeskDoc<'stay'>;
  readonly person: Person | undefined;
  readonly bedId: string | null;
  readonly bed: string | undefined;
  /** Empty for an arrival that is ready; of departures and guests only `overdue`. */
  readonly issues: readonly ArrivalIssue[];
  /** Somebody accompanies this guest. */
  readonly withCompanion: boolean;
}

export interface TodayLists {
  /** Expected by today, those of earlier days first. */
  readonly arrivals: readonly TodayRow[];
  readonly departures: readonly TodayRow[];
  /** Checked in and not departed (decision 26), by room. */
  readonly inHouse: readonly TodayRow[];
  readonly onLeave: readonly TodayRow[];
  /** Open tasks of the role and of nobody else. */
  readonly tasks: readonly DeskDoc<'task'>[];
}

function arrivalIssues(
  desk: Desk,
  stay: DeskDoc<'stay'>,
  bedId: string | null,
  today: PlainDate,
  time: string,
): ArrivalIssue[] {
  const { fields } = stay;
  const issues: ArrivalIssue[] = [];
  if (fields.unconfirmed === true) issues.push('unconfirmed');
  if (bedId === null) {
    if (fields.unconfirmed !== true) issues.push('noBed');
  } else {
    const bed = bedState(desk, bedId, today, stay.id).state;
    if (bed === 'blocked') issues.push('bedBlocked');
    if (bed === 'taken') issues.push('bedTaken');
    if (bed === 'notVacated') issues.push('notVacated');
  }
  const issued = formDate(fields.checkin?.form027u?.detail, today);
  if (issued !== null && isFormTooOld(issued, fields.arriveDate)) issues.push('formTooOld');
  if (fields.arriveDate < today) issues.push('overdue');
  else if (fields.arriveTime !== undefined && fields.arriveTime < time) issues.push('late');
  return issues;
}

/**
 * Today's lists of the reception: who comes, leaves, is in the house, is away for some days, and what is to do.
 * `time` is `HH:MM` in Riga, by which somebody who is announced for an hour is late.
 */
export function todayLists(
  desk: Desk,
  today: PlainDate,
  time: string,
  reader: { readonly userId: string; readonly role: Role; readonly siteIds: readonly string[] },
): TodayLists {
  const arrivals: TodayRow[] = [];
  const departures: TodayRow[] = [];
  const inHouse: TodayRow[] = [];
  const onLeave: TodayRow[] = [];
  const accompanied = new Set<string>();
  const shown: DeskDoc<'stay'>[] = [];
  for (const stay of desk.all('stay').values()) {
    const { fields } = stay;
    if (!reader.siteIds.includes(stay.siteId)) continue;
    if (!isDueBy(fields, today) && !isInHouse(fields)) continue;
    shown.push(stay);
    if (fields.companionOf !== undefined) accompanied.add(fields.companionOf);
  }

  for (const stay of shown) {
    const { fields } = stay;
    const bedId = segmentOfDay(fields, today)?.bedId ?? null;
    const row = (issues: readonly ArrivalIssue[]): TodayRow => ({
      id: stay.id,
      stay,
      person: personOf(desk, fields.personId),
      bedId,
      bed: bedName(desk, bedId),
      issues,
      withCompanion: accompanied.has(stay.id),
    });
    if (fields.state === 'expected') {
      arrivals.push(row(arrivalIssues(desk, stay, bedId, today, time)));
      continue;
    }
    const overdue = fields.departDate < today;
    const here = row(overdue ? ['overdue'] : []);
    inHouse.push(here);
    if (fields.departDate <= today) departures.push(here);
    if (fields.state === 'on_leave') onLeave.push(here);
  }

  const byName = (a: TodayRow, b: TodayRow): number => compare(nameKey(a), nameKey(b));
  const byRoom = (a: TodayRow, b: TodayRow): number =>
    (a.bed ?? '').localeCompare(b.bed ?? '', 'lv', { numeric: true }) || byName(a, b);
  const overdueFirst = (a: TodayRow, b: TodayRow): number =>
    Number(b.issues.includes('overdue')) - Number(a.issues.includes('overdue'));
  const byTime = (a: TodayRow, b: TodayRow): number =>
    compare(a.stay.fields.arriveDate, b.stay.fields.arriveDate) ||
    compare(a.stay.fields.arriveTime ?? '99', b.stay.fields.arriveTime ?? '99');

  return {
    arrivals: arrivals.sort((a, b) => byTime(a, b) || byName(a, b)),
    departures: departures.sort((a, b) => overdueFirst(a, b) || byRoom(a, b)),
    inHouse: inHouse.sort(byRoom),
    onLeave: onLeave.sort(byName),
    tasks: openTasks(desk, reader),
  };
}

function nameKey(row: TodayRow): string {
  return row.person === undefined ? '' : collationKey(`${row.person.familyName} ${row.person.givenName}`);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function openTasks(desk: Desk, reader: { userId: string; role: Role }): DeskDoc<'task'>[] {
  return [...desk.all('task').values()]
    .filter(
      ({ fields }) =>
        fields.state === 'open' &&
        (fields.ownerId === undefined ? fields.ownerRole === reader.role : fields.ownerId === reader.userId),
    )
    .sort((a, b) => compare(a.fields.dueAt ?? '9', b.fields.dueAt ?? '9') || compare(a.id, b.id));
}
