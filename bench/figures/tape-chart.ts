import type { Browser } from '@playwright/test';
import { meterOf, startBrowser } from '../lib/browser.ts';
import { median, percentile, type Figure, type Goal, type Measured } from '../lib/figure.ts';
import { pageAt, servePages } from '../lib/pages.ts';

const RUNS = 7;
const STEPS = 60;
/** A turn of the wheel. */
const STEP = 100;

interface Seen {
  readonly wall: number;
  readonly cpu: number;
  /** Script, style and layout of each scroll step. */
  readonly steps: readonly number[];
  readonly longest: number;
}

/** Days of a plan that is wider than the window, with {@link STEPS} steps to the right in it. */
const WIDE = 365;
/** Days in sight while it is moved sideways: as the plan opens, and as far away as the other figures look at it. */
const NEAR = 14;
const FAR = 60;

/** One run in a context of its own: nothing of an earlier run is warm but the machine. */
async function look(browser: Browser, address: string, beds: number, sideways = false): Promise<Seen> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'lv-LV' });
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.bench?.ready);
  const meter = await meterOf(page);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.evaluate((count) => window.bench.prepare(count), beds);
  await page.waitForTimeout(200);
  const before = await meter.work();
  const wall = await page.evaluate(() => window.bench.show());
  const after = await meter.work();
  await page.waitForTimeout(300);
  await page.evaluate(() => window.bench.longTasks());
  const steps: number[] = [];
  let last = await meter.work();
  for (let step = 0; step < STEPS; step += 1) {
    const [x, y] = sideways ? [STEP, 0] : [0, STEP];
    await page.evaluate(([dx, dy]) => window.bench.scroll(dx, dy), [x, y] as const);
    const now = await meter.work();
    steps.push(now.drawing - last.drawing);
    last = now;
  }
  const tasks = await page.evaluate(() => window.bench.longTasks());
  await context.close();
  return { wall, cpu: after.cpu - before.cpu, steps, longest: Math.max(0, ...tasks) };
}

export const figure: Figure = {
  name: 'tape-chart',
  title: 'Room plan: first paint and scrolling',
  how:
    'The tape chart as it is built into the workstation, beside the resource timeline of @event-calendar/core with the ' +
    'same beds and stays (73 % of the nights taken, about 14 days a stay), 60 days, window 1366 × 768, each run in a new ' +
    "browser context, from a screen with a header, buttons and a list, made of the workstation's parts. First paint: from the " +
    'click on the view to the frame handed to the compositor, data in memory. ' +
    `Processor: all tasks of the main thread in that time. Scrolling: ${STEPS} steps of ${STEP} px down; script, style and ` +
    `layout of each step. Sixty days fill the window, so the steps sideways are those of a plan of ${WIDE} days.`,
  async run(log) {
    const pages = await servePages('tape', 'calendar');
    const browser = await startBrowser();
    const rows: Measured[] = [];
    const goals: Goal[] = [];
    try {
      for (const [beds, most] of [
        [300, 100],
        [1000, 150],
      ] as const) {
        const own: Seen[] = [];
        const sideways = { [NEAR]: [] as Seen[], [FAR]: [] as Seen[] };
        const peer: Seen[] = [];
        // In turns, so that what else the machine does meets both.
        for (let run = 0; run < RUNS; run += 1) {
          own.push(await look(browser, `${pages.url}${pageAt('tape')}`, beds));
          for (const days of [NEAR, FAR] as const) {
            const address = `${pages.url}${pageAt('tape')}?days=${WIDE}&zoom=${days}`;
            sideways[days].push(await look(browser, address, beds, true));
          }
          peer.push(await look(browser, `${pages.url}${pageAt('calendar')}`, beds));
          log(
            `${beds} beds, run ${run + 1}: ${own.at(-1)?.wall.toFixed(0)} and ${peer.at(-1)?.wall.toFixed(0)} ms`,
          );
        }
        const sides = [
          ['sivis', 'SIVIS', own],
          ['peer', 'event-calendar', peer],
        ] as const;
        for (const [role, name, seen] of sides) {
          const add = (what: string, runs: number[]): number => {
            rows.push({ role, name: `${name}, ${beds} beds: ${what}`, unit: 'ms', runs });
            return median(runs);
          };
          add(
            'first paint',
            seen.map(({ wall }) => wall),
          );
          add(
            'processor of the first paint',
            seen.map(({ cpu }) => cpu),
          );
          add(
            'scroll step, p95',
            seen.map(({ steps }) => percentile(steps, 0.95)),
          );
          add(
            'longest task while scrolling (0: none over 50)',
            seen.map(({ longest }) => longest),
          );
        }
        for (const days of [NEAR, FAR] as const)
          rows.push({
            role: 'sivis',
            name: `SIVIS, ${beds} beds: scroll step sideways with ${days} days in sight, p95`,
            unit: 'ms',
            runs: sideways[days].map(({ steps }) => percentile(steps, 0.95)),
          });
        const mid = (of: readonly Seen[], value: (seen: Seen) => number): number => median(of.map(value));
        goals.push(
          {
            text: `${beds} beds × 60 days: first paint`,
            value: mid(own, (s) => s.wall),
            unit: 'ms',
            limit: most,
            at: 'most',
          },
          {
            text: `${beds} beds: scroll step, p95`,
            value: mid(own, (s) => percentile(s.steps, 0.95)),
            unit: 'ms',
            limit: 8,
            at: 'most',
          },
          {
            text: `${beds} beds: scroll step sideways with ${NEAR} days in sight, p95`,
            value: mid(sideways[NEAR], (s) => percentile(s.steps, 0.95)),
            unit: 'ms',
            limit: 8,
            at: 'most',
          },
          {
            text: `${beds} beds: longest task while scrolling`,
            value: Math.max(...[...own, ...sideways[NEAR], ...sideways[FAR]].map((s) => s.longest)),
            unit: 'ms',
            limit: 50,
            at: 'most',
          },
          {
            text: `${beds} beds: first paint beside the peer`,
            value: mid(peer, (s) => s.wall) / mid(own, (s) => s.wall),
            unit: '×',
            limit: 10,
            at: 'least',
          },
        );
      }
    } finally {
      await browser.close();
      await pages.close();
    }
    return { rows, goals };
  },
};
