import { existsSync } from 'node:fs';
import type { CommandResult } from '../seam.ts';
import { findingOf } from './faults.ts';
import { wrong, type Finding } from './finding.ts';
import { examineFolder, type Place } from './folder.ts';

/** Faults with which the store is left closed: opening it would make new keys, or work on another database. */
const CLOSED = ['keys-missing', 'keys-damaged', 'settings'];

interface Answer {
  readonly findings?: readonly { check: string; detail: string; code?: string; exit?: Finding['exit'] }[];
  readonly error?: { readonly code?: string };
}

function findingsOf({ value }: CommandResult): Finding[] {
  const { findings, error } = value as Answer;
  if (findings !== undefined)
    return findings.map(({ check, detail, code = '', exit = 0 }) => ({ code, check, detail, exit }));
  // Whoever holds the folder does not answer, or its store is gone under it.
  if (error?.code === 'locked')
    return [
      wrong(
        'locked',
        'datu mape',
        'to patlaban tur cita programma. Dati ir drošībā; pagaidiet, līdz tā beidz, un mēģiniet vēlreiz.',
        75,
      ),
    ];
  return [findingOf(error)];
}

/**
 * Everything that can be said of a data folder, served or not, damaged or not.
 * @param askStore runs {@link examineStore} where the store is open: in the serving process or in this one
 */
export async function examine(place: Place, askStore: () => Promise<CommandResult>): Promise<Finding[]> {
  if (!existsSync(place.dataDir))
    return [
      wrong('folder-missing', 'datu mape', `nav tādas mapes: ${place.dataDir}. Norādiet to ar --data.`),
    ];
  const folder = await examineFolder(place);
  if (folder.some(({ code }) => CLOSED.includes(code))) return folder;
  try {
    return [...findingsOf(await askStore()), ...folder];
  } catch (error) {
    return [findingOf(error), ...folder];
  }
}

export const lineOf = ({ check, detail, exit }: Finding): string =>
  `${exit === 0 ? '✓' : '✗'} ${check}${detail === '' ? '' : `: ${detail}`}`;
