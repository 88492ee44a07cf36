import { expect } from '@playwright/test';
import { CHANNELS, type ChannelName, LOCK_CHANNEL } from '../../src/preload/channels.ts';
import { type Bench, test } from '../support/hostile.ts';
import { RUNTIME } from '../support/workstation.ts';

/**
 * What a page that was taken over could send. Each message goes over the whole way: through the bridge, or, on the
 * stand-in, from preload's own world, as if the page had broken out of its.
 */

const NAMES = Object.keys(CHANNELS) as ChannelName[];

/** Arguments that no channel takes, as JavaScript of the page. Each list is what one call is given. */
const WRONG: readonly string[] = [
  '[null]',
  '[0]',
  '[NaN]',
  '[true]',
  '["x"]',
  '["x".repeat(2_000_000)]',
  '[[]]',
  '[[{ slot: "a" }]]',
  '[{}, {}]',
  '[{ unexpected: 1 }]',
  '[{ slot: "a", unexpected: 1 }]',
  '[{ landscape: false, silent: true }]',
  '[{ url: "https://evil.example", managed: false }]',
  '[JSON.parse(\'{"__proto__": {"slot": "a"}}\')]',
  '[JSON.parse(\'{"slot": "a", "landscape": true, "url": "x", "constructor": {"prototype": {"x": 1}}}\')]',
  '[Object.create({ slot: "a", landscape: true })]',
  '[new Date(0)]',
  '[new Map([["slot", "a"]])]',
  '[new Set(["slot"])]',
  '[new Uint8Array(8)]',
  '[new ArrayBuffer(8)]',
  '[new Error("x")]',
  '[10n]',
  '[Array.from({ length: 500 }).reduce((inner) => ({ inner }), {})]',
];

/** The same for one channel each: its own shape, and just beyond. */
const BEYOND: Readonly<Partial<Record<ChannelName, readonly string[]>>> = {
  setServerUrl: [
    '{ url: 1 }',
    '{ url: null }',
    '{ url: "x".repeat(3000) }',
    '{ url: { toString: 1 } }',
    '{ url: ["https://a"] }',
  ],
  keyRead: [
    '{ slot: "" }',
    '{ slot: ".." }',
    '{ slot: "../device" }',
    '{ slot: "a/b" }',
    '{ slot: "a\\\\b" }',
    '{ slot: "A" }',
    '{ slot: "a.key" }',
    '{ slot: "a\\u0000" }',
    '{ slot: "a\\n" }',
    '{ slot: "-a" }',
    '{ slot: "a".repeat(81) }',
    '{ slot: "c:" }',
    '{ slot: "%2e%2e" }',
    '{ slot: ["a"] }',
    '{ slot: 1 }',
  ],
  keyWrite: [
    '{ slot: "a" }',
    '{ slot: "a", value: "text" }',
    '{ slot: "a", value: [1, 2] }',
    '{ slot: "a", value: new Uint8Array(0) }',
    '{ slot: "a", value: new Uint8Array(65537) }',
    '{ slot: "a", value: new ArrayBuffer(8) }',
    '{ slot: "a", value: { length: 1, 0: 1 } }',
    '{ slot: "../a", value: new Uint8Array(1) }',
  ],
  keySetAside: ['{ slot: "../a" }', '{ slot: "a\\u0000" }'],
  keyDestroy: ['{ slot: "../a" }', '{ slot: "*" }', '{ slot: "a\\u0000" }'],
  deriveKey: [
    '{ password: "", salt: new Uint8Array(16), cost: { memoryKiB: 65536, iterations: 3, parallelism: 1 } }',
    '{ password: "x".repeat(2000), salt: new Uint8Array(16), cost: { memoryKiB: 65536, iterations: 3, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(8), cost: { memoryKiB: 65536, iterations: 3, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(16), cost: { memoryKiB: 8, iterations: 3, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(16), cost: { memoryKiB: 2 ** 31, iterations: 3, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(16), cost: { memoryKiB: 65536, iterations: 1e9, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(16), cost: { memoryKiB: 65536, iterations: 0.5, parallelism: 1 } }',
    '{ password: "x", salt: new Uint8Array(16), cost: { memoryKiB: 65536, iterations: 3, parallelism: 99 } }',
  ],
  print: ['{ landscape: "yes" }', '{ landscape: 1 }', '{ landscape: false, deviceName: "x" }'],
  printToPdf: ['{ landscape: null }', '{ landscape: false, path: "/tmp/x.pdf" }'],
};

/** Calls the bridge in the page with arguments that the page itself makes. */
function callBridge(bench: Bench, name: ChannelName, args: string): Promise<unknown> {
  const expression = `window.sivis[${JSON.stringify(name)}](...(${args})).then((reply) => reply, (error) => ({ thrown: String(error) }))`;
  return bench.page.evaluate(expression);
}

