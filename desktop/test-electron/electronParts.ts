/** The parts of `electron` that main may import by name; `electron.ts` hands them on. */
export { app } from './app.ts';
export { dialog, Menu, nativeTheme, powerMonitor, screen, shell } from './desktopParts.ts';
export { ipcMain } from './ipcMain.ts';
export { safeStorage } from './safeStorage.ts';
export { protocol, session } from './session.ts';
export { BrowserWindow } from './window.ts';
