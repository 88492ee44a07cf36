import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromChromium, toChromium } from './address.ts';
import type { Cdp } from './cdp.ts';
import { codec } from './codec.ts';
import { ipcMain } from './ipcMain.ts';
import type { Protocol } from './protocol.ts';
import { session } from './session.ts';
import { BINDING, PRELOAD_WORLD, worldScripts } from './worlds.ts';

/** Electron's `WebFrameMain`, as far as a sender is looked at. */
export class Frame {
  readonly parent: Frame | null;
  readonly contents: WebContents;
  readonly id: string;
  url = 'about:blank';
  /** Preload's world of the frame as it is now. */
  context: number | undefined;
  detached = false;

  constructor(contents: WebContents, id: string, parent: Frame | null) {
    this.contents = contents;
    this.id = id;
    this.parent = parent;
  }

  get top(): Frame {
    return this.parent?.top ?? this;
  }

  /** As Electron gives it: of a scheme of our own it is 'null' to nobody but `URL`. */
  get origin(): string {
    return /^[a-z][a-z0-9+-]*:\/\/[^/?#]*/.exec(this.url)?.[0] ?? 'null';
  }
}

interface Wish {
  readonly kind: 'invoke' | 'send' | 'navigate';
  readonly id?: number;
  readonly channel?: string;
  readonly args?: string;
  readonly url?: string;
}

type OpenHandler = (details: { url: string; frameName: string; disposition: string }) => {
  action: 'allow' | 'deny';
};

/** Electron's `WebContents` over one target of Chromium. */
export class WebContents extends EventEmitter {
  readonly id = 1;
  readonly session = session.defaultSession;
  readonly frames = new Map<string, Frame>();
  readonly #contexts = new Map<number, Frame>();
  readonly #preferences: Readonly<Record<string, unknown>>;
  #page: Cdp | undefined;
  #main: Frame | undefined;
  #openHandler: OpenHandler | undefined;
  #destroyed = false;
  #expected: string | undefined;
  /** Addresses that were to be opened in a new window, and what became of them. */
  readonly windowsAsked: string[] = [];

