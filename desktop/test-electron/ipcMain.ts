import { EventEmitter } from 'node:events';

type Handler = (event: object, ...args: unknown[]) => unknown;

/** Electron's `ipcMain`: `on` comes from the emitter. */
class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return handler(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** What `ipcRenderer.invoke` gets; the text of an error is Electron's. */
  async answer(channel: string, event: object, args: readonly unknown[]): Promise<unknown> {
    const refuse = (error: unknown) => {
      throw new Error(`Error invoking remote method '${channel}': ${String(error)}`);
    };
    const handler = this.#handlers.get(channel);
    if (handler === undefined) return refuse(new Error(`No handler registered for '${channel}'`));
    try {
      return await handler(event, ...args);
    } catch (error) {
      return refuse(error);
    }
  }
}

export const ipcMain = new IpcMain();
