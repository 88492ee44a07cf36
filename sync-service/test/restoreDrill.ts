import path from 'node:path';
import { expect } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { restoreBackup } from '../src/cli/backup.ts';
import type { Config } from '../src/cli/config.ts';
import { keepWriting, people, peopleOfAll } from './deskWriters.ts';
import {
  PASSWORD,
  pushTo,
  runCommand,
  send,
  signInAt,
  startProcess,
  type ServiceProcess,
} from './liveService.ts';

const DESKS = ['anna', 'berta', 'tina'] as const;
export const DRILL_USERS = { anna: 'reception', berta: 'reception', tina: 'reception' } as const;
/** Requests of one push. */
const BATCH = 500;

type Database = Pick<Config, 'database_url' | 'database_owner_url'>;

export interface Drill {
  /** The seeded folder of the service, and its site. */
  readonly home: string;
  readonly siteId: string;
  /** The database that the copy is restored into; empty addresses for the folder itself. */
  readonly into: Database;
  /** Makes the restored folder serve on that database. */
  readonly settle: (folder: string) => void;
  /** Called for every process that is started, so that the test ends it. */
  readonly started: (service: ServiceProcess) => void;
}

const findingsOf = (out: string): unknown[] =>
  (JSON.parse(out) as { findings: { ok: boolean }[] }).findings.filter(({ ok }) => !ok);

/**
 * The night in which everything happens: desks write, a copy is made meanwhile, the service is killed, the copy is
 * restored, and the desks go on with what the copy lacks.
 */
export async function restoreDrill({ home, siteId, into, settle, started }: Drill): Promise<void> {
  const service = await startProcess(home);
  started(service);
  const sessions = await Promise.all(DESKS.map((user) => signInAt(service.url, user, PASSWORD, newId())));
  const [first] = sessions;
  if (first === undefined) throw new Error('nobody signed in');
  const early = people(first, siteId, 50);
  await pushTo(service.url, first, 'people', early);
  const { body: page } = await send(service.url, pullPath('people'), {
    session: first,
    body: { checkpoint: null, limit: 1_000 },
  });
  const writing = sessions.map((session) => keepWriting(service.url, session, siteId));
  await expect.poll(() => writing.every(({ acknowledged }) => acknowledged.length > 0)).toBe(true);

  const before = [...early, ...writing.flatMap(({ acknowledged }) => acknowledged)];
  const copy = path.join(path.dirname(home), 'copy');
  const made = await runCommand(['backup', 'create', '--to', copy, '--data', home, '--json']);
  expect(made.code).toBe(0);
  const atCopy = writing.map(({ acknowledged }) => acknowledged.length);
  await expect
    .poll(() => writing.every(({ acknowledged }, at) => acknowledged.length > (atCopy[at] ?? 0)))
    .toBe(true);
  service.child.kill('SIGKILL');
  await service.ended;
  await Promise.all(writing.map(({ end }) => end()));

  expect((await runCommand(['backup', 'verify', copy])).code).toBe(0);
  const target = path.join(path.dirname(home), 'restored');
  expect(await restoreBackup(copy, target, Date.now(), into)).toMatchObject({ exit: 0 });
  settle(target);
  const unserved = await runCommand(['doctor', '--data', target, '--json']);
  expect([unserved.code, findingsOf(unserved.out)]).toEqual([0, []]);

  const second = await startProcess(target);
  started(second);
  // Everything that was acknowledged before the copy was begun is in it.
  const held = await peopleOfAll(second.url, sessions);
  expect(before.filter(({ id }) => !held.has(id))).toEqual([]);
  // A desk notices, reads anew, and sends again all that it has: what is known is answered as it was, the rest is taken.
  const resumed = await send(second.url, pullPath('people'), {
    session: first,
    body: { checkpoint: page['checkpoint'], limit: 1_000 },
  });
  expect([resumed.status, resumed.body['resync']]).toEqual([200, 'epoch']);
  for (const [at, session] of sessions.entries()) {
    const own = writing[at];
    const rows = [...(at === 0 ? early : []), ...(own?.acknowledged ?? []), ...(own?.unanswered ?? [])];
    for (let from = 0; from < rows.length; from += BATCH) {
      const answers = await pushTo(second.url, session, 'people', rows.slice(from, from + BATCH));
      expect(new Set(answers.map(({ outcome, master }) => `${outcome} ${master.rev}`))).toEqual(
        new Set(['accepted 1']),
      );
    }
  }
  const all = [
    ...early,
    ...writing.flatMap(({ acknowledged, unanswered }) => [...acknowledged, ...unanswered]),
  ];
  expect(await peopleOfAll(second.url, sessions)).toEqual(new Set(all.map(({ id }) => id)));
  // And life goes on: a new desk, a new write.
  const late = await signInAt(second.url, 'berta', PASSWORD, newId());
  const fresh = people(late, siteId, 1);
  await pushTo(second.url, late, 'people', fresh);
  expect(await peopleOfAll(second.url, sessions)).toContain(fresh[0]?.id);

  const state = await send(second.url, PATHS.me, { session: late });
  expect(state.status).toBe(200);
  const served = await runCommand(['doctor', '--data', target, '--json']);
  expect([served.code, findingsOf(served.out)]).toEqual([0, []]);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  const log = await runCommand(['audit', 'verify', path.join(target, 'audit'), '--json']);
  expect([log.code, JSON.parse(log.out)]).toEqual([0, expect.objectContaining({ verdict: 'ok' })]);
}
