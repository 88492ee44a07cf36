import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { parseNote } from '@sivis/shared/tlog/note.ts';
import { parseCheckpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { ROOT } from './support/service.ts';
import { openPath, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const SERVER = path.join(ROOT, 'sync-service/src/cli/main.ts');
/** Reads that the restored log lacks. */
const READS = 200;
const SECOND = path.join(ROOT, 'conformance/verify_audit.py');

/** The exit code of a program. */
const run = (program: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = execFile(program, args, () => {
      resolve(child.exitCode ?? -1);
    });
  });

const command = (...args: string[]): Promise<number> => run(process.execPath, [SERVER, ...args]);

/** The exit codes of both verifiers for a file, which they take without service and store. */
async function verdicts(file: string, key: string): Promise<number[]> {
  return [
    await command('audit', 'verify', file, '--key', key),
    await run('python3', [SECOND, file, '--key', key]),
  ];
}

/** How many entries the desk says that it has seen. */
async function seenByDesk(page: Page): Promise<number> {
  const fact = page.getByText(word('oversight_chk_seen'), { exact: true }).locator('xpath=..');
  return Number((await fact.innerText()).replace(/\D/g, ''));
}

test('the auditor sees the state of the log, checks all of it and takes a part away with its proof', async ({
  house,
}) => {
  const { page } = await house.desk('auditor');
  await openPath(page, '/auditacija');
  await page.getByRole('button', { name: word('oversight_chk') }).click();
  await expect(page.getByRole('heading', { level: 1, name: word('oversight_chk') })).toBeVisible();
  for (const part of ['log', 'desk', 'witnesses', 'alarms'])
    await expect(
      page.getByRole('heading', { name: word(`oversight_chk_${part}`), exact: true }),
    ).toBeVisible();

  await page.getByRole('button', { name: word('oversight_chk_run') }).click();
  await expect(page.getByRole('status').getByText(word('oversight_chk_ok'))).toBeVisible();
  await expect(page.getByText(word('oversight_chk_no_alarm'))).toBeVisible();
  const seen = await seenByDesk(page);
  const published = await readFile(path.join(house.data, 'audit/checkpoint'), 'utf8');
  const signed = parseCheckpoint(parseNote(published)?.text ?? '')?.size ?? 0;
  expect(seen).toBeGreaterThan(0);
  expect(signed).toBeGreaterThanOrEqual(seen);

  await page.getByRole('button', { name: word('oversight_chk_export') }).click();
  const asked = page.waitForEvent('download');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: word('oversight_chk_save') })
    .click();
  const download = await asked;
  expect(download.suggestedFilename()).toMatch(/^sivis-audits-\d+-\d+\.json$/);
  const file = house.folder('part.json');
  await download.saveAs(file);
  await expect(page.getByText(word('oversight_chk_exported'))).toBeVisible();
  const key = path.join(house.data, 'audit/key');
  expect(await verdicts(file, key)).toEqual([0, 0]);

  // What this desk told of itself was whole and signed by it.
  const client = await house.client(house.account('auditor'));
  const actions = async (): Promise<string[]> => (await client.audit({})).entries.map(({ action }) => action);
  await expect.poll(actions).toContain('unlock');
  expect(await actions()).not.toContain('deviceAlarm');

  // One letter of one entry, and both say so.
  const text = await readFile(file, 'utf8');
  const forged = house.folder('forged.json');
  await writeFile(forged, text.replace(/\\"result\\":\\"ok\\"/, '\\"result\\":\\"no\\"'));
  expect(await readFile(forged, 'utf8')).not.toBe(text);
  expect(await verdicts(forged, key)).toEqual([3, 3]);
});

test('a service that goes back to an older log is noticed at the desk, which tells it to everybody', async ({
  house,
}) => {
  // Three starts of the service, and desks that ask again after half a minute.
  test.slow();
  const desk = await house.desk('reception');
  const { page } = desk;
  const client = await house.client(house.account('auditor'));
  const old = house.folder('old');
  // What somebody who owns the whole machine would do, keys included.
  await house.service.stop();
  await cp(house.data, old, { recursive: true });
  await house.startService();
  await desk.synced();
  await openPath(page, '/zurnals');
  // More than the service will write of itself until the desk asks again: what it restores is surely shorter.
  for (let left = READS; left > 0; left -= 1) await client.audit({});
  expect(await command('audit', 'checkpoint', '--data', house.data)).toBe(0);
  await page.getByRole('button', { name: word('oversight_chk_run') }).click();
  await expect(page.getByRole('status').getByText(word('oversight_chk_ok'))).toBeVisible();
  await expect(page.getByText(word('app_log_alarm_title'))).toHaveCount(0);

  await openPath(page, '/sodien');
  await house.service.stop();
  await rm(house.data, { recursive: true });
  await cp(old, house.data, { recursive: true });
  await house.startService();

  await expect(page.getByText(word('app_log_alarm_title'))).toBeVisible({ timeout: 60_000 });
  await expect(statusBar(page)).toContainText(word('app_sync_log_alarm'));
  await page.getByRole('button', { name: word('app_log_alarm_open') }).click();
  await expect(page.getByText(word('oversight_chk_rolled_back')).first()).toBeVisible();

  // The service's own alarm, and the desk's event, which a desk without an answer tells again after half a minute.
  await expect
    .poll(
      async () =>
        (await client.audit({})).entries
          .filter(({ action }) => action === 'logAlarm')
          .map(({ result }) => result),
      { timeout: 45_000 },
    )
    .toEqual(expect.arrayContaining(['ok', 'rolledBack']));
});
