import path from 'node:path';
import type { BrowserWindow } from 'electron';
import { app, dialog, ipcMain, Menu, powerMonitor, protocol, safeStorage, session, shell } from 'electron';
// Electron's own getVersion() is Electron's version when it runs an unpackaged program.
import { version } from '../../package.json';
import type { LockReason } from '../preload/channels.ts';
import { LOCK_CHANNEL } from '../preload/channels.ts';
import { APP_PRIVILEGES, createAppHandler } from './app-protocol.ts';
import { APP_PAGE } from './app-url.ts';
import { sendNoClientCertificate } from './certificates.ts';
import { recoverFromCrashes } from './crash-recovery.ts';
import { openChannels } from './ipc/handle.ts';
import { createHandlers } from './ipc/handlers.ts';
import { nodeDisk } from './journal/disk.ts';
import { createJournal } from './journal/journal.ts';
import { createKeystore } from './keystore.ts';
import { watchForLock } from './lock-events.ts';
import type { Log } from './log.ts';
import { createLog } from './log.ts';
import { menuTemplate } from './menu.ts';
import { guardNavigation } from './navigation-guard.ts';
import { denyAllPermissions } from './permissions.ts';
import { createOutsideSignIn } from './outside-sign-in.ts';
import type { Policies } from './policies.ts';
import { readPolicies } from './policy-sources.ts';
import { profileFolder } from './profile.ts';
import { guardRequests } from './request-guard.ts';
import type { ServerSetting } from './server-setting.ts';
import { createServerSetting } from './server-setting.ts';
import { readSettings, writeSettings } from './settings.ts';
import { isOnlyInstance } from './single-instance.ts';
import { textsFor } from './texts.ts';
import { createWindow, sendTo, showWindow } from './window.ts';

const OUT = path.resolve(import.meta.dirname, '..');

/** What is known before Electron is ready. */
interface Start {
  readonly userData: string;
  readonly log: Log;
  readonly effective: Policies['effective'];
}

let window: BrowserWindow | undefined;

/** Finds the profile and the policies. Synchronous: much of what follows must happen before 'ready'. */
function prepare(): Start | undefined {
  const { platform, env } = process;
  app.setName('SIVIS');
  app.setAppUserModelId('lv.sivis.workstation');
  const packaged = app.isPackaged;
  const profile = profileFolder({ platform, env, packaged, appData: app.getPath('appData') });
  if (!profile.ok) {
    const text = textsFor(app.getLocale());
    dialog.showErrorBox(text.networkProfileTitle, text.networkProfileText);
    app.exit(1);
    return undefined;
  }
  const userData = profile.folder;
  app.setPath('userData', userData);
  const log = createLog(path.join(userData, 'log'));
  const { effective } = readPolicies({ platform, env, packaged, userData }, log);
  return { userData, log, effective };
}

function lock(reason: LockReason): void {
  if (window !== undefined && !window.isDestroyed()) sendTo(window.webContents, LOCK_CHANNEL, reason);
}

async function confirmServer(origin: string): Promise<boolean> {
  const text = textsFor(app.getLocale());
  return ask(text.serverQuestion, `${origin}\n\n${text.serverWarning}`, text.connect);
}

/** A question of main's own, which no page can answer. */
async function ask(message: string, detail: string, yes: string): Promise<boolean> {
  if (window === undefined) return false;
  const text = textsFor(app.getLocale());
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message,
    detail,
    buttons: [text.cancel, yes],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}

function serverSetting({ userData, log, effective }: Start): ServerSetting {
  return createServerSetting({
    initial: effective.ServerUrl,
    confirm: confirmServer,
    save: (origin) => writeSettings(userData, { ...readSettings(userData), ServerUrl: origin }),
    // After the answer has gone out, the page is loaded with the policy that names the new server.
    changed: () =>
      setImmediate(() => {
        if (window !== undefined && !window.isDestroyed()) loadPage(window, log);
      }),
  });
}

function secureSession(server: ServerSetting, log: Log): void {
  const ours = session.defaultSession;
  denyAllPermissions(ours);
  ours.setSpellCheckerEnabled(false);
  guardRequests(ours, server.connect, (what) => {
    log('blocked', { what });
  });
  protocol.handle(APP_PRIVILEGES.scheme, createAppHandler(path.join(OUT, 'renderer'), server.connect));
}

function loadPage(opened: BrowserWindow, log: Log): void {
  opened.loadURL(APP_PAGE).catch(() => {
    log('page-not-loaded');
  });
}

function openWindow({ userData, log, effective }: Start): BrowserWindow {
  const opened = createWindow({
    preload: path.join(OUT, 'preload/index.cjs'),
    userData,
    allowDevTools: effective.AllowDevTools.value,
  });
  recoverFromCrashes(opened.webContents, log, () => {
    const text = textsFor(app.getLocale());
    dialog.showErrorBox(text.crashTitle, text.crashText);
  });
  return opened;
}

function answerPage(start: Start, server: ServerSetting, opened: BrowserWindow): void {
  const { userData, log, effective } = start;
  const { platform } = process;
  const keystore = createKeystore({ folder: path.join(userData, 'keys'), storage: safeStorage, platform });
  const text = textsFor(app.getLocale());
  const outside = createOutsideSignIn({
    confirm: (host) => ask(text.browserQuestion, host, text.open),
    openExternal: (url) => shell.openExternal(url),
    doneText: text.browserDone,
  });
  const handlers = createHandlers({
    outside,
    version,
    platform,
    server,
    keystore,
    journal: createJournal(path.join(userData, 'journal'), nodeDisk),
    lockAfterMinutes: effective.LockAfterMinutes.value,
    offlineSignInDays: effective.OfflineSignInDays.value,
    printing: effective.AllowPrint.value,
    contents: () => opened.webContents,
  });
  openChannels(ipcMain, handlers, log);
}

function setMenu({ effective }: Start): void {
  const lockFromMenu = () => {
    lock('menu');
  };
  const text = textsFor(app.getLocale());
  const template = menuTemplate(text, { lock: lockFromMenu }, effective.AllowDevTools.value);
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

/** Everything is in its place before the page is asked for. */
function run(start: Start): void {
  const server = serverSetting(start);
  secureSession(server, start.log);
  setMenu(start);
  window = openWindow(start);
  answerPage(start, server, window);
  watchForLock(powerMonitor, start.effective.LockAfterMinutes.value, lock);
  loadPage(window, start.log);
}

function boot(): void {
  const start = prepare();
  if (start === undefined) return;
  const { log, effective } = start;
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([APP_PRIVILEGES]);
  if (!effective.HardwareAcceleration.value) app.disableHardwareAcceleration();
  const show = () => {
    showWindow(window);
  };
  if (!isOnlyInstance(app, show)) return;
  app.on('web-contents-created', (_event, contents) => {
    guardNavigation(contents, (what) => {
      log('blocked', { what });
    });
  });
  sendNoClientCertificate(app);
  app.on('window-all-closed', () => {
    app.quit();
  });
  app
    .whenReady()
    .then(() => {
      run(start);
    })
    .catch((error: unknown) => {
      // Without a window nobody would see that the program runs.
      log('start-failed', { error: error instanceof Error ? error.message : 'unknown' });
      app.exit(1);
    });
}

boot();
