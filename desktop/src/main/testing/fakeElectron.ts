/**
 * Stands for the `electron` module in unit tests: remembers in order what was called, does nothing. It says
 * nothing about Electron itself.
 */
import path from 'node:path';

/** Calls in their order, `object.method` with its arguments. */
export const calls: { readonly name: string; readonly args: readonly unknown[] }[] = [];

/** Every method of the object is there and only remembers its call, unless a way to answer is given. */
function recorded(object: string, answers: Readonly<Record<string, (...args: never[]) => unknown>> = {}) {
  return new Proxy(
    {},
    {
      get: (_target, method) => {
        if (typeof method !== 'string' || method === 'then') return undefined;
        return (...args: never[]) => {
          calls.push({ name: `${object}.${method}`, args });
          return answers[method]?.(...args);
        };
      },
    },
  );
}

/** What the test decides before it imports main. */
export const world = { appData: '', packaged: true, locale: 'lv', onlyInstance: true, confirm: 0 };

/** Resolves `app.whenReady()`. */
export const ready = Promise.withResolvers<undefined>();

const displays = [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }];

const contents = recorded('webContents', { isDestroyed: () => false });

class BrowserWindow {
  readonly webContents = contents;
  constructor(options: unknown) {
    calls.push({ name: 'BrowserWindow', args: [options] });
    const own = recorded('window', {
      isDestroyed: () => false,
      isMinimized: () => true,
      loadURL: async () => undefined,
    });
    return new Proxy(this, {
      get: (target, name) =>
        name === 'webContents' ? target.webContents : (Reflect.get(own, name) as unknown),
    });
  }
}

const app = new Proxy(
  recorded('app', {
    getPath: () => path.join(world.appData),
    getLocale: () => world.locale,
    getVersion: () => '0.1.0',
    requestSingleInstanceLock: () => world.onlyInstance,
    whenReady: () => ready.promise,
  }),
  {
    get: (target, name, receiver) =>
      name === 'isPackaged' ? world.packaged : (Reflect.get(target, name, receiver) as unknown),
  },
);

/** The module. */
export const electron = {
  app,
  BrowserWindow,
  dialog: recorded('dialog', { showMessageBox: async () => ({ response: world.confirm }) }),
  ipcMain: recorded('ipcMain'),
  Menu: recorded('Menu'),
  powerMonitor: recorded('powerMonitor', { getSystemIdleTime: () => 0 }),
  protocol: recorded('protocol'),
  safeStorage: recorded('safeStorage'),
  screen: recorded('screen', { getPrimaryDisplay: () => displays[0], getAllDisplays: () => displays }),
  session: {
    defaultSession: new Proxy(recorded('session'), {
      get: (target, name, receiver) =>
        name === 'webRequest' ? recorded('webRequest') : (Reflect.get(target, name, receiver) as unknown),
    }),
  },
};
