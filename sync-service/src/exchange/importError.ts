/** Why an import was refused or broken off as a whole; words for people stand in `IMPORT_ERRORS`. */
export const IMPORT_ERRORS = {
  missing_file: {
    lv: 'Mapē nav vajadzīgās datnes. Nekas nav mainīts. Pārbaudiet, vai norādīta pareizā mape.',
    exitCode: 1,
  },
  too_large: { lv: 'Datne ir lielāka, nekā imports spēj droši nolasīt. Nekas nav mainīts.', exitCode: 1 },
  wrong_encoding: {
    lv: 'Datne nav Windows-1257 kodējumā. Nekas nav mainīts. Eksportējiet to vēlreiz; neatveriet un nesaglabājiet to citā programmā.',
    exitCode: 1,
  },
  truncated: {
    lv: 'Datne ir aprauta rindas vidū. Nekas nav mainīts. Eksportējiet vai kopējiet to vēlreiz.',
    exitCode: 1,
  },
  missing_column: {
    lv: 'Datnē trūkst kolonnas. Nekas nav mainīts. Eksportējiet to ar visām kolonnām.',
    exitCode: 1,
  },
  demo_store: {
    lv: 'Šajā datu mapē ir demonstrācijas dati; īstus datus tajā neimportē. Norādiet citu datu mapi.',
    exitCode: 1,
  },
  invalid_date: { lv: 'Datums nav saprotams. Nekas nav mainīts. Rakstiet to kā 2026-11-20.', exitCode: 2 },
  store_full: {
    lv: 'Diskā nav vietas. Jau ierakstītais ir drošībā. Atbrīvojiet vietu un palaidiet importu vēlreiz: tas turpinās, kur apstājās.',
    exitCode: 75,
  },
} as const satisfies Record<string, { lv: string; exitCode: 1 | 2 | 75 }>;

export type ImportErrorCode = keyof typeof IMPORT_ERRORS;

export interface ImportErrorPlace {
  /** Name of the file, without its folder. */
  readonly file?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Name of a column or option; never a value out of a row. */
  readonly detail?: string;
}

/** An import that was refused or broken off; says where, and never quotes a row. */
export class ImportError extends Error {
  readonly code: ImportErrorCode;
  readonly place: ImportErrorPlace;
  constructor(code: ImportErrorCode, place: ImportErrorPlace = {}) {
    super(code);
    this.name = 'ImportError';
    this.code = code;
    this.place = place;
  }
}
