import { formatDayMonth } from '../../../i18n/format.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { Tone } from '../../../ui/icon.ts';
import type { ArrivalIssue, TodayRow } from './todayLists.ts';

/** The state of an arrival in a word and its urgency. */
export function issueWord(
  issue: ArrivalIssue,
  row: TodayRow,
): { readonly label: string; readonly tone: Tone } {
  switch (issue) {
    case 'unconfirmed':
      return { label: m.lodging_state_unconfirmed(), tone: 'danger' };
    case 'noBed':
      return { label: m.lodging_state_no_bed(), tone: 'danger' };
    case 'bedBlocked':
      return { label: m.lodging_state_bed_blocked(), tone: 'danger' };
    case 'bedTaken':
      return { label: m.lodging_state_bed_taken(), tone: 'danger' };
    case 'notVacated':
      return { label: m.lodging_state_not_vacated(), tone: 'warn' };
    case 'formTooOld':
      return { label: m.lodging_state_form_old(), tone: 'warn' };
    case 'overdue': {
      const { fields } = row.stay;
      const date = fields.state === 'expected' ? fields.arriveDate : fields.departDate;
      const label =
        fields.state === 'expected'
          ? m.lodging_state_overdue({ date: formatDayMonth(date) })
          : m.lodging_state_stays_on({ date: formatDayMonth(date) });
      return { label, tone: 'danger' };
    }
    case 'late':
      return { label: m.lodging_state_late(), tone: 'warn' };
  }
}
