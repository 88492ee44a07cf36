import { createCodec } from './codec.ts';

/** The isolated world that preload runs in, as Electron has one. */
export const PRELOAD_WORLD = 'sivis-stand-in-preload';
/** The way from there to main; it exists in that world only. */
export const BINDING = 'sivisStandIn';

interface Options {
  /** Names the events between the two worlds; random, kept in closures, so that no script of a page can listen. */
  readonly token: string;
  /** A blob:, data: or about: page is asked for by this world, because Chromium's request interception misses it. */
  readonly ownSchemes: readonly string[];
}

/**
 * The half of the context bridge that stands in the page's own world. It runs before the first script of the page, keeps
 * the functions it needs from being replaced, and leaves nothing behind but what preload exposes.
 */
function pageHalf({ token }: Options): void {
  if (window.top !== window) return;
  const [add, dispatch] = [window.addEventListener.bind(window), window.dispatchEvent.bind(window)];
  const { apply } = Reflect;
  const {
    CustomEvent: Event,
    Promise: Pledge,
    Object: Thing,
    Array: List,
    Error: Fault,
  } = window as unknown as {
    CustomEvent: typeof CustomEvent;
    Promise: PromiseConstructor;
    Object: ObjectConstructor;
    Array: ArrayConstructor;
    Error: ErrorConstructor;
  };
  const { getPrototypeOf, defineProperty, keys, freeze, getOwnPropertyDescriptor, prototype: PLAIN } = Thing;
  const { isArray } = List;
  const detailOf = getOwnPropertyDescriptor(Event.prototype, 'detail')!.get!;

  interface Answer {
    readonly kind: 'value' | 'promise' | 'error';
    readonly value?: unknown;
    readonly id?: number;
    readonly message?: string;
  }
  const table = <T>(): Record<string, T> => ({ __proto__: null }) as never;
  const functions = table<(...args: unknown[]) => unknown>();
  const pending = table<{ resolve: (v: unknown) => void; reject: (e: Error) => void }>();
  const answers = table<Answer>();
  let count = 0;

  // No method of a built-in object in what follows: the page may have put another in its place.
  let depth = 0;
  const copy = (value: object, each: (one: unknown) => unknown): unknown => {
    const made: object = isArray(value) ? [] : {};
    const names = keys(value);
    depth += 1;
    try {
      // Electron's own limit and words.
      if (depth > 1_000) throw new Fault('Electron contextBridge recursion depth exceeded.');
      for (let at = 0; at < names.length; at += 1) {
        const name = names[at]!;
        const one = each((value as never)[name]);
        defineProperty(made, name, { value: one, enumerable: true, configurable: true, writable: true });
      }
    } finally {
      depth -= 1;
    }
    return made;
  };
  const isPlain = (value: unknown): value is object =>
    value !== null && typeof value === 'object' && (isArray(value) || getPrototypeOf(value) === PLAIN);
  const give = (value: unknown): unknown => {
    if (typeof value === 'function') {
      count += 1;
      functions[count] = value as () => unknown;
      return { [token]: count };
    }
    return isPlain(value) ? copy(value, give) : value;
  };
  const take = (value: unknown): unknown => {
    if (!isPlain(value)) return value;
    const id = (value as Record<string, unknown>)[token];
    if (typeof id === 'number') return freeze((...args: unknown[]) => call(id, args));
    return copy(value, take);
  };
  const call = (id: number, args: unknown[]): unknown => {
    delete answers['last'];
    dispatch(new Event(`${token}-call`, { detail: { id, args: copy(args, give) } }));
    // The other half answers while the event is dispatched; not at all when it could not be cloned.
    const got = answers['last'];
    if (got?.kind === 'promise') {
      return new Pledge((resolve, reject) => {
        pending[got.id!] = { resolve, reject };
      });
    }
    if (got?.kind === 'value') return take(got.value);
    throw new Fault(got?.message ?? 'An object could not be cloned.');
  };
  const hear = (name: string, listener: (detail: never) => void) => {
    add(`${token}-${name}`, (event) => {
      listener(apply(detailOf, event, []) as never);
    });
  };
  hear('answer', (detail: Answer) => {
    answers['last'] = detail;
  });
  hear('settle', ({ id, ok, value }: { id: number; ok: boolean; value: unknown }) => {
    const waiting = pending[id];
    delete pending[id];
    if (ok) waiting?.resolve(take(value));
    else waiting?.reject(new Fault(value as string));
  });
  hear('callback', ({ id, args }: { id: number; args: unknown[] }) => {
    const called = functions[id];
    if (called !== undefined) apply(called, undefined, copy(args, take) as unknown[]);
  });
  hear('expose', ({ name, api }: { name: string; api: unknown }) => {
    // As contextBridge makes it: the page can neither replace it nor change what it holds.
    const seal = (value: unknown): unknown => {
      if (value === null || typeof value !== 'object') return value;
      const names = keys(freeze(value));
      for (let at = 0; at < names.length; at += 1) seal((value as never)[names[at]!]);
      return value;
    };
    defineProperty(window, name, {
      value: seal(take(api)),
      enumerable: true,
      writable: false,
      configurable: false,
    });
  });
}

interface IsolatedGlobal {
  standIn?: unknown;
  sivisStandIn: (payload: string) => void;
  ipcRenderer?: unknown;
}

