import { checkPersonalCode } from '@sivis/shared/people/personalCode.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Ledger, RejectReason, RowWarning } from '../ledger.ts';
import type { Table } from '../table.ts';
import type { GuestColumn } from './format.ts';
import { readDate } from './values.ts';

export interface LegacyGuest {
  readonly key: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly personalCode: string | null;
  readonly birthDate: PlainDate | null;
  readonly sex: 'F' | 'M' | null;
  readonly country: string;
  readonly document: string;
  readonly phone: string;
  readonly email: string;
  readonly address: string;
  readonly checksumMismatch: boolean;
}

const SEX: Readonly<Record<string, 'F' | 'M' | null>> = { S: 'F', V: 'M', '': null };

/** Longest values that a person's or a contact's fields take. */
const LONGEST: Readonly<Partial<Record<GuestColumn, number>>> = {
  ViesaID: 40,
  Uzvārds: 120,
  Vārds: 120,
  Valsts: 80,
  Dokuments: 200,
  Telefons: 4_000,
  Epasts: 4_000,
  Adrese: 4_000,
};

function tooLong(cells: Readonly<Record<GuestColumn, string>>): boolean {
  return Object.entries(LONGEST).some(([column, longest]) => cells[column as GuestColumn].length > longest);
}

type Reading =
  | { readonly guest: LegacyGuest; readonly warnings: readonly RowWarning[] }
  | { readonly reason: RejectReason };

function readGuest(cells: Readonly<Record<GuestColumn, string>>, taken: (key: string) => boolean): Reading {
  if (cells.Uzvārds === '' || cells.Vārds === '') return { reason: 'missing_name' };
  const code = cells.PersKods === '' ? null : checkPersonalCode(cells.PersKods);
  if (code?.ok === false) return { reason: 'malformed_code' };
  const birthDate = cells.DzimDat === '' ? null : readDate(cells.DzimDat);
  if (birthDate === null && cells.DzimDat !== '') return { reason: 'impossible_date' };
  const sex = SEX[cells.Dzimums];
  if (sex === undefined || cells.ViesaID === '' || taken(cells.ViesaID) || tooLong(cells)) {
    return { reason: 'malformed_row' };
  }
  const checksumMismatch = code?.checksum === 'mismatch';
  const warnings: RowWarning[] = [];
  if (birthDate === null) warnings.push('missing_birth_date');
  if (checksumMismatch) warnings.push('checksum_mismatch');
  return {
    guest: {
      key: cells.ViesaID,
      familyName: cells.Uzvārds,
      givenName: cells.Vārds,
      personalCode: code?.code ?? null,
      birthDate,
      sex,
      country: cells.Valsts,
      document: cells.Dokuments,
      phone: cells.Telefons,
      email: cells.Epasts,
      address: cells.Adrese,
      checksumMismatch,
    },
    warnings,
  };
}

/**
 * In this order: `missing_name`, `malformed_code`, `impossible_date`, then what no rule names (a key that is missing or there
 * already, an unknown sex); then the warnings. The date inside a code is compared with nothing.
 */
export function readGuests(table: Table<GuestColumn>, ledger: Ledger): Map<string, LegacyGuest> {
  const guests = new Map<string, LegacyGuest>();
  for (const row of table.rows) {
    const reading: Reading =
      row.cells === null ? { reason: 'malformed_row' } : readGuest(row.cells, (key) => guests.has(key));
    if ('reason' in reading) {
      ledger.reject(row, reading.reason);
      continue;
    }
    guests.set(reading.guest.key, reading.guest);
    ledger.accept(reading.warnings);
  }
  return guests;
}
