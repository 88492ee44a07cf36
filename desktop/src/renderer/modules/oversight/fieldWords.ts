import { isInstant } from '@sivis/shared/time/clock.ts';
import { formatDate, isPlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { formatDateTime } from '../../i18n/format.ts';
import { m } from '../../i18n/generated/messages.js';
import type { Names } from './names.ts';
import {
  alertWords,
  blockKindWords,
  bedKindWords,
  boardPlanWords,
  contactKindWords,
  mealWords,
  personFlagWords,
  reservationKindWords,
  reservationStateWords,
  roleWords,
  sexPolicyWords,
  sexWords,
  stayStateWords,
  taskKindWords,
  taskStateWords,
  wordOf,
} from './valueWords.ts';

/** Labels of fields; a kind's own label (`stay.state`) goes before the common one (`state`). */
const LABELS: Readonly<Record<string, () => string>> = {
  familyName: () => m.oversight_field_family_name(),
  givenName: () => m.oversight_field_given_name(),
  formerNames: () => m.oversight_field_former_names(),
  personalCode: () => m.oversight_field_personal_code(),
  previousPersonalCodes: () => m.oversight_field_previous_codes(),
  documentNumber: () => m.oversight_field_document_number(),
  birthDate: () => m.oversight_field_birth_date(),
  sex: () => m.oversight_field_sex(),
  country: () => m.oversight_field_country(),
  alerts: () => m.oversight_field_alerts(),
  aliases: () => m.oversight_field_aliases(),
  flags: () => m.oversight_field_flags(),
  provisional: () => m.oversight_field_provisional(),
  personId: () => m.oversight_field_person(),
  contactKind: () => m.oversight_field_contact_kind(),
  'contact.value': () => m.oversight_field_contact_value(),
  'contact.label': () => m.oversight_field_contact_label(),
  preferred: () => m.oversight_field_preferred(),
  reservationId: () => m.oversight_field_reservation(),
  companionOf: () => m.oversight_field_companion_of(),
  arriveDate: () => m.oversight_field_arrive_date(),
  arriveTime: () => m.oversight_field_arrive_time(),
  arriveMeal: () => m.oversight_field_arrive_meal(),
  departDate: () => m.oversight_field_depart_date(),
  departMeal: () => m.oversight_field_depart_meal(),
  segments: () => m.oversight_field_segments(),
  state: () => m.oversight_field_state(),
  unconfirmed: () => m.oversight_field_unconfirmed(),
  boardPlan: () => m.oversight_field_board_plan(),
  dietCode: () => m.oversight_field_diet_code(),
  service: () => m.oversight_field_service(),
  mustShareWith: () => m.oversight_field_share_with(),
  checkin: () => m.oversight_field_checkin(),
  checkedInAt: () => m.oversight_field_checked_in(),
  checkedOutAt: () => m.oversight_field_checked_out(),
  checkout: () => m.oversight_field_checkout(),
  endReason: () => m.oversight_field_end_reason(),
  specialistIds: () => m.oversight_field_specialists(),
  note: () => m.oversight_field_note(),
  reservationKind: () => m.oversight_field_reservation_kind(),
  pricePerNight: () => m.oversight_field_price(),
  holdUntil: () => m.oversight_field_hold_until(),
  cancelReason: () => m.oversight_field_cancel_reason(),
  legacyNumber: () => m.oversight_field_legacy_number(),
  targetId: () => m.oversight_field_block_target(),
  scope: () => m.oversight_field_block_scope(),
  blockKind: () => m.oversight_field_block_kind(),
  from: () => m.oversight_field_from(),
  to: () => m.oversight_field_to(),
  reason: () => m.oversight_field_reason(),
  taskKind: () => m.oversight_field_task_kind(),
  ownerRole: () => m.oversight_field_owner_role(),
  ownerId: () => m.oversight_field_owner(),
  dueAt: () => m.oversight_field_due(),
  stayIds: () => m.oversight_field_stays(),
  personIds: () => m.oversight_field_people(),
  bedId: () => m.oversight_field_bed(),
  blockId: () => m.oversight_field_block(),
  proposedBedIds: () => m.oversight_field_proposed_beds(),
  title: () => m.oversight_field_title(),
  text: () => m.oversight_field_text(),
  resolution: () => m.oversight_field_resolution(),
  name: () => m.oversight_field_name(),
  number: () => m.oversight_field_number(),
  code: () => m.oversight_field_code(),
  order: () => m.oversight_field_order(),
  buildingId: () => m.oversight_field_building(),
  floorId: () => m.oversight_field_floor(),
  roomType: () => m.oversight_field_room_type(),
  features: () => m.oversight_field_features(),
  bedKind: () => m.oversight_field_bed_kind(),
  active: () => m.oversight_field_active(),
  roomId: () => m.oversight_field_room(),
  label: () => m.oversight_field_bed_label(),
  sexPolicy: () => m.oversight_field_sex_policy(),
  adapted: () => m.oversight_field_adapted(),
  stepFree: () => m.oversight_field_step_free(),
  user: () => m.oversight_field_user(),
  role: () => m.oversight_field_role(),
  siteIds: () => m.oversight_field_sites(),
  disabled: () => m.oversight_field_disabled(),
  revoked: () => m.oversight_field_revoked(),
  password: () => m.oversight_field_password(),
};

/** What a field of a document is called; its own name where there is no word (a newer service may send one). */
export function fieldLabel(kind: string, field: string): string {
  return (LABELS[`${kind}.${field}`] ?? LABELS[field])?.() ?? field;
}

const ENUMS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  sex: sexWords,
  alerts: alertWords,
  flags: personFlagWords,
  contactKind: contactKindWords,
  'stay.state': stayStateWords,
  'reservation.state': reservationStateWords,
  'task.state': taskStateWords,
  reservationKind: reservationKindWords,
  boardPlan: boardPlanWords,
  arriveMeal: mealWords,
  departMeal: mealWords,
  blockKind: blockKindWords,
  taskKind: taskKindWords,
  ownerRole: roleWords,
  role: roleWords,
  sexPolicy: sexPolicyWords,
  bedKind: bedKindWords,
};

