/** What is needed of Electron's `app`. */
export interface InstanceApp {
  requestSingleInstanceLock(): boolean;
  on(event: 'second-instance', listener: () => void): unknown;
  quit(): void;
}

/**
 * One program per profile: two would write one database. The second start shows the window of the first; its
 * arguments are not looked at.
 * @returns false when another one runs: this one is ending and must do nothing more
 */
export function isOnlyInstance(app: InstanceApp, show: () => void): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  app.on('second-instance', show);
  return true;
}
