/** The three files of 4Hotel and their columns, as the export writes them. */
export const HOTEL_SOURCE = '4hotel';

export const HOTEL_FILES = {
  rooms: '4hotel_numuri.csv',
  guests: '4hotel_viesi.csv',
  reservations: '4hotel_rezervacijas.csv',
} as const;

export const ROOM_COLUMNS = [
  'Numurs',
  'Korpuss',
  'Stāvs',
  'Tips',
  'Vietas',
  'Pielāgots',
  'Piezīmes',
] as const;

export const GUEST_COLUMNS = [
  'ViesaID',
  'Uzvārds',
  'Vārds',
  'PersKods',
  'DzimDat',
  'Dzimums',
  'Valsts',
  'Dokuments',
  'Telefons',
  'Epasts',
  'Adrese',
] as const;

export const RESERVATION_COLUMNS = [
  'RezID',
  'ViesaID',
  'Numurs',
  'Vieta',
  'Ierašanās',
  'Izbraukšana',
  'Statuss',
  'Ēdināšana',
  'Cena',
  'Pakalpojums',
  'Piezīmes',
] as const;

export type RoomColumn = (typeof ROOM_COLUMNS)[number];
export type GuestColumn = (typeof GUEST_COLUMNS)[number];
export type ReservationColumn = (typeof RESERVATION_COLUMNS)[number];
