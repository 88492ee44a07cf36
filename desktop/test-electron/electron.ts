/**
 * The module `electron` of the stand-in: enough of it for the built main of the workstation to run as it is, over
 * Chromium. What it cannot show stands in docs/security-electron.md under "needs the runtime".
 */
import path from 'node:path';
import { app } from './app.ts';
import { startChromium, type Chromium } from './chromium.ts';
import { navigationKind, type WebContents } from './contents.ts';
import { answerTest } from './control.ts';
import * as parts from './electronParts.ts';
import { fromChromium, toChromium } from './address.ts';
import { openGate } from './gate.ts';
import { keyring } from './safeStorage.ts';
import { PATTERNS, serveScheme, session } from './session.ts';
import { BrowserWindow, provideWindows } from './window.ts';

export * from './electronParts.ts';

/** What only the stand-in has. */
export const standIn = { keyring };

let chromium: Chromium | undefined;

/** Chromium ends in order, so that its files are whole; then main does. */
function end(code: number): void {
  const leave = () => process.exit(code);
  if (chromium === undefined) leave();
  chromium?.process.once('exit', leave);
  setTimeout(leave, 5_000).unref();
  chromium?.browser.send('Browser.close').catch(() => undefined);
}

/** A test that has attached itself may hold the new window at its start, and with it the process of our page. */
async function closePopup({ browser, session }: Chromium, targetId: string): Promise<void> {
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  await session(sessionId).send('Runtime.runIfWaitingForDebugger');
  await browser.send('Target.closeTarget', { targetId });
}

async function start(): Promise<void> {
  const gate = await openGate((request) => session.defaultSession.webRequest.judge(request));
  const profile = path.join(app.getPath('userData'), 'Chromium');
  const started = await startChromium(profile, gate, { sandbox: app.sandboxed });
  chromium = started;
  const { browser } = started;
  session.defaultSession.attach(browser);
  let contents: WebContents | undefined;

  browser.on('Fetch.requestPaused', (event) => {
    const { requestId, request, frameId, resourceType } = event;
    const address = fromChromium(request.url);
    const decide = async (): Promise<void> => {
      if (
        resourceType === 'Document' &&
        contents?.mayNavigate(address, frameId, navigationKind(event)) === false
      ) {
        // As a navigation that main stops: the old page stays.
        await browser.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      } else if (address !== request.url) await serveScheme(browser, event);
      else await browser.send('Fetch.continueRequest', { requestId });
    };
    // The page may be gone meanwhile.
    decide().catch(() => undefined);
  });
  await browser.send('Fetch.enable', { patterns: PATTERNS });
  await browser.send('Browser.setDownloadBehavior', { behavior: 'deny', eventsEnabled: true });

  const { targetInfos } = await browser.send('Target.getTargets');
  const first = targetInfos.find(({ type }) => type === 'page')?.targetId ?? '';
  browser.on('Target.targetCreated', ({ targetInfo }) => {
    const { type, targetId, url } = targetInfo;
    if (type !== 'page' || targetId === first) return;
    // A middle click, which no `Page.windowOpen` announces.
    contents?.askWindow(fromChromium(url), '');
    closePopup(started, targetId).catch(() => undefined);
  });
  await browser.send('Target.setDiscoverTargets', { discover: true });

  provideWindows(async (opened, preload) => {
    contents = opened;
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId: first, flatten: true });
    await opened.attach(started.session(sessionId), preload);
    await session.defaultSession.applyPermissions('app://sivis/');
  });

  started.process.once('exit', () => {
    for (const window of BrowserWindow.getAllWindows()) window.destroy();
    process.exit(0);
  });
  app.becomeReady();
  process.send?.({ event: 'ready', port: started.port, chromium: started.process.pid });
}

app.on('stand-in-close-windows', () => {
  for (const window of BrowserWindow.getAllWindows()) window.close();
});
app.on('stand-in-end', end);

answerTest({ ...parts, standIn, toChromium });

// Main's own module comes first, as in Electron: it may still say where its data lies, or leave.
setTimeout(() => {
  if (app.isQuitting()) return;
  start().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
}, 0);
