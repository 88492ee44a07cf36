/**
 * The words of every refusal, in Latvian and English: what is wrong and the way out. `{name}` is filled from the
 * violation's params, which hold dates, bed and room labels and ids, never a person's name: whoever shows the words
 * adds the name if the reader may know it.
 */
export const WORDS = {
  schema: {
    lv: 'Lauks „{field}” nav pareizi aizpildīts.',
    en: 'The field “{field}” is not filled in correctly.',
  },
  noRight: { lv: 'Jums nav tiesību uz šo darbību.', en: 'You have no right to do this.' },
  leaseEnding: {
    lv: 'Bezsaistes atļauja drīz beigsies, tāpēc datus tagad var tikai skatīt. Pieslēdziet datoru tīklam.',
    en: 'The offline permission ends soon, so data can only be viewed now. Connect the computer.',
  },
  diskFull: {
    lv: 'Datora disks ir pilns, tāpēc datus tagad var tikai skatīt. Atbrīvojiet vietu vai ziņojiet IT.',
    en: 'The disk of the computer is full, so data can only be viewed now. Free some space or tell IT.',
  },
  quarantined: {
    lv: 'Jūsu tiesības pa šo laiku ir mainītas, tāpēc izmaiņa gaida vadītāja lēmumu. Tā nav zudusi.',
    en: 'Your rights have changed meanwhile, so the change waits for a manager to decide. It is not lost.',
  },
  outOfScope: {
    lv: 'Ieraksts nav jūsu darba lokā.',
    en: 'The record is outside your area of work.',
  },
  fieldNotAllowed: {
    lv: 'Lauku „{field}” drīkst mainīt tikai cita loma.',
    en: 'Only another role may change the field “{field}”.',
  },
  malformed: {
    lv: 'Izmaiņa nav saprotama un nav pieņemta.',
    en: 'The change cannot be understood and was not taken.',
  },
  forgedAuthor: {
    lv: 'Izmaiņa nav no šī lietotāja vai šīs darbstacijas.',
    en: 'The change is not from this user or this workstation.',
  },
  opIdReused: {
    lv: 'Izmaiņas numurs jau ir izmantots citai izmaiņai.',
    en: 'The number of the change was used for another change.',
  },
  opChanged: {
    lv: 'Izmaiņa ar šo numuru jau ir saņemta ar citu saturu.',
    en: 'A change with this number was received before with other content.',
  },
  undoUnknown: {
    lv: 'Šajā ierakstā nav izmaiņas, ko atsaukt.',
    en: 'This record has no such change to take back.',
  },
  undoNotOwn: {
    lv: 'Cita darbinieka izmaiņu drīkst atsaukt tikai maiņas vadītājs.',
    en: 'Only the duty manager may take back what somebody else did.',
  },
  undoTooLate: {
    lv: 'Šo izmaiņu vairs nevar atsaukt. Labojiet ierakstu ar jaunu izmaiņu.',
    en: 'This change can no longer be taken back. Correct the record by a new one.',
  },
  undoDiffers: {
    lv: 'Atsaukt var tikai visu darbību kopā un tieši tādu, kāda tā bija.',
    en: 'Only the whole action can be taken back, exactly as it was.',
  },
  unknownKind: { lv: 'Tāda veida ieraksta nav.', en: 'There is no such kind of record.' },
  exists: { lv: 'Tāds ieraksts jau ir.', en: 'Such a record exists already.' },
  missing: { lv: 'Ieraksta vairs nav.', en: 'The record is gone.' },
  otherSite: { lv: 'Ieraksts pieder citam centram.', en: 'The record belongs to another site.' },
  groupFailed: {
    lv: 'Cita šīs pašas darbības daļa nav pieņemta, tāpēc nav pieņemta arī šī.',
    en: 'Another part of the same action was not taken, so this one was not taken either.',
  },
  overrideReason: {
    lv: 'Atkāpei no noteikuma vajag pamatojumu.',
    en: 'Setting a rule aside needs a reason.',
  },
  overrideRight: {
    lv: 'Atkāpties no noteikuma {rule} drīkst tikai maiņas vadītājs.',
    en: 'Only the duty manager may set rule {rule} aside.',
  },
  arriveBeforeDepart: {
    lv: 'Izbraukšanai jābūt vēlāk par ierašanos.',
    en: 'Departure must be later than arrival.',
  },
  segmentsGap: {
    lv: 'Uzturēšanās daļām jāseko citai citai bez pārtraukuma un jāaptver visas naktis.',
    en: 'The parts of the stay must follow one another without a gap and cover every night.',
  },
  bedTaken: { lv: 'Gulta {bed} ir aizņemta {from}–{to}.', en: 'Bed {bed} is taken {from}–{to}.' },
  bedBlocked: {
    lv: 'Gulta {bed} ir slēgta {from}–{to}: {reason}.',
    en: 'Bed {bed} is closed {from}–{to}: {reason}.',
  },
  roomSex: {
    lv: 'Istaba {room} {from}–{to} nav paredzēta šim dzimumam.',
    en: 'Room {room} is not meant for this sex {from}–{to}.',
  },
  roomNotAdapted: {
    lv: 'Klientam vajag pielāgotu istabu; {room} nav pielāgota.',
    en: 'The client needs an adapted room; {room} is not.',
  },
  roomStairs: {
    lv: 'Klients nevar kāpt pa kāpnēm; līdz istabai {room} ir kāpnes.',
    en: 'The client cannot climb stairs; room {room} has stairs.',
  },
  companionOutlives: {
    lv: 'Pavadošā persona nevar palikt ilgāk par klientu ({to}).',
    en: 'A companion cannot stay longer than the client ({to}).',
  },
  segmentLocked: {
    lv: 'Šī uzturēšanās daļa ir nofiksēta. Vispirms atbloķējiet to.',
    en: 'This part of the stay is locked. Unlock it first.',
  },
  pastNights: {
    lv: 'Pagājušās naktis ({from}–{to}) var labot tikai maiņas vadītājs ar pamatojumu.',
    en: 'Past nights ({from}–{to}) may be corrected only by the duty manager, with a reason.',
  },
  stayOverlap: {
    lv: 'Šai personai jau ir uzturēšanās {from}–{to}.',
    en: 'This person already has a stay {from}–{to}.',
  },
  stayOverlapHidden: {
    lv: 'Šai personai šajā laikā jau ir cita uzturēšanās.',
    en: 'This person already has another stay at that time.',
  },
  stayTooLong: {
    lv: 'Uzturēšanās nevar būt garāka par {nights} naktīm.',
    en: 'A stay cannot be longer than {nights} nights.',
  },
  wrongState: {
    lv: 'No stāvokļa „{from}” uz „{to}” pāriet nevar.',
    en: 'There is no step from “{from}” to “{to}”.',
  },
  tooEarly: { lv: 'Ierašanos var reģistrēt no {from}.', en: 'Arrival can be registered from {from}.' },
  identityUnchecked: {
    lv: 'Pirms reģistrēšanas jāapskata personas dokuments.',
    en: 'The identity document must be checked before arrival is registered.',
  },
  noBed: {
    lv: 'Pirms reģistrēšanas jāpiešķir gulta.',
    en: 'A bed must be given before arrival is registered.',
  },
  privateRoomTaken: {
    lv: 'Istaba {room} nav visa brīva {from}–{to}.',
    en: 'Room {room} is not wholly free {from}–{to}.',
  },
  birthDateNeeded: {
    lv: 'Jaunā parauga personas kodam jānorāda dzimšanas datums.',
    en: 'A personal code of the new kind needs the date of birth.',
  },
  birthDateFuture: {
    lv: 'Dzimšanas datums nevar būt nākotnē.',
    en: 'The date of birth cannot be in the future.',
  },
  blockDates: {
    lv: 'Slēgšanas beigām jābūt vēlāk par sākumu.',
    en: 'The end of the closure must be later than its start.',
  },
} as const satisfies Record<string, { lv: string; en: string }>;

export type WordKey = keyof typeof WORDS;

/** The words of a refusal in one language. An unknown key gives the plain text of `malformed`. */
export function wordsOf(
  code: string,
  params: Readonly<Record<string, string>>,
  language: 'lv' | 'en',
): string {
  const entry = Object.hasOwn(WORDS, code) ? WORDS[code as WordKey] : WORDS.malformed;
  return entry[language].replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '…');
}
