import { EventEmitter } from 'node:events';

/** Power and idle time. A test says `powerMonitor.emit('suspend')`, as it can say to Electron's own. */
class PowerMonitor extends EventEmitter {
  /** Seconds, set by a test. */
  idleSeconds = 0;

  getSystemIdleTime(): number {
    return this.idleSeconds;
  }

  getSystemIdleState(threshold: number): 'active' | 'idle' {
    return this.idleSeconds >= threshold ? 'idle' : 'active';
  }

  isOnBatteryPower(): boolean {
    return false;
  }
}

export const powerMonitor = new PowerMonitor();

/** Dialogs answer at once with their way out; a test puts other functions in their place, as with Electron's own. */
export const dialog = {
  /** What was said to the user, in order. */
  shown: [] as unknown[],
  async showMessageBox(...args: unknown[]) {
    const options = args.at(-1) as { cancelId?: number };
    dialog.shown.push(options);
    return { response: options.cancelId ?? 0, checkboxChecked: false };
  },
  showMessageBoxSync(...args: unknown[]) {
    const options = args.at(-1) as { cancelId?: number };
    dialog.shown.push(options);
    return options.cancelId ?? 0;
  },
  showErrorBox(title: string, content: string) {
    dialog.shown.push({ title, content });
  },
  showOpenDialog: async () => ({ canceled: true, filePaths: [] as string[] }),
  showSaveDialog: async () => ({ canceled: true, filePath: '' }),
};

/** Nothing is opened; what would have been is written down. */
export const shell = {
  opened: [] as string[],
  async openExternal(address: string) {
    shell.opened.push(address);
  },
  async openPath(file: string) {
    shell.opened.push(file);
    return '';
  },
};

interface Item {
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly Item[];
  readonly click?: (item: object, window: object | undefined, event: object) => void;
}

class MenuItem {
  readonly label: string;
  readonly role: string | undefined;
  readonly submenu: Menu | undefined;
  readonly #click: Item['click'];

  constructor({ label = '', role, submenu, click }: Item) {
    this.label = label;
    this.role = role?.toLowerCase();
    this.submenu = submenu === undefined ? undefined : Menu.buildFromTemplate(submenu);
    this.#click = click;
  }

  click(): void {
    this.#click?.(this, undefined, {});
  }
}

/** Electron's `Menu`: its items can be clicked by a test, roles and keys do nothing. */
export class Menu {
  static #application: Menu | null = null;
  readonly items: MenuItem[] = [];

  static buildFromTemplate(template: readonly Item[]): Menu {
    const menu = new Menu();
    menu.items.push(...template.map((item) => new MenuItem(item)));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }
}

const display = {
  id: 1,
  scaleFactor: 1,
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
};

export const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
});

export const nativeTheme = Object.assign(new EventEmitter(), {
  themeSource: 'system',
  shouldUseDarkColors: false,
});