const PEOPLE = new Set(['personId', 'personIds', 'mustShareWith']);
const BEDS = new Set(['bedId', 'proposedBedIds']);
const USERS = new Set(['ownerId', 'specialistIds', 'by']);
const STAYS = new Set(['companionOf', 'stayIds']);
const PLACES = new Set(['siteIds', 'buildingId', 'floorId']);

/** Fields whose values are numbers of other records and say nothing to a reader. */
const HIDDEN = new Set(['reservationId', 'blockId']);

/** False for fields that only hold a record's number: they are left out wherever people read fields. */
export function isReadable(field: string): boolean {
  return !HIDDEN.has(field);
}

const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function segmentText(segment: { readonly [key: string]: Json }, names: Names): string {
  const bedId = segment['bedId'];
  const bed =
    typeof bedId === 'string' ? (names.bed(bedId) ?? m.oversight_unknown_bed()) : m.oversight_no_bed();
  return `${bed} ${formatDate(asText(segment['from']))}–${formatDate(asText(segment['to']))}`;
}

function scalarText(kind: string, field: string, value: string | number, names: Names): string {
  if (typeof value === 'number') {
    return field === 'pricePerNight' ? `${(value / 100).toFixed(2).replace('.', ',')} €` : String(value);
  }
  const words = ENUMS[`${kind}.${field}`] ?? ENUMS[field];
  if (words !== undefined) return wordOf(words, value);
  if (PEOPLE.has(field)) return names.person(value) ?? m.oversight_unknown_person();
  if (BEDS.has(field)) return names.bed(value) ?? m.oversight_unknown_bed();
  if (USERS.has(field)) return names.user(value) ?? m.oversight_unknown_user();
  if (STAYS.has(field)) return names.stay(value) ?? m.oversight_unknown_person();
  if (PLACES.has(field)) return names.place(value) ?? m.oversight_unknown_place();
  if (field === 'roomId') return names.room(value) ?? m.oversight_unknown_place();
  if (field === 'targetId') return names.bed(value) ?? names.room(value) ?? m.oversight_unknown_place();
  if (isPlainDate(value)) return formatDate(value);
  return isInstant(value) ? formatDateTime(value) : value;
}

