import { expect } from '@playwright/test';
import { SECURITY_POINTS } from '../../src/main/security-checklist.ts';
import { type Bench, local, preferences, stoppedByMain, test } from '../support/hostile.ts';
import { RUNTIME } from '../support/workstation.ts';

/** Electron's twenty points, as far as they can be seen in the running workstation. */

async function preference(bench: Bench, name: string, value: unknown): Promise<void> {
  expect((await preferences(bench))[name]).toBe(value);
}

const CHECKS: Readonly<Record<number, (bench: Bench) => Promise<void>>> = {
  async 1(bench) {
    const { page, service, evil } = bench;
    const ask = (url: string): Promise<boolean[]> =>
      page.evaluate(async (address) => {
        const request = fetch(`${address}/asked`).then(
          () => true,
          () => false,
        );
        const image = new Promise<boolean>((resolve) => {
          const element = new Image();
          element.onload = () => resolve(true);
          element.onerror = () => resolve(false);
          element.src = `${address}/image`;
        });
        const socket = new Promise<boolean>((resolve) => {
          try {
            const one = new WebSocket(`${address.replace('http', 'ws')}/socket`);
            one.onopen = () => resolve(true);
            one.onerror = () => resolve(false);
          } catch {
            resolve(false);
          }
        });
        return Promise.all([request, image, socket]);
      }, url);
    expect(await ask(evil.url)).toEqual([false, false, false]);
    await bench.withoutPolicy();
    expect(await ask(evil.url)).toEqual([false, false, false]);
    expect(evil.visits).toEqual([]);
    expect((await ask(service.url))[0]).toBe(true);
    expect(service.visits).toEqual(expect.arrayContaining(['/asked', '/socket']));
  },

  async 2(bench) {
    const found = await bench.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', '__dirname'].filter((name) => name in globalThis),
    );
    expect(found).toEqual([]);
    await preference(bench, 'nodeIntegration', false);
    await preference(bench, 'nodeIntegrationInWorker', false);
    await preference(bench, 'nodeIntegrationInSubFrames', false);
  },

  async 3(bench) {
    const { page } = bench;
    await preference(bench, 'contextIsolation', true);
    const result = await page.evaluate(async () => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const plain = new Set(Object.getOwnPropertyNames(frame.contentWindow));
      const ours = Object.getOwnPropertyNames(window).filter(
        (name) => !plain.has(name) && !/^\d+$/.test(name),
      );
      frame.remove();
      const stolen: unknown[] = [];
      const steal = function (this: unknown, ...args: unknown[]): never {
        stolen.push(this, ...args);
        throw new Error('stolen');
      };
      const kept = [JSON.stringify, Function.prototype.call, Array.prototype.map] as const;
      JSON.stringify = steal as never;
      Function.prototype.call = steal as never;
      Array.prototype.map = steal as never;
      try {
        const { sivis } = window as unknown as { sivis: { info(): Promise<{ ok: boolean }> } };
        const { ok } = await sivis.info();
        return { ours, ok, stolen: stolen.length };
      } finally {
        [JSON.stringify, Function.prototype.call, Array.prototype.map] = kept;
      }
    });
    expect(result.ours).toContain('sivis');
    expect(result.ours.filter((name) => /electron|ipc|preload|stand|require/i.test(name))).toEqual([]);
    expect(result.ok).toBe(true);
  },

  async 4(bench) {
    await preference(bench, 'sandbox', true);
    if (RUNTIME === 'stand-in')
      expect(await bench.evaluate(({ app }) => (app as unknown as { sandboxed: boolean }).sandboxed)).toBe(
        true,
      );
  },

  async 5({ page }) {
    const states = await page.evaluate(async () => {
      const names = ['camera', 'microphone', 'geolocation', 'notifications', 'clipboard-read', 'midi'];
      const asked = names.map(async (name) => {
        const { state } = await navigator.permissions.query({ name: name as PermissionName });
        return `${name} ${state}`;
      });
      const refusals = [
        navigator.mediaDevices.getUserMedia({ video: true }),
        navigator.clipboard.readText(),
        new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
      ].map((one) =>
        one.then(
          () => 'given',
          () => 'refused',
        ),
      );
      return [
        ...(await Promise.all(asked)),
        await Notification.requestPermission(),
        ...(await Promise.all(refusals)),
      ];
    });
    expect(states).toEqual([
      'camera denied',
      'microphone denied',
      'geolocation denied',
      'notifications denied',
      'clipboard-read denied',
      'midi denied',
      'denied',
      'refused',
      'refused',
      'refused',
    ]);
  },

  async 6(bench) {
    await preference(bench, 'webSecurity', true);
  },

  async 7({ page }) {
    const refusals = await page.evaluate(async () => {
      const seen: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        seen.push(effectiveDirective);
      });
      // In a task of the page's own: what DevTools evaluates may use eval.
      const attempt = (name: string, work: () => unknown): void => {
        setTimeout(() => {
          try {
            work();
            seen.push(`${name} went through`);
          } catch {
            seen.push(name);
          }
        });
      };
      const inline = document.createElement('div');
      attempt('markup', () => {
        inline.innerHTML = '<b>x</b>';
      });
      // eslint-disable-next-line no-eval -- to see it refused
      attempt('eval', () => (0, eval)('1'));
      attempt('script', () => {
        document.createElement('script').text = '1';
      });
      attempt('policy', () =>
        (
          globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('mine', {}),
      );
      const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
      attempt('wasm', () => new WebAssembly.Module(wasm));
      const form = document.createElement('form');
      form.action = 'https://evil.example/';
      document.body.append(form);
      form.submit();
      const style = document.createElement('style');
      style.textContent = 'h1 { color: red }';
      document.head.append(style);
      await new Promise((resolve) => setTimeout(resolve, 300));
      form.remove();
      style.remove();
      return seen;
    });
    for (const name of ['markup', 'eval', 'script', 'policy', 'wasm', 'form-action', 'style-src-elem'])
      expect(refusals).toContain(name);
    expect(refusals.filter((one) => one.endsWith('went through'))).toEqual([]);
  },

  8: (bench) => preference(bench, 'allowRunningInsecureContent', undefined),
  9: (bench) => preference(bench, 'experimentalFeatures', undefined),
  10: (bench) => preference(bench, 'enableBlinkFeatures', undefined),
  11: (bench) => preference(bench, 'webviewTag', false),

  async 12(bench) {
    expect(await stoppedByMain(bench, 'will-attach-webview', '')).toBe(true);
    await bench.page.evaluate((url) => {
      const view = document.createElement('webview');
      view.setAttribute('src', url);
      document.body.append(view);
      setTimeout(() => view.remove(), 300);
    }, bench.evil.url);
    await bench.page.waitForTimeout(400);
    expect(bench.evil.visits).toEqual([]);
  },

  async 13(bench) {
    // The table of addresses has tests of its own below; here what leads away without a click.
    const { page, evil } = bench;
    await bench.withoutPolicy();
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = `${url}/frame`;
      const refresh = document.createElement('meta');
      refresh.httpEquiv = 'refresh';
      refresh.content = `0; url=${url}/refresh`;
      const form = document.createElement('form');
      form.action = `${url}/form`;
      form.method = 'post';
      document.body.append(frame, form);
      document.head.append(refresh);
      form.submit();
    }, evil.url);
    await page.waitForTimeout(500);
    expect(evil.visits).toEqual([]);
    expect(page.url()).toMatch(new RegExp(`^${local('app://sivis/')}`));
    // A redirect from where main itself would have gone.
    const gone = await bench.evaluate(
      ({ BrowserWindow }, url) =>
        BrowserWindow.getAllWindows()[0]!
          .loadURL(url)
          .then(
            () => 'loaded',
            () => 'stopped',
          ),
      `${bench.service.url}/redirect`,
    );
    expect(gone).toBe('stopped');
    expect(evil.visits).toEqual([]);
  },

  async 14(bench) {
    const { page, context, evil } = bench;
    for (const policy of ['with', 'without']) {
      await (policy === 'with' ? bench.fresh() : bench.withoutPolicy());
      await page.evaluate((url) => {
        open(`${url}/open`);
        open(`${url}/named`, 'name', 'width=10');
        open('about:blank');
        const link = document.createElement('a');
        link.href = `${url}/blank`;
        link.target = '_blank';
        link.textContent = 'link';
        link.id = 'hostile';
        document.body.append(link);
      }, evil.url);
      await page.locator('#hostile').click();
      await page.locator('#hostile').click({ button: 'middle' });
      await page.locator('#hostile').click({ modifiers: ['ControlOrMeta'] });
      await expect.poll(() => context.pages().length).toBe(1);
      expect(await bench.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
      expect(evil.visits).toEqual([]);
    }
  },

  async 15(bench) {
    const { page } = bench;
    const names = await page.evaluate(() => Object.keys((window as never)['sivis']));
    expect(names.filter((name) => /open|external|shell|path/i.test(name))).toEqual(['outsideOpen']);
    // Only a sign-in that comes back to the address that main listens on.
    const answers = await page.evaluate(async () => {
      const { sivis } = window as unknown as {
        sivis: Record<'outsideListen' | 'outsideOpen', (args?: unknown) => Promise<unknown>>;
      };
      const listening = await sivis.outsideListen();
      const asked = [];
      for (const url of [
        'file:///etc/passwd',
        'https://evil.example/',
        'https://evil.example/?response_type=code&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fevil.example%2F',
      ])
        asked.push(await sivis.outsideOpen({ url }));
      return { listening, asked };
    });
    const refused = { ok: true, value: { state: 'refused' } };
    expect(answers.asked).toEqual([refused, refused, refused]);
    if (RUNTIME === 'stand-in')
      expect(await bench.evaluate(({ shell }) => (shell as unknown as { opened: string[] }).opened)).toEqual(
        [],
      );
  },

  async 17(bench) {
    const { page } = bench;
    const reply = await page.evaluate(() =>
      (window as unknown as { sivis: { keyRead(args: unknown): Promise<unknown> } }).sivis.keyRead({
        slot: '../x',
      }),
    );
    expect(reply).toEqual({ ok: false, code: 'bad-args' });
  },

  async 18(bench) {
    const { page } = bench;
    const state = await page.evaluate(async () => {
      const open = indexedDB.open('probe');
      await new Promise((resolve, reject) => {
        open.onsuccess = resolve;
        open.onerror = reject;
      });
      open.result.close();
      indexedDB.deleteDatabase('probe');
      return { secure: isSecureContext, subtle: 'subtle' in crypto };
    });
    expect(state).toEqual({ secure: true, subtle: true });
    await bench.withoutPolicy();
    const answers = await page.evaluate(
      async (paths) =>
        Promise.all(
          paths.map(async (path) => {
            const reply = await fetch(path).catch(() => undefined);
            const text = (await reply?.text()) ?? '';
            return `${reply?.status ?? 0} ${/root:|"version"|BEGIN|"lockfile/.test(text) ? 'leaked' : ''}`.trim();
          }),
        ),
      TRAVERSALS,
    );
    TRAVERSALS.forEach((path, index) => expect(answers[index], path).toBe('404'));
    const file = await page.evaluate(() =>
      fetch('file:///etc/passwd').then(
        () => 'read',
        () => 'refused',
      ),
    );
    expect(file).toBe('refused');
  },

  async 20({ page }) {
    const shape = await page.evaluate(async () => {
      const { sivis } = window as unknown as { sivis: Record<string, unknown> };
      const replaced = Reflect.set(sivis, 'info', () => 'mine') || Reflect.set(window, 'sivis', {});
      const added = Reflect.set(sivis, 'more', 1) || Reflect.deleteProperty(sivis, 'info');
      return {
        replaced,
        added,
        frozen: Object.isFrozen(sivis),
        kinds: [...new Set(Object.values(sivis).map((value) => typeof value))],
      };
    });
    expect(shape).toEqual({ replaced: false, added: false, frozen: true, kinds: ['function'] });
  },
};

/** Below our page's address; each would be another file of the computer if it were joined to the folder as it is. */
const TRAVERSALS = [
  '/..%2f..%2fpackage.json',
  '/%2e%2e%2f%2e%2e%2fpackage.json',
  '/..%5c..%5cpackage.json',
  '/assets/..%2f..%2f..%2fmain%2findex.js',
  '/%252e%252e%252fpackage.json',
  '/%c0%ae%c0%ae/package.json',
  '/index.html%00.js',
  '/.vite/manifest.json',
  '/.sivis-app',
  '/c:/windows/win.ini',
  '/assets/index.js::$DATA.js',
  '/main/index.js',
  '/package.json',
  '/index.php',
  '/nothing.html',
];

test.describe('the twenty points', () => {
  for (const { number, title } of SECURITY_POINTS.filter(({ how }) => how.includes('stand-in'))) {
    test(`${number} ${title}`, async ({ bench }) => {
      await bench.fresh();
      const check = CHECKS[number];
      if (check === undefined) throw new Error('this point has no check here');
      await check(bench);
    });
  }
});
