import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Json } from '@sivis/shared/docs/json.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { formatDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { DEMO_META, type CommandContext } from '../../cli/seam.ts';
import { auditImport } from '../auditImport.ts';
import { ImportError } from '../importError.ts';
import { knownPeople } from '../knownPeople.ts';
import { EXCHANGE_LIMITS } from '../limits.ts';
import { writeRejected } from '../rejectedCsv.ts';
import { writeImport } from '../writeImport.ts';
import { HOTEL_FILES, HOTEL_SOURCE } from './format.ts';
import { hotelDrafts } from './hotelDrafts.ts';
import { import4Hotel, type HotelFiles, type HotelImport } from './import4Hotel.ts';

async function readOne(dir: string, file: string): Promise<Uint8Array> {
  const full = path.join(dir, file);
  const found = await stat(full).catch(() => undefined);
  if (found?.isFile() !== true) throw new ImportError('missing_file', { file });
  if (found.size > EXCHANGE_LIMITS.fileBytes) throw new ImportError('too_large', { file });
  return readFile(full);
}

async function readFiles(dir: string): Promise<HotelFiles> {
  return {
    numuri: await readOne(dir, HOTEL_FILES.rooms),
    viesi: await readOne(dir, HOTEL_FILES.guests),
    rezervacijas: await readOne(dir, HOTEL_FILES.reservations),
  };
}

function sayReport(hotel: HotelImport, say: (line: string) => void): void {
  for (const [file, { rows, accepted, rejected, warnings }] of Object.entries(hotel.report.files)) {
    say(`${file}: ${rows} rindas, pieņemtas ${accepted}, noraidītas ${rows - accepted}`);
    for (const [reason, count] of Object.entries(rejected)) say(`  noraidīts · ${reason}: ${count}`);
    for (const [warning, count] of Object.entries(warnings)) say(`  brīdinājums · ${warning}: ${count}`);
  }
  say(`Cilvēki: ${hotel.people.length}; iespējami dublikāti: ${hotel.candidates.length}`);
  say(`Aizņemtas gultas ${formatDate(hotel.report.asof)}: ${hotel.report.beds_occupied_on_asof}`);
}

/**
 * Imports the 4Hotel files of a folder into the store and says what became of every row. Gives what `--json` prints.
 * Throws an ImportError, and SivisError STORE_FULL when the disk is full.
 */
export async function runHotelImport(
  context: Pick<CommandContext, 'store' | 'clock' | 'audit' | 'dataDir' | 'say'>,
  dir: string,
  asOf: PlainDate,
): Promise<Json> {
  const { store, clock, audit, dataDir, say } = context;
  if ((await store.read((tx) => tx.meta(DEMO_META))) === '1') throw new ImportError('demo_store');
  const hotel = import4Hotel(await readFiles(dir), { asOf });
  const at = toInstant(clock.now());
  const known = await store.read(knownPeople);
  const written = await writeImport(store, hotelDrafts(hotel, known), {
    source: HOTEL_SOURCE,
    at,
    record: auditImport(audit),
  });
  sayReport(hotel, say);
  say(
    `Ieraksti: jauni ${written.created}, atjaunoti ${written.updated}, nemainīti ${written.unchanged}` +
      (written.displaced > 0 ? `; bez gultas, jo tā jau aizņemta: ${written.displaced}` : ''),
  );
  const rejectedFile = hotel.rejected.length > 0 ? await writeRejected(dataDir, at, hotel.rejected) : null;
  if (rejectedFile !== null) say(`Noraidītās rindas: ${rejectedFile}`);
  return { ...hotel.report, written: { ...written }, rejected_file: rejectedFile } as unknown as Json;
}
