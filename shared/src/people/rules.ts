import { violation, type Violation } from '../rules/violation.ts';
import type { PlainDate } from '../time/plainDate.ts';
import type { Person } from './person.ts';
import { personalCodeKind } from './personalCode.ts';

/** C3.2 (Fizisko personu reģistra likums 6(2)): a new-kind code says no birth date, so it must be entered. */
export function judgePerson(after: Person, today: PlainDate, touched: ReadonlySet<string>): Violation[] {
  const found: Violation[] = [];
  const code = after.personalCode;
  if (touched.has('personalCode') || touched.has('birthDate')) {
    if (code !== undefined && personalCodeKind(code) === 'new' && after.birthDate === undefined) {
      found.push(violation('C3.2', 'birthDateNeeded'));
    }
    if (after.birthDate !== undefined && after.birthDate > today)
      found.push(violation('C3.2', 'birthDateFuture'));
  }
  return found;
}
