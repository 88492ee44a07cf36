import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { PATHS, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { findWords } from '../../desktop/e2e/support/canaries.ts';
import {
  createRow,
  editRow,
  PASSWORD,
  pushTo,
  runCommand,
  seedFolder,
  send,
  signInAt,
  startProcess,
  type Reply,
  type ServiceProcess,
} from './liveService.ts';

/**
 * Words by which somebody would be known are looked for in everything that the service leaves behind but its database:
 * logs, bodies of errors, figures, names of files, the published audit log, what stays in the folder for temporary files.
 */
const PERSON = {
  familyName: 'Kanārijputniņa',
  givenName: 'Zeltlapīte',
  documentNumber: 'KP9182736',
  birthDate: '1877-01-01',
};
const PHONE = '+371 26987123';
const CODE = '010177-01234';
const REASON = 'Kanārijreizes iemesls';
const SEARCHED = 'Kanārijmeklējums';
const TYPED = 'kanarijparole-lietotaja-lauka';
const GUEST = 'Kanarvanaga';
const WORDS = [
  ...[PERSON.familyName, PERSON.givenName, PERSON.documentNumber, PHONE, CODE, REASON, SEARCHED, TYPED],
  ...[GUEST, PASSWORD],
];

/** The database, its copies, and the rows of an import that somebody has to correct hold people by their nature. */
const holds = (name: string): boolean => /(^|\/)sivis\.db(-wal|-shm)?$|^import\/[^/]+\.csv$/.test(name);

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe('what the service leaves behind', { timeout: 180_000 }, () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sivis-canary-'));
  const home = path.join(root, 'home');
  const temporary = path.join(root, 'tmp');
  const before = process.env['TMPDIR'];
  let service: ServiceProcess;
  let siteId = '';
  let figures = '';

  beforeAll(async () => {
    siteId = await seedFolder(home, { anna: 'reception', iveta: 'it', zane: 'auditor' });
    const port = await freePort();
    figures = `http://127.0.0.1:${port}/metrics`;
    writeFileSync(
      path.join(home, 'server.toml'),
      `metrics_port = ${port}\nlog_level = 'trace'\nsign_ins_per_minute = 1000\n`,
      { mode: 0o600 },
    );
    mkdirSync(temporary);
    process.env['TMPDIR'] = temporary;
    service = await startProcess(home);
  }, 60_000);
  afterAll(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    service.child.kill('SIGKILL');
    await service.ended;
    rmSync(root, { recursive: true, force: true });
  });

  it('names nobody, after a day’s work with its mistakes', async () => {
    const said: string[] = [];
    const refused: Reply[] = [];
    const ask = async (...args: Parameters<typeof send>): Promise<Reply> => {
      const reply = await send(...args);
      if (reply.status >= 400) refused.push(reply);
      return reply;
    };
    const command = async (...args: string[]): Promise<number> => {
      const { code, out, err } = await runCommand([...args, '--data', home]);
      said.push(out, err);
      return code;
    };
    const { url } = service;
    const desk = newId();
    const session = await signInAt(url, 'anna', PASSWORD, desk);
    const device = { id: desk, name: 'Galds' };

    // People, their numbers, a change with a reason, readings and searches.
    const person = createRow(session, 'person', siteId, PERSON);
    const phone = { personId: person.id, contactKind: 'phone', value: PHONE };
    await pushTo(url, session, 'people', [person, createRow(session, 'contact', siteId, phone)]);
    const doc = { id: person.id, kind: 'person', siteId } as const;
    const edit = editRow(session, doc, { givenName: PERSON.givenName }, { givenName: SEARCHED });
    await pushTo(url, session, 'people', [
      { ...edit, ops: edit.ops.map((op) => ({ ...op, reason: REASON })) },
    ]);
    await ask(url, pullPath('people'), { session, body: { checkpoint: null, limit: 100 } });
    await ask(url, PATHS.searchPeople, { session, body: { text: PERSON.familyName, limit: 20 } });
    await ask(url, PATHS.personCard, { session, body: { personId: person.id } });

    // What goes wrong: a password in the field for the name, codes that are none, bodies and addresses with words in them.
    await ask(url, PATHS.login, { body: { user: TYPED, password: TYPED, device } });
    await ask(url, PATHS.login, { body: { user: 'anna', password: TYPED, device } });
    await ask(url, PATHS.enrol, { body: { code: TYPED, device: { id: newId(), name: PERSON.familyName } } });
    const odd = createRow(session, 'person', siteId, { ...PERSON, personalCode: CODE, birthDate: CODE });
    for (const rows of [[odd], [{ ...person, kind: PERSON.familyName }], [{ [CODE]: PHONE }], [REASON]])
      await ask(url, pushPath('people'), { session, body: { rows } });
    for (const raw of [
      `{"rows":["${CODE}"`,
      `{"${PERSON.familyName}":1}`,
      `${PHONE}\u0000`,
      `{"__proto__":"${CODE}"}`,
    ])
      for (const route of [pushPath('people'), PATHS.searchPeople, PATHS.login])
        await ask(url, route, { session, raw });
    for (const words of [PERSON.familyName, CODE, PHONE]) {
      const said = encodeURIComponent(words);
      await ask(url, `/api/people/${said}?vards=${said}`, { session });
      await ask(url, `/${said}`);
      await ask(url, `/api/auth/oidc/callback?state=${said}&name=${said}`);
      await ask(url, PATHS.me, {
        session,
        headers: { 'x-sivis-app': said, referer: `http://a/${said}`, cookie: said },
      });
    }
    await ask(url, PATHS.auditQuery, { session, body: { personId: person.id, limit: 10, text: SEARCHED } });

    // A file of another program: one guest to take, one row to refuse, and a file that is none.
    const csv = path.join(root, '4hotel');
    cpSync(path.join(import.meta.dirname, 'fixtures/4hotel'), csv, { recursive: true });
    const guests = readFileSync(path.join(csv, '4hotel_viesi.csv'), 'latin1').replaceAll('Lapsa', GUEST);
    writeFileSync(
      path.join(csv, '4hotel_viesi.csv'),
      `${guests}x;${GUEST};${GUEST};${CODE};99.99.9999;Z;;;;;\r\n`,
      'latin1',
    );
    expect(await command('import', '4hotel', csv, '--asof', '2026-11-20')).toBe(0);
    writeFileSync(path.join(csv, '4hotel_viesi.csv'), `${GUEST};${CODE}\r\n`, 'latin1');
    expect(await command('import', '4hotel', csv)).not.toBe(0);
    const note = path.join(root, 'unsent.sivis');
    writeFileSync(
      note,
      JSON.stringify({ format: 'sivis-pending/1', key: PERSON.familyName, iv: CODE, body: PHONE }),
    );
    expect(await command('import', 'pending', note)).toBe(1);

    // The evening: a copy, its check, a look at everything.
    expect(await command('backup', 'create')).toBe(0);
    const well = await command('doctor', '--json');
    expect([well, well === 0 ? '' : said.at(-2)]).toEqual([0, '']);
    const metrics = await (await fetch(figures)).text();
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(await command('audit', 'verify', path.join(home, 'audit'))).toBe(0);

    expect(refused.length).toBeGreaterThan(20);
    const kept = path.join(root, 'kept');
    mkdirSync(kept);
    writeFileSync(path.join(kept, 'log'), service.log());
    writeFileSync(path.join(kept, 'commands'), said.join('\n'));
    writeFileSync(path.join(kept, 'figures'), metrics);
    writeFileSync(
      path.join(kept, 'errors'),
      refused.map(({ text, headers }) => `${text} ${JSON.stringify([...headers])}`).join('\n'),
    );
    // The scan finds what is there: in the database everybody stands.
    const inStore = await findWords([home], [PERSON.documentNumber, GUEST, REASON]);
    expect(inStore.map((line) => line.split(' in ')[0])).toEqual(
      expect.arrayContaining([PERSON.documentNumber, GUEST, REASON]),
    );
    expect(await findWords([home, temporary, kept], WORDS, holds)).toEqual([]);
    expect(existsSync(path.join(home, 'import'))).toBe(true);
  });
});