  /** For tests: runs an expression in preload's world of the first frame whose address begins so, as a page could that
   * has broken out of its own world. */
  async inPreload(address: string, expression: string): Promise<unknown> {
    const frame = [...this.frames.values()].find(
      (one) => one.url.startsWith(address) && one.context !== undefined,
    );
    if (frame?.context === undefined) throw new Error(`no frame at ${address}`);
    const { result, exceptionDetails } = await this.page.send('Runtime.evaluate', {
      expression,
      contextId: frame.context,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  }

  constructor(preferences: Readonly<Record<string, unknown>>) {
    super();
    this.#preferences = preferences;
  }

  getLastWebPreferences(): Readonly<Record<string, unknown>> {
    return this.#preferences;
  }

  get mainFrame(): Frame | undefined {
    return this.#main;
  }

  get page(): Cdp {
    if (this.#page === undefined) throw new Error('the window has no page yet');
    return this.#page;
  }

  /** Connects to Chromium's page; what it says from now on becomes Electron's events. */
  async attach(page: Cdp, preload: string | undefined): Promise<void> {
    this.#page = page;
    page.on('Page.frameAttached', ({ frameId, parentFrameId }) => this.#frame(frameId, parentFrameId));
    page.on('Page.frameNavigated', ({ frame }) => {
      this.#frame(frame.id, frame.parentId).url = fromChromium(frame.url + (frame.urlFragment ?? ''));
    });
    page.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      this.#frame(frameId).url = fromChromium(url);
    });
    page.on('Page.frameDetached', ({ frameId }) => {
      const frame = this.frames.get(frameId);
      if (frame !== undefined) frame.detached = true;
      this.frames.delete(frameId);
    });
    page.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = (context.auxData ?? {}) as { frameId?: string };
      if (context.name !== PRELOAD_WORLD || frameId === undefined) return;
      const frame = this.#frame(frameId);
      frame.context = context.id;
      this.#contexts.set(context.id, frame);
    });
    page.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      this.#contexts.delete(executionContextId);
    });
    page.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
      void this.#heard(JSON.parse(payload) as Wish, executionContextId);
    });
    page.on('Page.windowOpen', ({ url, windowName }) => {
      this.askWindow(fromChromium(url), windowName);
    });
    page.on('Page.domContentEventFired', () => this.emit('dom-ready', {}));
    page.on('Page.loadEventFired', () => this.emit('did-finish-load', {}));
    page.on('Inspector.targetCrashed', () => {
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
    });
    await page.send('Page.enable');
    const { frameTree } = await page.send('Page.getFrameTree');
    this.#main = this.#frame(frameTree.frame.id);
    await page.send('Runtime.addBinding', { name: BINDING, executionContextName: PRELOAD_WORLD });
    if (preload !== undefined) {
      const { page: source, isolated } = worldScripts(
        `x${randomBytes(16).toString('hex')}`,
        readFileSync(preload, 'utf8'),
      );
      await page.send('Page.addScriptToEvaluateOnNewDocument', { source });
      await page.send('Page.addScriptToEvaluateOnNewDocument', {
        source: isolated,
        worldName: PRELOAD_WORLD,
      });
    }
    await page.send('Runtime.enable');
  }

  #frame(id: string, parentId?: string): Frame {
    const known = this.frames.get(id);
    if (known !== undefined) return known;
    const parent = parentId === undefined ? null : (this.frames.get(parentId) ?? null);
    const frame = new Frame(this, id, parent);
    this.frames.set(id, frame);
    return frame;
  }

  async #heard(wish: Wish, context: number): Promise<void> {
    const frame = this.#contexts.get(context);
    if (wish.kind === 'navigate') {
      const url = wish.url ?? '';
      if (frame !== undefined && this.mayNavigate(url, frame.id, 'will-frame-navigate'))
        await this.page.send('Page.navigate', { url: toChromium(url), frameId: frame.id });
      return;
    }
    const { channel = '', args = '', id = 0 } = wish;
    const senderFrame = frame === undefined || frame.detached ? null : frame;
    const event = { type: 'frame', sender: this, senderFrame, processId: 1, frameId: 1 };
    const values = codec.decode(args) as unknown[];
    if (wish.kind === 'send') {
      ipcMain.emit(channel, event, ...values);
      return;
    }
    const reply = await ipcMain
      .answer(channel, event, values)
      .then((value) => ({ ok: true, text: codec.encode(value) }))
      .catch((error: unknown) => ({ ok: false, text: codec.encode((error as Error).message) }));
    await this.#call(context, 'reply', [id, reply.ok, reply.text]);
  }

  /** A world that has gone takes no answer, as a frame that has gone does not. */
  async #call(context: number, name: string, values: readonly unknown[]): Promise<void> {
    await this.page
      .send('Runtime.callFunctionOn', {
        executionContextId: context,
        functionDeclaration: `function (...args) { globalThis.standIn.${name}(...args); }`,
        arguments: values.map((value) => ({ value })),
        silent: true,
      })
      .catch(() => undefined);
  }

  send(channel: string, ...args: unknown[]): void {
    const context = this.#main?.context;
    const text = codec.encode(structuredClone(args));
    if (context !== undefined) void this.#call(context, 'receive', [channel, text]);
  }

  /**
   * Asks main whether a frame may go to an address.
   * @param kind a redirect is asked for as such, everything else as `will-frame-navigate` and, of the main frame,
   *   `will-navigate`
   */
  mayNavigate(url: string, frameId: string, kind: 'will-frame-navigate' | 'will-redirect'): boolean {
    const frame = this.frames.get(frameId);
    const isMainFrame = frame === undefined || frame.parent === null;
    if (isMainFrame && url === this.#expected) {
      // Main's own wish; Electron does not ask about it.
      if (kind === 'will-frame-navigate') return true;
    }
    let stopped = false;
    const details = {
      url,
      isMainFrame,
      isSameDocument: false,
      frame,
      preventDefault: () => {
        stopped = true;
      },
    };
    this.emit(kind, details);
    if (kind === 'will-frame-navigate' && isMainFrame && !stopped) this.emit('will-navigate', details);
    return !stopped;
  }

  askWindow(url: string, frameName: string): void {
    this.windowsAsked.push(url);
    const answer = this.#openHandler?.({ url, frameName, disposition: 'foreground-tab' });
    if (answer?.action !== 'deny') throw new Error('the stand-in opens no second window');
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  async loadURL(url: string): Promise<void> {
    this.#expected = url;
    const loaded = new Promise<void>((resolve) => this.once('did-finish-load', () => resolve()));
    const { errorText } = await this.page.send('Page.navigate', { url: toChromium(url) });
    if (errorText !== undefined) throw new Error(`${errorText} loading '${url}'`);
    await loaded;
    this.#expected = undefined;
  }

  reload(): void {
    this.#expected = this.getURL();
    void this.page.send('Page.reload').catch(() => undefined);
  }

  getURL(): string {
    return this.#main?.url ?? '';
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }

  isDevToolsOpened(): boolean {
    return false;
  }

  async printToPDF(options: {
    readonly landscape?: boolean;
    readonly printBackground?: boolean;
    readonly generateTaggedPDF?: boolean;
    readonly generateDocumentOutline?: boolean;
    readonly preferCSSPageSize?: boolean;
  }): Promise<Buffer> {
    const { landscape = false, printBackground = false, preferCSSPageSize = false } = options;
    const { data } = await this.page.send('Page.printToPDF', {
      landscape,
      printBackground,
      preferCSSPageSize,
      generateTaggedPDF: options.generateTaggedPDF ?? false,
      generateDocumentOutline: options.generateDocumentOutline ?? false,
      // A4, the only size that main asks for.
      paperWidth: 8.27,
      paperHeight: 11.69,
    });
    return Buffer.from(data, 'base64');
  }

  /** The system's dialog: a person who closes it. A test puts another function here, as with Electron's own. */
  print(_options: object, callback: (success: boolean, reason: string) => void): void {
    setImmediate(() => {
      callback(false, 'Print job canceled');
    });
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const { result } = await this.page.send('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
    });
    return result.value as unknown;
  }
}

/** What a document's request is to Electron. */
export function navigationKind(
  event: Protocol.Fetch.requestPausedPayload,
): 'will-frame-navigate' | 'will-redirect' {
  return event.redirectedRequestId === undefined ? 'will-frame-navigate' : 'will-redirect';
}
