import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '@sivis/shared/docs/json.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay } from '@sivis/shared/time/plainDate.ts';
import { makeFixture } from '../../test/legacy/makeFixture.ts';
import { encodeWindows1257 } from '../../test/legacy/windows1257.ts';
import { createAuditLog } from '../audit/auditLog.ts';
import type { CommandContext, CommandHandler, CommandResult } from '../cli/seam.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite/open.ts';
import type { StoredDoc } from '../store/store.ts';
import { IMPORT_4HOTEL, import4HotelCommand, registerImport } from './cli.ts';
import { hotelIds } from './hotel/ids.ts';

const fixture = makeFixture(1);
const ASOF = fixture.expected.asof;
const STAFF = '01900000-0000-7000-8000-0000000000aa';

let dataDir: string;
let exportDir: string;
let store: SqliteStore;
let said: string[];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'sivis-import-'));
  exportDir = path.join(dataDir, 'export');
  store = await openSqliteStore({ file: path.join(dataDir, 'store.db') });
  said = [];
  await writeExport(fixture.files);
});

afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function writeExport(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(exportDir, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(exportDir, name), bytes);
}

function run(args: Readonly<Record<string, Json>> = { asof: ASOF }): Promise<CommandResult> {
  const context: CommandContext = {
    store,
    clock: { now: () => Date.parse(`${ASOF}T09:00:00.000Z`) },
    audit: createAuditLog(Buffer.alloc(32, 1)),
    dataDir,
    accessChanged: () => undefined,
    say: (line) => said.push(line),
  };
  return import4HotelCommand(context, { dir: exportDir, ...args });
}

const written = (result: CommandResult): unknown => (result.value as { written: unknown }).written;
const head = (): Promise<number> => store.read((tx) => tx.headSeq());
const docsOf = (kind: StoredDoc['kind']): Promise<StoredDoc[]> => store.read((tx) => tx.docsOfKind(kind));

async function correct(doc: StoredDoc, fields: Readonly<Record<string, Json>>): Promise<void> {
  const stamp = { by: STAFF, at: `${ASOF}T10:00:00.000Z`, device: 'desk' };
  await store.write((tx) =>
    tx.putDoc({
      ...doc,
      rev: doc.rev + 1,
      fields: { ...doc.fields, ...fields },
      stamps: { ...doc.stamps, ...Object.fromEntries(Object.keys(fields).map((field) => [field, stamp])) },
    }),
  );
}

