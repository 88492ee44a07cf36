import { BOARD_PLANS, RESERVATION_KINDS, type BLOCK_KINDS, type Meal } from '@sivis/shared/lodging/stay.ts';
import type { Alert } from '@sivis/shared/people/person.ts';
import { dayOfStay, stayNights } from '@sivis/shared/lodging/nights.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import type { CheckinItem } from '@sivis/shared/lodging/stay.ts';
import { formatSpan } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';

/** What an alert is called: what to heed, never why. */
export function alertWord(alert: Alert): string {
  const words: Readonly<Record<Alert, () => string>> = {
    noStairs: m.lodging_alert_no_stairs,
    wheelchair: m.lodging_alert_wheelchair,
    walker: m.lodging_alert_walker,
    companion: m.lodging_alert_companion,
    hearing: m.lodging_alert_hearing,
    vision: m.lodging_alert_vision,
    latex: m.lodging_alert_latex,
    assistance: m.lodging_alert_assistance,
  };
  return words[alert]();
}

/** Codes that the kitchen knows (K10). A code that might tell a diagnosis stays a code. */
export const DIET_CODES = ['BG', 'BL', 'CD', 'VEG', 'MIKSTA'] as const;

export function dietWord(code: string): string {
  switch (code) {
    case 'BG':
      return m.lodging_diet_gluten();
    case 'BL':
      return m.lodging_diet_lactose();
    case 'VEG':
      return m.lodging_diet_vegetarian();
    case 'MIKSTA':
      return m.lodging_diet_soft();
    default:
      return m.lodging_diet_code({ code });
  }
}

export function kindWord(kind: (typeof RESERVATION_KINDS)[number]): string {
  const words = {
    state: m.lodging_kind_state,
    paid: m.lodging_kind_paid,
    companion: m.lodging_kind_companion,
    student: m.lodging_kind_student,
    guest: m.lodging_kind_guest,
    staff: m.lodging_kind_staff,
  } as const;
  return words[kind]();
}

/** The service of a reservation as documents name it: in Latvian, whatever the language of the screen. */
export const SERVICES: Readonly<Record<(typeof RESERVATION_KINDS)[number], string>> = {
  state: 'Sociālā rehabilitācija',
  paid: 'Maksas kurss',
  companion: 'Pavadošā persona',
  student: 'Dienesta viesnīca',
  guest: 'Viesu izmitināšana',
  staff: 'Darbinieka izmitināšana',
};

export const kindOptions = (): { value: string; label: string }[] =>
  RESERVATION_KINDS.map((kind) => ({ value: kind, label: kindWord(kind) }));

export function boardPlanWord(plan: Stay['boardPlan']): string {
  const words = {
    full: m.lodging_board_full,
    breakfast: m.lodging_board_breakfast,
    none: m.lodging_board_none,
  } as const;
  return words[plan]();
}

export const boardPlanOptions = (): { value: string; label: string }[] =>
  BOARD_PLANS.map((plan) => ({ value: plan, label: boardPlanWord(plan) }));

export function mealWord(meal: Meal): string {
  const words = {
    breakfast: m.lodging_meal_breakfast,
    lunch: m.lodging_meal_lunch,
    snack: m.lodging_meal_snack,
    dinner: m.lodging_meal_dinner,
  } as const;
  return words[meal]();
}

/** The meal in one letter, for the edge of a bar. */
export function mealGlyph(meal: Meal | undefined): string | undefined {
  return meal === undefined ? undefined : mealWord(meal).slice(0, 1).toLocaleUpperCase('lv');
}

export function blockKindWord(kind: (typeof BLOCK_KINDS)[number]): string {
  const words = {
    outOfOrder: m.lodging_block_out_of_order,
    outOfService: m.lodging_block_out_of_service,
    hold: m.lodging_block_hold,
    quarantine: m.lodging_block_quarantine,
    buffer: m.lodging_block_buffer,
  } as const;
  return words[kind]();
}

export function checkinWord(item: CheckinItem): string {
  const words: Readonly<Record<CheckinItem, () => string>> = {
    identity: m.lodging_check_identity,
    form027u: m.lodging_check_form,
    houseRules: m.lodging_check_rules,
    key: m.lodging_check_key,
    pass: m.lodging_check_pass,
  };
  return words[item]();
}

export function stateWord(state: Stay['state']): string {
  const words = {
    expected: m.lodging_state_expected,
    in_house: m.lodging_state_in_house,
    on_leave: m.lodging_state_on_leave,
    departed: m.lodging_state_departed,
    no_show: m.lodging_state_no_show,
    cancelled: m.lodging_state_cancelled,
  } as const;
  return words[state]();
}

/** `Sociālā rehabilitācija · 14 d`, of a guest in house with the day. */
export function courseWord(stay: Stay, today: string): string {
  const nights = stayNights(stay);
  const here = stay.state === 'in_house' || stay.state === 'on_leave';
  const days = here
    ? m.lodging_day_of({ day: Math.max(1, dayOfStay(stay, today)), nights })
    : m.lodging_nights_short({ nights });
  return stay.service === undefined ? days : `${stay.service} · ${days}`;
}

/** `21.11.–05.12. · 14 d` */
export function spanWord(stay: Pick<Stay, 'arriveDate' | 'departDate'>): string {
  return `${formatSpan(stay.arriveDate, stay.departDate)} · ${m.lodging_nights_short({ nights: stayNights(stay) })}`;
}
