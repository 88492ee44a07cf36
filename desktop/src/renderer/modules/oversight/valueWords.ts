import type { Bed, Room } from '@sivis/shared/lodging/places.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { Block, Reservation, Stay, StayState } from '@sivis/shared/lodging/stay.ts';
import type { Alert, Contact, Person } from '@sivis/shared/people/person.ts';
import type { Task } from '@sivis/shared/work/task.ts';
import { m } from '../../i18n/generated/messages.js';

type Words<T extends string> = Readonly<Record<T, () => string>>;

export const alertWords: Words<Alert> = {
  noStairs: () => m.oversight_alert_no_stairs(),
  wheelchair: () => m.oversight_alert_wheelchair(),
  walker: () => m.oversight_alert_walker(),
  companion: () => m.oversight_alert_companion(),
  hearing: () => m.oversight_alert_hearing(),
  vision: () => m.oversight_alert_vision(),
  latex: () => m.oversight_alert_latex(),
  assistance: () => m.oversight_alert_assistance(),
};

export const personFlagWords: Words<NonNullable<Person['flags']>[number]> = {
  missingBirthDate: () => m.oversight_flag_missing_birth_date(),
  checksumMismatch: () => m.oversight_flag_checksum(),
  possibleDuplicate: () => m.oversight_flag_duplicate(),
  noPersonalCode: () => m.oversight_flag_no_code(),
};

export const sexWords: Words<NonNullable<Person['sex']>> = {
  F: () => m.oversight_sex_f(),
  M: () => m.oversight_sex_m(),
};

export const sexPolicyWords: Words<Room['sexPolicy']> = {
  any: () => m.oversight_policy_any(),
  F: () => m.oversight_policy_f(),
  M: () => m.oversight_policy_m(),
  follow: () => m.oversight_policy_follow(),
};

export const bedKindWords: Words<Bed['bedKind']> = {
  fixed: () => m.oversight_bed_fixed(),
  extra: () => m.oversight_bed_extra(),
  cot: () => m.oversight_bed_cot(),
  adjustable: () => m.oversight_bed_adjustable(),
};

export const contactKindWords: Words<Contact['contactKind']> = {
  phone: () => m.oversight_contact_phone(),
  email: () => m.oversight_contact_email(),
  address: () => m.oversight_contact_address(),
  trusted: () => m.oversight_contact_trusted(),
};

export const stayStateWords: Words<StayState> = {
  expected: () => m.oversight_stay_expected(),
  in_house: () => m.oversight_stay_in_house(),
  on_leave: () => m.oversight_stay_on_leave(),
  departed: () => m.oversight_stay_departed(),
  no_show: () => m.oversight_stay_no_show(),
  cancelled: () => m.oversight_stay_cancelled(),
};

export const reservationStateWords: Words<Reservation['state']> = {
  tentative: () => m.oversight_reservation_tentative(),
  confirmed: () => m.oversight_reservation_confirmed(),
  closed: () => m.oversight_reservation_closed(),
  cancelled: () => m.oversight_reservation_cancelled(),
};

export const reservationKindWords: Words<Reservation['reservationKind']> = {
  state: () => m.oversight_kind_state(),
  paid: () => m.oversight_kind_paid(),
  companion: () => m.oversight_kind_companion(),
  student: () => m.oversight_kind_student(),
  guest: () => m.oversight_kind_guest(),
  staff: () => m.oversight_kind_staff(),
};

export const boardPlanWords: Words<Stay['boardPlan']> = {
  full: () => m.oversight_board_full(),
  breakfast: () => m.oversight_board_breakfast(),
  none: () => m.oversight_board_none(),
};

export const mealWords: Words<NonNullable<Stay['arriveMeal']>> = {
  breakfast: () => m.oversight_meal_breakfast(),
  lunch: () => m.oversight_meal_lunch(),
  snack: () => m.oversight_meal_snack(),
  dinner: () => m.oversight_meal_dinner(),
};

export const blockKindWords: Words<Block['blockKind']> = {
  outOfOrder: () => m.oversight_block_out_of_order(),
  outOfService: () => m.oversight_block_out_of_service(),
  hold: () => m.oversight_block_hold(),
  quarantine: () => m.oversight_block_quarantine(),
  buffer: () => m.oversight_block_buffer(),
};

export const taskKindWords: Words<Task['taskKind']> = {
  bedClash: () => m.oversight_task_bed_clash(),
  duplicateCandidate: () => m.oversight_task_duplicate(),
  provisionalPerson: () => m.oversight_task_provisional(),
  manual: () => m.oversight_task_manual(),
};

export const taskStateWords: Words<Task['state']> = {
  open: () => m.oversight_task_open(),
  done: () => m.oversight_task_done(),
  dismissed: () => m.oversight_task_dismissed(),
};

export const roleWords: Words<Role> = {
  reception: () => m.oversight_role_reception(),
  dutyManager: () => m.oversight_role_duty_manager(),
  specialist: () => m.oversight_role_specialist(),
  catering: () => m.oversight_role_catering(),
  it: () => m.oversight_role_it(),
  auditor: () => m.oversight_role_auditor(),
};

/** The word of a value, or the value itself where there is none (a newer service may send one). */
export function wordOf(words: Readonly<Record<string, () => string>>, value: string): string {
  return Object.hasOwn(words, value) ? (words[value]?.() ?? value) : value;
}

/** The name of a role; the service itself acts as `service`. */
export function roleWord(role: string): string {
  return role === 'service' ? m.oversight_role_service() : wordOf(roleWords, role);
}
