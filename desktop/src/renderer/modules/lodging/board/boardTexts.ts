import Accessibility from '@lucide/svelte/icons/accessibility';
import Lock from '@lucide/svelte/icons/lock';
import Users from '@lucide/svelte/icons/users';
import { fromEpochDay, isoWeekday } from '@sivis/shared/time/plainDate.ts';
import { bannerName } from '@sivis/shared/people/person.ts';
import { formatLongDate, formatShortWeekday, formatSpan } from '../../../i18n/format.ts';
import { m } from '../../../i18n/generated/messages.js';
import { currentLocale } from '../../../i18n/locale.svelte.ts';
import type { TapeDayText, TapeFigure, TapeMark, TapeTexts, TapeTone } from '../../../ui/tape/model.ts';
import type { Desk } from '../../../data/desk/desk.ts';
import { LODGING_LIMITS } from '../limits.ts';
import { barName, personOf } from '../names.ts';
import type { BedPlace } from '../places.ts';
import { alertWord, blockKindWord, dietWord, kindWord, mealGlyph, stateWord } from '../words.ts';
import type { BarTexts } from './boardBars.ts';
import type { DayFigures } from './boardFooter.ts';
import type { BoardRowTexts } from './boardRows.ts';

/** By what the plan is looked at: who has to act, or who pays. */
export type BoardLens = 'urgency' | 'funding';

/** The marks at the head of a bed: adapted, women or men only, like those who are there. */
export function bedMarks({ room }: BedPlace): readonly TapeMark[] {
  const marks: TapeMark[] = [];
  if (room.fields.adapted) marks.push({ icon: Accessibility, text: m.lodging_adapted() });
  const policies = {
    F: { short: m.lodging_sex_f_short(), text: m.lodging_policy_f() },
    M: { short: m.lodging_sex_m_short(), text: m.lodging_policy_m() },
    follow: { short: '=', text: m.lodging_policy_follow() },
    any: undefined,
  } as const;
  const policy = policies[room.fields.sexPolicy];
  if (policy !== undefined) marks.push(policy);
  return marks;
}

export const rowTexts = (): BoardRowTexts => ({
  floor: (building, floor) =>
    [building, floor === undefined ? undefined : m.lodging_floor({ number: floor })]
      .filter((part) => part !== undefined && part !== '')
      .join(' · '),
  singleBed: m.lodging_single_bed(),
  marks: bedMarks,
});

function toneWord(tone: TapeTone): string | undefined {
  switch (tone) {
    case 'overdue':
      return m.lodging_tone_overdue();
    case 'today':
      return m.lodging_tone_today();
    case 'unconfirmed':
      return m.lodging_state_unconfirmed();
    default:
      return undefined;
  }
}

/** The words of bars. Names appear only where the role has them; alerts never say why. */
export function barTexts(desk: Desk, lens: BoardLens): BarTexts {
  const [adaptedIcon, companionIcon, lockIcon] = [Accessibility, Users, Lock];
  return {
    stay(stay, segment, tone) {
      const { fields } = stay;
      const person = personOf(desk, fields.personId);
      const kind = desk.get('reservation', fields.reservationId)?.fields.reservationKind;
      const name = person === undefined ? m.lodging_person_hidden() : barName(person);
      const label = [
        name,
        segment.privateUse === true ? m.lodging_private_use() : undefined,
        lens === 'funding' && kind !== undefined ? kindWord(kind) : undefined,
        segment.bedId === null ? formatSpan(segment.from, segment.to) : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(' · ');
      const alerts = person?.alerts ?? [];
      const icons: TapeMark[] = [];
      const mobility = alerts.find(
        (alert) => alert === 'wheelchair' || alert === 'noStairs' || alert === 'walker',
      );
      if (mobility !== undefined) icons.push({ icon: adaptedIcon, text: alertWord(mobility) });
      if (fields.companionOf !== undefined)
        icons.push({ icon: companionIcon, text: m.lodging_kind_companion() });
      if (segment.locked === true) icons.push({ icon: lockIcon, text: m.lodging_locked() });
      const title = [
        label,
        formatSpan(segment.from, segment.to),
        toneWord(tone) ?? stateWord(fields.state),
        ...alerts.map(alertWord),
        fields.dietCode === undefined ? undefined : dietWord(fields.dietCode),
      ]
        .filter((part) => part !== undefined)
        .join(', ');
      const edgeFrom = segment.from === fields.arriveDate ? mealGlyph(fields.arriveMeal) : undefined;
      const edgeTo = segment.to === fields.departDate ? mealGlyph(fields.departMeal) : undefined;
      return {
        label,
        title,
        ...(icons.length === 0 ? {} : { icons }),
        ...(edgeFrom === undefined ? {} : { edgeFrom }),
        ...(edgeTo === undefined ? {} : { edgeTo }),
      };
    },
    block({ fields }) {
      const label = `${blockKindWord(fields.blockKind)} · ${fields.reason}`;
      return { label, title: `${label}, ${formatSpan(fields.from, fields.to)}` };
    },
  };
}

/** `BĒRZIŅA, Anna (1985)` or the reason of a block: who holds a bed that somebody wants. */
export function holderWord(desk: Desk, personId: string): string {
  const person = personOf(desk, personId);
  return person === undefined ? m.lodging_person_hidden() : bannerName(person);
}

export function chartTexts(placeOf: (rowId: string) => string): TapeTexts {
  const locale = currentLocale();
  const days = new Map<number, TapeDayText>();
  const months = new Intl.DateTimeFormat(locale === 'lv' ? 'lv' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const monthNames = new Map<string, string>();
  const dayText = (day: number): TapeDayText => {
    const known = days.get(day);
    if (known !== undefined) return known;
    const date = fromEpochDay(day);
    const key = date.slice(0, 7);
    const month = monthNames.get(key) ?? months.format(day * 86_400_000);
    monthNames.set(key, month);
    const text = {
      weekday: formatShortWeekday(date, locale),
      number: `${Number(date.slice(8))}.`,
      month,
      title: formatLongDate(date, locale),
      dayOff: isoWeekday(date) > 5,
    };
    days.set(day, text);
    return text;
  };
  return {
    label: m.lodging_board(),
    corner: m.lodging_bed(),
    day: dayText,
    cell: (row, day, bar) =>
      [
        placeOf(row.id),
        formatLongDate(fromEpochDay(day), locale),
        bar === null ? m.lodging_cell_free() : bar.title,
      ].join(', '),
    target: (intent, row) =>
      `${placeOf(row.id)}, ${formatSpan(fromEpochDay(intent.from), fromEpochDay(intent.to))}`,
    placeHelp: m.lodging_place_help(),
    dragHelp: m.lodging_drag_help(),
    cancelled: m.lodging_place_cancelled(),
    pending: m.lodging_pending(),
    empty: m.lodging_board_empty(),
  };
}

/**
 * A number of free beds; it warns when few are left. `others` are the beds that anybody may have: as long as there are
 * some, no women's bed is not yet no bed for a woman.
 */
export function freeFigure(count: number, others = 0): TapeFigure {
  return { text: String(count), tone: count + others <= LODGING_LIMITS.fewBeds ? 'danger' : 'normal' };
}

/** Free beds in rooms that neither a policy nor a guest has given to one sex. */
export function freeForAnybody(figures: DayFigures): number {
  return figures.free - figures.freeWomen - figures.freeMen;
}
