import { storeError } from '../../store/storeError.ts';
import { wrong, type Finding } from './finding.ts';

/** SQLite's primary result codes for a file that is damaged or no database. */
const SQLITE_DAMAGE = [11, 26];
/** The same of PostgreSQL: data_corrupted, index_corrupted. */
const PG_DAMAGE = /^XX00[12]$/;

/** Whether the store says that what it holds is damaged. */
export function isDamage(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown };
  return (
    (typeof errcode === 'number' && SQLITE_DAMAGE.includes(errcode & 0xff)) ||
    (typeof code === 'string' && PG_DAMAGE.test(code))
  );
}

/** Faults of the set-up, in words for who set it up. */
export const SETUP_WORDS = {
  SCHEMA_NEWER: 'Datus ir rakstījusi jaunāka programma. Dati nav aiztikti; atjauniniet servisu.',
  SCHEMA_OLDER: 'Datubāzē nav šīs versijas shēmas. Dati nav aiztikti; palaidiet sivis-server migrate.',
  ROLE_TOO_STRONG:
    'Servisa loma ir tabulu īpašniece vai superlietotāja un varētu pārrakstīt auditu. Norādiet atsevišķu lomu (docs/operations.md).',
  NOT_DURABLE:
    'Datubāzē ir izslēgts fsync vai synchronous_commit: saglabātais varētu pazust. Ieslēdziet tos.',
  KEYS_DAMAGED:
    'Atslēgu datne keys.json ir bojāta. Nekas nav mainīts. Atjaunojiet to no rezerves kopijas (docs/operations.md).',
  KEYS_DIFFER:
    'Šo datubāzi jau lieto cits serviss ar citām atslēgām. Iekopējiet tā keys.json šajā datu mapē.',
  STORE_DAMAGED:
    'Datubāze ir bojāta un nav atverama. Saglabājiet mapi tādu, kāda tā ir, un atjaunojiet no kopijas: sivis-server restore.',
  UNAVAILABLE: 'Datubāze neatbild. Apstiprinātais ir drošībā. Pārbaudiet datubāzi un mēģiniet vēlreiz.',
  STORE_FULL: 'Diskā nav vietas. Jau ierakstītais ir drošībā. Atbrīvojiet vietu un mēģiniet vēlreiz.',
} as const;

export type SetupFault = keyof typeof SETUP_WORDS;

/** What they end a command with (decision 13); 1 unless here. */
const EXITS: Partial<Record<SetupFault, 3 | 75>> = { STORE_DAMAGED: 3, UNAVAILABLE: 75, STORE_FULL: 75 };

/** Which of them an error is; `undefined` for any other. */
export function setupFault(
  error: unknown,
): { fault: SetupFault; words: string; exit: 1 | 3 | 75 } | undefined {
  const { code } = (storeError(error) ?? {}) as { code?: unknown };
  const named =
    typeof code === 'string' && Object.hasOwn(SETUP_WORDS, code) ? (code as SetupFault) : undefined;
  const fault = isDamage(error) ? 'STORE_DAMAGED' : named;
  return fault === undefined ? undefined : { fault, words: SETUP_WORDS[fault], exit: EXITS[fault] ?? 1 };
}

/** The finding that an error stands for; other errors are thrown on. */
export function findingOf(error: unknown): Finding {
  const known = setupFault(error);
  if (known === undefined) throw error;
  return wrong(known.fault.toLowerCase().replaceAll('_', '-'), 'datubāze', known.words, known.exit);
}