/** From preload's world of the first frame whose address begins so; of the stand-in only. */
function sendRaw(bench: Bench, frame: string, channel: string, args: string): Promise<unknown> {
  const expression = `ipcRenderer.invoke(${JSON.stringify(channel)}, ...(${args})).then((reply) => reply, (error) => ({ thrown: String(error) }))`;
  return bench.evaluate(
    ({ BrowserWindow }, [address, code]) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        inPreload(address: string, code: string): Promise<unknown>;
      };
      return contents.inPreload(address, code);
    },
    [frame, expression] as const,
  );
}

const REFUSED = { ok: false, code: 'bad-args' };

test('no channel takes a shape that it was not agreed on', async ({ bench }) => {
  await bench.fresh();
  for (const name of NAMES) {
    for (const args of WRONG) {
      expect(await callBridge(bench, name, args), `${name} ${args}`).toEqual(REFUSED);
    }
    for (const one of BEYOND[name] ?? []) {
      expect(await callBridge(bench, name, `[${one}]`), `${name} ${one}`).toEqual(REFUSED);
    }
  }
});

/** What cannot be cloned, or has no end. */
const UNSENDABLE: readonly string[] = [
  '[() => 1]',
  '[{ slot: () => "a" }]',
  '[Symbol("x")]',
  '[window]',
  '[document.body]',
  '[Promise.resolve({ slot: "a" })]',
  '[(() => { const o = { slot: "a" }; o.self = o; return o; })()]',
  '[Array.from({ length: 5000 }).reduce((inner) => ({ inner }), {})]',
];

test('what cannot be sent is not answered', async ({ bench }) => {
  await bench.fresh();
  for (const name of NAMES) {
    for (const args of UNSENDABLE) {
      const outcome = await bench.page.evaluate(
        `(async () => { try { return await window.sivis[${JSON.stringify(name)}](...(${args})); } catch (error) { return { thrown: String(error) }; } })()`,
      );
      expect(outcome, `${name} ${args}`).not.toHaveProperty('value');
    }
  }
});

test('nothing of it has changed the prototypes of main', async ({ bench }) => {
  const polluted = await bench.evaluate(() => {
    const plain = {} as Record<string, unknown>;
    return [plain['slot'], plain['x'], plain['landscape'], Object.keys(Object.prototype).length];
  });
  expect(polluted.slice(0, 3).every((one) => one === undefined || one === null)).toBe(true);
  expect(polluted[3]).toBe(0);
});

// Electron's own runtime gives a test no way into preload's world; there the unit test of the sender stands for it.
if (RUNTIME === 'stand-in') {
  const BAD_SENDER = { ok: false, code: 'bad-sender' };

  test('no channel answers a frame inside the page', async ({ bench }) => {
    // Without the policy, which allows no such frame to be filled.
    await bench.withoutPolicy();
    await bench.page.evaluate(() => {
      const blank = document.createElement('iframe');
      const inner = document.createElement('iframe');
      inner.srcdoc = '<p>inner</p>';
      document.body.append(blank, inner);
    });
    await expect.poll(() => bench.page.frames().length).toBe(3);
    for (const frame of ['about:blank', 'about:srcdoc']) {
      for (const name of NAMES)
        expect(await sendRaw(bench, frame, CHANNELS[name], '[]'), `${name} from ${frame}`).toEqual(
          BAD_SENDER,
        );
    }
  });

  test('no channel answers another page, wherever the window was led', async ({ bench }) => {
    for (const address of ['about:blank', `${bench.service.url}/page`, 'data:text/html,<h1>x</h1>']) {
      await bench.evaluate(async ({ BrowserWindow }, url) => {
        await BrowserWindow.getAllWindows()[0]?.loadURL(url);
      }, address);
      for (const name of NAMES)
        expect(await sendRaw(bench, address, CHANNELS[name], '[]'), `${name} from ${address}`).toEqual(
          BAD_SENDER,
        );
    }
    await bench.fresh();
  });

  test('a second argument, an unknown channel and a message without an answer do nothing', async ({
    bench,
  }) => {
    await bench.fresh();
    for (const name of NAMES)
      expect(await sendRaw(bench, 'app://sivis/', CHANNELS[name], '[undefined, { slot: "a" }]')).toEqual(
        REFUSED,
      );
    for (const channel of [
      'sivis:nothing',
      LOCK_CHANNEL,
      '__proto__',
      'constructor',
      '',
      'ELECTRON_BROWSER_REQUIRE',
    ]) {
      const reply = await sendRaw(bench, 'app://sivis/', channel, '[]');
      expect(reply, channel).toHaveProperty('thrown', expect.stringContaining('No handler registered'));
    }
    const heard = await bench.evaluate(({ ipcMain }) => ipcMain.eventNames().length);
    expect(heard).toBe(0);
  });
}
