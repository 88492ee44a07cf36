/**
 * Takes the pictures of docs/screens from the full demonstration centre, at 1366 × 768, light and dark:
 * `npx node scripts/screens.mjs` (the project's Node 24; the workstation must be built). Everybody on them is invented.
 */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { BROWSER_ARGS, browserPath } from '../desktop/e2e/support/browser.ts';
import { bedName, bookable, freeBeds, ofKind, personOf, today } from '../desktop/e2e/support/centre.ts';
import { changeField, openCard } from '../desktop/e2e/support/client.ts';
import { auditLog, showChanges } from '../desktop/e2e/support/audit.ts';
import { openDesk } from '../desktop/e2e/support/desk.ts';
import { book, todayList } from '../desktop/e2e/support/lodging.ts';
import { startService } from '../desktop/e2e/support/service.ts';
import { clientOf } from '../desktop/e2e/support/serviceClient.ts';
import { goTo, openPath } from '../desktop/e2e/support/shell.ts';
import { word } from '../desktop/e2e/support/words.ts';
import { addDays } from '../shared/src/time/plainDate.ts';
import { ROOT } from './lib/project.mjs';

const OUT = path.join(ROOT, 'docs/screens');

/** Both colour schemes of what is shown. */
async function take(page, name) {
  // A picture shows the screen at rest: no pointer over anything, no note of what was just done.
  await page.mouse.move(1, 1);
  const notes = page.getByRole('region', { name: word('app_notifications') }).getByRole('listitem');
  for (const note of await notes.all()) await note.getByRole('button', { name: word('app_close') }).click();
  await page.waitForTimeout(700);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: path.join(OUT, `${name}-${colorScheme}.png`) });
    console.log(`${name}-${colorScheme}.png`);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

async function desksOf(browser, service) {
  const accounts = (role) => service.accounts.filter((account) => account.role === role);
  const open = async (account) => {
    const desk = await openDesk(browser, { servicePort: service.port, account });
    await desk.signIn();
    await desk.synced();
    return desk;
  };
  const [first, second] = accounts('reception');
  const [auditor] = accounts('auditor');
  return { here: await open(first), there: await open(second), auditor: await open(auditor) };
}

/** Two desks give one bed away while neither has a network: the task that comes of it. */
async function makeClash(here, there, centre) {
  const [first, second] = bookable(centre).filter(({ sex }) => sex === 'F');
  const arrive = addDays(today(), 3);
  const depart = addDays(today(), 17);
  const [bedId] = freeBeds(centre, arrive, depart);
  const bed = bedName(centre, bedId);
  for (const desk of [here, there]) await desk.cable.cut();
  await book(here.page, { person: first, arrive, depart, bed });
  await book(there.page, { person: second, arrive, depart, bed });
  for (const desk of [here, there]) {
    await desk.cable.restore();
    await desk.synced();
  }
  return bed;
}

/** Somebody in the house with needs, contacts and a companion's worth of facts: a card that shows something. */
function richCard(centre) {
  const withAlerts = ofKind(centre, 'stay').filter(
    ({ fields }) =>
      fields.state === 'in_house' && (centre.get(fields.personId)?.fields.alerts ?? []).length > 0,
  );
  const contacts = new Set(ofKind(centre, 'contact').map(({ fields }) => fields.personId));
  const stay = withAlerts.find(({ fields }) => contacts.has(fields.personId)) ?? withAlerts[0];
  return personOf(centre, stay.fields.personId);
}

const data = await mkdtemp(path.join(os.tmpdir(), 'sivis-screens-'));
const service = await startService(data);
const browser = await chromium.launch({ executablePath: browserPath(), args: [...BROWSER_ARGS] });
mkdirSync(OUT, { recursive: true });
try {
  const centre = await (await clientOf(service.url, service.accounts[0])).everything();
  const { here, there, auditor } = await desksOf(browser, service);

  const rows = await todayList(here.page, 'arrivals');
  await rows.nth(2).click();
  await take(here.page, 'today');

  await goTo(here.page, word('lodging_board'));
  await here.page.getByRole('button', { name: word('lodging_go_today') }).click();
  await take(here.page, 'board');

  await openCard(here.page, richCard(centre));
  await take(here.page, 'client');
  // What the audit log shows later: a value before and after.
  await changeField(here.page, word('oversight_field_country'), 'Lietuva');
  await here.synced();

  const bed = await makeClash(here, there, centre);
  await goTo(there.page, word('work_tasks'));
  await there.page.getByRole('grid').getByRole('row').filter({ hasText: bed }).first().click();
  await there.page.getByRole('complementary').getByText(word('work_waits_for_bed')).waitFor();
  await take(there.page, 'clash');

  await openPath(auditor.page, '/auditacija');
  await showChanges(auditor.page);
  const changed = auditLog(auditor.page)
    .getByRole('row')
    .filter({ hasText: word('oversight_act_update') });
  await changed.first().click();
  await take(auditor.page, 'audit');

  for (const desk of [here, there, auditor]) await desk.close();
} finally {
  await browser.close();
  await service.stop();
  await rm(data, { recursive: true, force: true });
}