/**
 * A value of a field as people read it: dates and states in words, ids by what they name. `null` and absent values
 * are a dash; what has no words of its own is shown as it is, never hidden.
 */
export function valueText(kind: string, field: string, value: Json | undefined, names: Names): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'boolean') return value ? m.oversight_yes() : m.oversight_no();
  if (typeof value === 'string' || typeof value === 'number') return scalarText(kind, field, value, names);
  if (Array.isArray(value)) {
    if (value.length === 0) return '—';
    return (value as readonly Json[]).map((item) => itemText(kind, field, item, names)).join('; ');
  }
  const entries = Object.entries(value).filter(([, inner]) => typeof inner !== 'object');
  if (field === 'checkout') return checkoutText(value as Fields);
  if (field === 'checkin') return Object.keys(value).map(checkinWord).join(', ') || '—';
  return entries.map(([, inner]) => valueText(kind, '', inner, names)).join(', ') || JSON.stringify(value);
}

function itemText(kind: string, field: string, item: Json, names: Names): string {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return valueText(kind, field, item, names);
  const fields = item as { readonly [key: string]: Json };
  if (field === 'segments') return segmentText(fields, names);
  if (field === 'formerNames') return `${asText(fields['familyName'])} ${asText(fields['givenName'])}`;
  return valueText(kind, field, item, names);
}

const CHECKIN: Readonly<Record<string, () => string>> = {
  identity: () => m.oversight_checkin_identity(),
  form027u: () => m.oversight_checkin_form(),
  houseRules: () => m.oversight_checkin_rules(),
  key: () => m.oversight_checkin_key(),
  pass: () => m.oversight_checkin_pass(),
};

function checkoutText(seen: Fields): string {
  const { keyReturned, belongings, note } = seen;
  return [
    keyReturned === undefined
      ? ''
      : keyReturned === true
        ? m.oversight_checkout_key_yes()
        : m.oversight_checkout_key_no(),
    belongings === true ? m.oversight_checkout_belongings_yes() : m.oversight_checkout_belongings_no(),
    asText(note),
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function checkinWord(item: string): string {
  return wordOf(CHECKIN, item);
}

const KINDS: Readonly<Record<string, () => string>> = {
  person: () => m.oversight_kindname_person(),
  contact: () => m.oversight_kindname_contact(),
  reservation: () => m.oversight_kindname_reservation(),
  stay: () => m.oversight_kindname_stay(),
  block: () => m.oversight_kindname_block(),
  task: () => m.oversight_kindname_task(),
  site: () => m.oversight_kindname_site(),
  building: () => m.oversight_kindname_building(),
  floor: () => m.oversight_kindname_floor(),
  room: () => m.oversight_kindname_room(),
  bed: () => m.oversight_kindname_bed(),
  staff: () => m.oversight_kindname_staff(),
  user: () => m.oversight_kindname_user(),
  device: () => m.oversight_kindname_device(),
  session: () => m.oversight_kindname_session(),
  audit: () => m.oversight_kindname_audit(),
  shiftLog: () => m.oversight_kindname_shift_log(),
  teamLog: () => m.oversight_kindname_team_log(),
  clientNote: () => m.oversight_kindname_client_note(),
  protectedNote: () => m.oversight_kindname_protected_note(),
  quarantine: () => m.oversight_quarantine(),
  store: () => m.oversight_kindname_store(),
};

/** What a kind of document is called. */
export function kindName(kind: string): string {
  return wordOf(KINDS, kind);
}
