/** The browser of the whole-system tests, with the measures that Chromium and the kernel keep. */
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from '@playwright/test';
import { BROWSER_ARGS, browserPath } from '../../desktop/e2e/support/browser.ts';

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath(), args: [...BROWSER_ARGS] });
}

/** Opens an address; what goes wrong in the page is printed. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
  page.on('console', (message) => {
    if (message.type() === 'error') process.stderr.write(`page: ${message.text()}\n`);
  });
  await page.goto(url);
  return page;
}

/** What the main thread has done since the page began, in ms. */
export interface Work {
  /** Processor time of the renderers' main threads; what else runs on the machine is not in it. */
  readonly cpu: number;
  /** How long they were ready to run and another process had the processor; 0 where the kernel does not tell. */
  readonly waited: number;
  /** Script, style and layout by the clock. */
  readonly drawing: number;
}

export interface Meter {
  readonly session: CDPSession;
  work(): Promise<Work>;
  /** The heap in MB after a full collection. */
  heap(): Promise<number>;
}

/** Processor time and time in the run queue of a process's main thread in ms, as Linux counts them. */
function threadTimes(pid: number): readonly [number, number] | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
    return [Number(ran) / 1e6, Number(waited) / 1e6];
  } catch {
    return undefined;
  }
}

export async function meterOf(page: Page): Promise<Meter> {
  const session = await page.context().newCDPSession(page);
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const whole = await browser.newBrowserCDPSession();
  await session.send('Performance.enable', { timeDomain: 'timeTicks' });
  return {
    session,
    async work() {
      const { metrics } = await session.send('Performance.getMetrics');
      const of = (name: string): number =>
        (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000;
      const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
      // Renderers of other pages rest meanwhile, so the sum is that of this one.
      const times = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => threadTimes(id));
      const known = times.filter((time) => time !== undefined);
      const sum = (at: 0 | 1): number => known.reduce((total, time) => total + time[at], 0);
      return {
        cpu: known.length > 0 ? sum(0) : of('TaskDuration'),
        waited: sum(1),
        drawing: of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration'),
      };
    },
    async heap() {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return usedSize / 2 ** 20;
    },
  };
}
