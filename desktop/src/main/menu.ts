import type { MenuItemConstructorOptions } from 'electron';
import type { Texts } from './texts.ts';

export interface MenuActions {
  readonly lock: () => void;
}

/**
 * The window's menu: what a person expects of every program. The page has the rest in its own palette; no
 * Ctrl+Alt+letter, because on Latvian keyboards that types ā, č, ē.
 */
export function menuTemplate(
  text: Texts,
  actions: MenuActions,
  allowDevTools: boolean,
): MenuItemConstructorOptions[] {
  const devTools: MenuItemConstructorOptions[] = allowDevTools
    ? [{ type: 'separator' }, { label: text.devTools, role: 'toggleDevTools' }]
    : [];
  return [
    {
      label: `&${text.file}`,
      submenu: [
        { label: text.lock, accelerator: 'CmdOrCtrl+L', click: actions.lock },
        { type: 'separator' },
        { label: text.quit, role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    {
      label: `&${text.edit}`,
      submenu: [
        { label: text.undo, role: 'undo' },
        { label: text.redo, role: 'redo' },
        { type: 'separator' },
        { label: text.cut, role: 'cut' },
        { label: text.copy, role: 'copy' },
        { label: text.paste, role: 'paste' },
        { label: text.selectAll, role: 'selectAll' },
      ],
    },
    {
      label: `&${text.view}`,
      submenu: [
        { label: text.zoomReset, role: 'resetZoom' },
        { label: text.zoomIn, role: 'zoomIn' },
        { label: text.zoomOut, role: 'zoomOut' },
        { type: 'separator' },
        { label: text.fullScreen, role: 'togglefullscreen' },
        ...devTools,
      ],
    },
  ];
}