/** The isolated world: `ipcRenderer`, `contextBridge` and preload itself, which runs in the main frame only. */
function preloadHalf(
  { token, ownSchemes }: Options,
  { encode, decode }: ReturnType<typeof createCodec>,
  preload: (require: (name: string) => unknown, module: object, exports: object, process: object) => void,
): void {
  const world = globalThis as unknown as IsolatedGlobal;
  const toMain = world.sivisStandIn;
  const calls = new Map<number, { resolve: (v: unknown) => void; reject: (e: Error) => void }>();
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  let count = 0;

  const packed = (args: unknown[]): string => {
    try {
      return encode(structuredClone(args));
    } catch {
      throw new Error('An object could not be cloned.');
    }
  };
  const on = (channel: string, listener: (event: object, ...args: unknown[]) => void) => {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    return ipcRenderer;
  };
  const off = (channel: string, listener: unknown) => {
    listeners.set(
      channel,
      (listeners.get(channel) ?? []).filter((one) => one !== listener),
    );
    return ipcRenderer;
  };
  const ipcRenderer = {
    invoke: async (channel: string, ...args: unknown[]) => {
      const text = packed(args);
      return new Promise((resolve, reject) => {
        count += 1;
        calls.set(count, { resolve, reject });
        toMain(JSON.stringify({ kind: 'invoke', id: count, channel, args: text }));
      });
    },
    send: (channel: string, ...args: unknown[]) => {
      toMain(JSON.stringify({ kind: 'send', channel, args: packed(args) }));
    },
    on,
    addListener: on,
    off,
    removeListener: off,
    once: (channel: string, listener: (event: object, ...args: unknown[]) => void) => {
      const once = (event: object, ...args: unknown[]) => {
        off(channel, once);
        listener(event, ...args);
      };
      return on(channel, once);
    },
  };
  world.ipcRenderer = ipcRenderer;
  world.standIn = {
    reply: (id: number, ok: boolean, text: string) => {
      const call = calls.get(id);
      calls.delete(id);
      const value = decode(text);
      if (ok) call?.resolve(value);
      else call?.reject(new Error(value as string));
    },
    receive: (channel: string, text: string) => {
      const args = decode(text) as unknown[];
      for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer }, ...args);
    },
  };
  if (window.top !== window) return;

  // The other half of the context bridge.
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const say = (name: string, detail: object) => {
    window.dispatchEvent(new CustomEvent(`${token}-${name}`, { detail }));
  };
  const give = (value: unknown): unknown => {
    if (typeof value === 'function') {
      functions.set(functions.size + 1, value as () => unknown);
      return { [token]: functions.size };
    }
    if (Array.isArray(value)) return value.map(give);
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, give(one)]));
    return value;
  };
  const take = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(take);
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const id = (value as Record<string, unknown>)[token];
    if (typeof id === 'number')
      return (...args: unknown[]) => {
        say('callback', { id, args: args.map(give) });
      };
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, take(one)]));
  };
  const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  let promises = 0;
  window.addEventListener(`${token}-call`, (event) => {
    event.stopImmediatePropagation();
    // Null when what the page gave could not be cloned into this world.
    const { id, args } = (event as CustomEvent<{ id: number; args: unknown[] } | null>).detail ?? {
      id: 0,
      args: [],
    };
    try {
      const called = functions.get(id);
      if (called === undefined) throw new Error('An object could not be cloned.');
      const result = called(...args.map(take));
      if (!(result instanceof Promise)) {
        say('answer', { kind: 'value', value: give(result) });
        return;
      }
      promises += 1;
      const number = promises;
      say('answer', { kind: 'promise', id: number });
      result.then(
        (value) => {
          say('settle', { id: number, ok: true, value: give(value) });
        },
        (error: unknown) => {
          say('settle', { id: number, ok: false, value: textOf(error) });
        },
      );
    } catch (error) {
      say('answer', { kind: 'error', message: textOf(error) });
    }
  });
  const contextBridge = {
    exposeInMainWorld: (name: string, api: unknown) => {
      say('expose', { name, api: give(api) });
    },
  };

  window.navigation.addEventListener('navigate', (event) => {
    const { url, sameDocument } = event.destination;
    if (sameDocument || !ownSchemes.includes(new URL(url).protocol)) return;
    event.preventDefault();
    toMain(JSON.stringify({ kind: 'navigate', url }));
  });
  const module = { exports: {} };
  preload(
    (name) => {
      if (name === 'electron') return { contextBridge, ipcRenderer };
      throw new Error(`module not found: ${name}`);
    },
    module,
    module.exports,
    {
      contextIsolated: true,
      sandboxed: true,
      type: 'renderer',
      versions: {},
      env: {},
      argv: [],
      platform: 'linux',
    },
  );
}

/** The two scripts of a document, to be run before any other: in the page's world, and in preload's. */
export function worldScripts(
  token: string,
  preload: string,
): { readonly page: string; readonly isolated: string } {
  const options: Options = { token, ownSchemes: ['blob:', 'data:', 'about:', 'filesystem:'] };
  const text = JSON.stringify(options);
  return {
    page: `(${pageHalf.toString()})(${text});`,
    isolated:
      `(${preloadHalf.toString()})(${text}, (${createCodec.toString()})(), ` +
      `function (require, module, exports, process) {\n${preload}\n});`,
  };
}