describe('import 4hotel', () => {
  it('prints the planted answer, holds the nights, and writes audit entries in the batches', async () => {
    const result = await run();
    expect(result.exit).toBe(0);
    expect(result.value).toMatchObject(fixture.expected as unknown as Record<string, unknown>);
    expect(await store.read((tx) => tx.bedNightsByMonth())).toEqual(fixture.expected.bed_nights_by_month);
    expect(await store.read((tx) => tx.bedsHeldOn(toEpochDay(ASOF)))).toBe(
      fixture.expected.beds_occupied_on_asof,
    );
    expect(await store.read((tx) => tx.auditSize())).toBeGreaterThan(0);
    expect((await docsOf('person')).length).toBe(fixture.marks.peopleInAll);
  });

  it('keeps the rejected rows for their owner, and names nobody in what it says', async () => {
    const result = await run();
    const file = (result.value as { rejected_file: string }).rejected_file;
    const lines = (await readFile(file, 'utf8')).split('\r\n');
    expect(lines.length).toBe(fixture.marks.rejectedRows.length + 2);
    expect(said.join('\n')).not.toMatch(/Bērziņ|Šķēle|\d{6}-\d{5}/);
  });

  it('changes nothing at a second run', async () => {
    await run();
    const before = await head();
    const audit = await store.read((tx) => tx.auditSize());
    expect(written(await run())).toMatchObject({ created: 0, updated: 0 });
    expect(await head()).toBe(before);
    expect(await store.read((tx) => tx.auditSize())).toBe(audit);
  });

  it('never overwrites what staff have corrected, and brings the rest up to date', async () => {
    await run();
    const person = (await docsOf('person')).find((doc) => doc.fields['documentNumber'] !== undefined)!;
    await correct(person, { familyName: 'Labota' });
    const stay = (await docsOf('stay')).find((doc) => doc.fields['state'] === 'expected')!;
    await correct(stay, { state: 'cancelled' });
    // The old system says now that its first room is of another type.
    const files = { ...fixture.files };
    const [head1, first, ...others] = new TextDecoder('windows-1257')
      .decode(files['4hotel_numuri.csv'])
      .split('\r\n');
    const cells = first!.split(';');
    cells[3] = 'Remontēta';
    files['4hotel_numuri.csv'] = encodeWindows1257([head1, cells.join(';'), ...others].join('\r\n'));
    const room = (await docsOf('room')).find((doc) => doc.fields['number'] === cells[0])!;
    await writeExport(files);
    expect(written(await run())).toMatchObject({ created: 0, updated: 1 });
    const after = async (id: string) => (await store.read((tx) => tx.doc(id)))!.fields;
    expect((await after(person.id))['familyName']).toBe('Labota');
    expect((await after(stay.id))['state']).toBe('cancelled');
    expect((await after(room.id))['roomType']).toBe('Remontēta');
  });

  it('keeps a field that staff have emptied empty', async () => {
    await run();
    const person = (await docsOf('person')).find((doc) => doc.fields['documentNumber'] !== undefined)!;
    const { documentNumber: _, ...rest } = person.fields;
    const stamps = { documentNumber: { by: STAFF, at: `${ASOF}T10:00:00.000Z`, device: 'desk' } };
    await store.write((tx) => tx.putDoc({ ...person, rev: person.rev + 1, fields: rest, stamps }));
    await run();
    expect((await store.read((tx) => tx.doc(person.id)))!.fields['documentNumber']).toBeUndefined();
  });

  it('meets a person whom staff registered before with the same code', async () => {
    await run();
    const imported = (await docsOf('person')).find(
      (doc) =>
        doc.fields['personalCode'] !== undefined &&
        doc.fields['birthDate'] !== undefined &&
        doc.fields['formerNames'] === undefined,
    )!;
    await store.close();
    await rm(path.join(dataDir, 'store.db'));
    store = await openSqliteStore({ file: path.join(dataDir, 'second.db') });
    const code = imported.fields['personalCode'] as string;
    const own = {
      id: STAFF.replace('aa', 'ab'),
      kind: 'person' as const,
      siteId: imported.siteId,
      rev: 1,
      fields: { familyName: 'Jaunā', givenName: 'Anna', personalCode: code },
      stamps: {},
      createdBy: STAFF,
    };
    await store.write((tx) => tx.putDoc(own));
    await run();
    const after = (await store.read((tx) => tx.doc(own.id)))!;
    expect(after.fields).toMatchObject({
      familyName: 'Jaunā',
      givenName: 'Anna',
      aliases: imported.fields['aliases']!,
    });
    expect(await store.read((tx) => tx.doc(imported.id))).toBeUndefined();
    expect((await store.read((tx) => tx.peopleWithCode(code))).length).toBe(1);
  });

  it('keeps a stay without its bed when staff have given the bed to somebody else, with a task', async () => {
    await run();
    const held = (await docsOf('stay')).find((doc) => doc.fields['state'] === 'expected')!;
    const segment = (held.fields as unknown as Stay).segments[0]!;
    await store.close();
    await rm(path.join(dataDir, 'store.db'));
    store = await openSqliteStore({ file: path.join(dataDir, 'second.db') });
    await store.write((tx) =>
      tx.holdNights(STAFF, [{ bedId: segment.bedId!, night: toEpochDay(segment.from) }]),
    );
    expect(written(await run())).toMatchObject({ displaced: 1 });
    const after = (await store.read((tx) => tx.doc(held.id)))!.fields;
    expect(after['unconfirmed']).toBe(true);
    expect((after as unknown as Stay).segments[0]!.bedId).toBeNull();
    const clash = (await docsOf('task')).filter((doc) => doc.fields['taskKind'] === 'bedClash');
    expect(clash.map((doc) => (doc.fields['stayIds'] as string[])[0])).toEqual([held.id]);
    const before = await head();
    expect(written(await run())).toMatchObject({ created: 0, updated: 0, displaced: 0 });
    expect(await head()).toBe(before);
  });

  it('says that the disk is full, and is completed by the next run', async () => {
    const file = path.join(dataDir, 'full.db');
    await store.close();
    store = await openSqliteStore({ file, maxBytes: 900_000 });
    expect(await run()).toEqual({ exit: 75, value: { error: { code: 'store_full' } } });
    expect(said.at(-1)).toContain('Diskā nav vietas');
    await store.close();
    store = await openSqliteStore({ file });
    expect((await run()).exit).toBe(0);
    expect(await store.read((tx) => tx.bedNightsByMonth())).toEqual(fixture.expected.bed_nights_by_month);
  });

  it('refuses a store with demonstration data', async () => {
    await store.write((tx) => tx.setMeta('demo', '1'));
    expect(await run()).toEqual({ exit: 1, value: { error: { code: 'demo_store' } } });
    expect(await head()).toBe(0);
  });

  it.each([
    [
      'missing_file',
      (files: Record<string, Uint8Array>) => delete files['4hotel_viesi.csv'],
      { file: '4hotel_viesi.csv' },
    ],
    [
      'wrong_encoding',
      (files: Record<string, Uint8Array>) =>
        (files['4hotel_rezervacijas.csv'] = new TextEncoder().encode('Ē;\r\n')),
      { file: '4hotel_rezervacijas.csv', line: 1 },
    ],
    [
      'truncated',
      (files: Record<string, Uint8Array>) =>
        (files['4hotel_numuri.csv'] = files['4hotel_numuri.csv']!.slice(0, -9)),
      { file: '4hotel_numuri.csv', line: 47 },
    ],
    [
      'missing_column',
      (files: Record<string, Uint8Array>) =>
        (files['4hotel_numuri.csv'] = new TextEncoder().encode('Numurs;Korpuss\r\n')),
      { file: '4hotel_numuri.csv', line: 1, detail: 'Stāvs' },
    ],
  ])('refuses the import whole with %s before anything is written', async (code, spoil, place) => {
    const files = { ...fixture.files };
    spoil(files);
    await rm(exportDir, { recursive: true });
    await writeExport(files);
    expect(await run()).toEqual({ exit: 1, value: { error: { code, ...place } } });
    expect(await head()).toBe(0);
    expect(await store.read((tx) => tx.auditSize())).toBe(0);
    expect((await readdir(dataDir)).includes('import')).toBe(false);
  });

  it('refuses a day that is none', async () => {
    expect(await run({ asof: '20.11.2026' })).toEqual({
      exit: 2,
      value: { error: { code: 'invalid_date', detail: '--asof' } },
    });
  });

  it('counts from today in Riga when no day is given', async () => {
    expect((await run({})).value).toMatchObject({ asof: ASOF });
  });
});

describe('registerImport', () => {
  it('adds the command beside others of its group and hands over an absolute folder', async () => {
    const program = new Command().exitOverride();
    program.command('import').command('other');
    const handlers = new Map<string, CommandHandler>();
    const calls: unknown[] = [];
    registerImport(program, {
      handlers,
      run: async (name, args) => {
        calls.push([name, args]);
      },
    });
    expect(program.commands.filter((command) => command.name() === 'import').length).toBe(1);
    expect(handlers.get(IMPORT_4HOTEL)).toBe(import4HotelCommand);
    await program.parseAsync(['import', '4hotel', 'export', '--asof', ASOF], { from: 'user' });
    expect(calls).toEqual([[IMPORT_4HOTEL, { dir: path.resolve('export'), asof: ASOF }]]);
  });
});

describe('hotelIds', () => {
  it('never change: an import of tomorrow must meet the documents of today', () => {
    expect(hotelIds.person('1001')).toBe(hotelIds.person('1001'));
    expect(hotelIds.reservation(50_001)).not.toBe(hotelIds.stay(50_001));
    expect(hotelIds.person('1001')).toMatchInlineSnapshot(`"2bf3e855-2be0-5b8e-a910-135fcafb97f8"`);
  });
});
