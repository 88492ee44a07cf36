import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import { formatSpan } from '../../i18n/format.ts';
import { kindName } from './fieldWords.ts';
import type { Names } from './names.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * What a record is called in a list: "BĒRZIŅA, Anna", "Uzturēšanās 14.11.–28.11. · BĒRZIŅA, Anna". Only from fields
 * that the reader holds; what is missing is left out.
 */
export function recordTitle(kind: string, fields: Fields, names: Names): string {
  const person = typeof fields['personId'] === 'string' ? names.person(fields['personId']) : null;
  const of = (what: string): string => (person === null ? what : `${what} · ${person}`);
  switch (kind) {
    case 'person':
      // A client whom the reader may no longer hold has no name here.
      return text(fields['familyName']) === ''
        ? kindName(kind)
        : bannerName({ familyName: text(fields['familyName']), givenName: text(fields['givenName']) });
    case 'stay': {
      const { arriveDate, departDate } = fields as unknown as Partial<Stay>;
      const span =
        arriveDate === undefined || departDate === undefined ? '' : ` ${formatSpan(arriveDate, departDate)}`;
      return of(`${kindName(kind)}${span}`);
    }
    case 'task':
      return text(fields['title']) === '' ? kindName(kind) : `${kindName(kind)}: ${text(fields['title'])}`;
    case 'room':
      return `${kindName(kind)} ${text(fields['number'])}`;
    default:
      return of(kindName(kind));
  }
}
