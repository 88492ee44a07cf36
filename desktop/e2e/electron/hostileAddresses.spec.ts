import { expect } from '@playwright/test';
import { local, stoppedByMain, test } from '../support/hostile.ts';

/**
 * Addresses that a page which was taken over would try. Every one of them is given to main as each of Electron's events
 * gives it, and those that a page can follow are followed for real.
 */
const ADDRESSES: readonly string[] = [
  'https://evil.example/',
  'http://evil.example/',
  'http://127.0.0.1/',
  'http://localhost:5173/',
  'http://[::1]/',
  'HTTPS://EVIL.EXAMPLE',
  '//evil.example/',
  'https:evil.example',
  'https:\\\\evil.example\\',
  'https://sivis/',
  'https://sivis@evil.example/',
  'https://evil.example/?app://sivis/',
  'https://evil.example/#app://sivis/',
  'app://sivis.evil/',
  'app://evil/',
  'app://sivis@evil/',
  'app://evil@sivis/',
  'app://evil:word@sivis/',
  'app://sivis:80/',
  'app:///sivis/',
  'app:sivis',
  'app:\\\\sivis\\',
  'app://sivis\\@evil/',
  'app://evil\\sivis/',
  'app://ѕivis/',
  'app://sívis/',
  'app://sivis\u3002evil/',
  'app://xn--sivis-1ya/',
  'app://sivis\u0000/',
  'app://sivis\u0000.evil/',
  'app://sivis%00/',
  'app://sivis%2eevil/',
  'app://%73ivis.evil/',
  'app://sivis /',
  ' app://sivis/',
  'app://sivis/\n',
  'app\t://sivis/',
  'apps://sivis/',
  'xapp://sivis/',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PGgxPng8L2gxPg==',
  'blob:app://sivis/00000000-0000-0000-0000-000000000000',
  'blob:https://evil.example/00000000-0000-0000-0000-000000000000',
  'blob:null/1',
  'file:///etc/passwd',
  'file://evil.example/share',
  'file:///C:/Windows/win.ini',
  '\\\\evil.example\\share',
  'filesystem:app://sivis/temporary/x',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'vbscript:x',
  'view-source:app://sivis/',
  'view-source:https://evil.example/',
  'about:blank',
  'about:srcdoc',
  'chrome://gpu/',
  'chrome-extension://a/b.html',
  'devtools://devtools/bundled/inspector.html',
  'ms-msdt:/id',
  'search-ms:query=x',
  'mailto:someone@evil.example',
  'ftp://evil.example/',
  'ws://evil.example/',
  'intent://evil#Intent;end',
  'sivis://open',
  '',
];

/** Nothing but our page, however it is written. */
const OURS: readonly string[] = [
  'app://sivis/',
  'app://sivis/#/sodien',
  'app://sivis',
  'APP://sivis/index.html',
];

for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
  test(`${event}: main stops every address but our page's`, async ({ bench }) => {
    for (const address of ADDRESSES) {
      expect(await stoppedByMain(bench, event, address), JSON.stringify(address)).toBe(true);
    }
    for (const address of OURS) expect(await stoppedByMain(bench, event, address), address).toBe(false);
  });
}

/** What stands in the address bar afterwards, as Electron writes it. */
const OUR_PAGE = new RegExp(`^${local('app://sivis').replaceAll('.', '\\.')}/`);

const FOLLOWED = ['http:', 'https:', 'data:', 'blob:', 'about:', 'file:', 'javascript:'];

/**
 * What a page follows for real. With other schemes Chromium, without Electron's guards around it, shows an error page of
 * its own or ends: those are given to main only. `https:x` is another path of the lent host.
 */
const canFollow = (address: string): boolean =>
  address !== '' &&
  !/^https:\w/.test(address) &&
  FOLLOWED.includes(URL.parse(address, 'https://base/')?.protocol ?? '');

for (const policy of ['with', 'without'] as const) {
  test(`followed by the page, ${policy} its content policy, none leads anywhere`, async ({ bench }) => {
    const { page, evil } = bench;
    await (policy === 'with' ? bench.fresh() : bench.withoutPolicy());
    const ways = [...ADDRESSES, evil.url, `${evil.url}/app://sivis/`, `//${new URL(evil.url).host}/x`].map(
      local,
    );
    for (const way of ['assign', 'link', 'frame'] as const) {
      for (const address of ways.filter(canFollow)) {
        await page
          .evaluate(
            ([kind, url]) => {
              const element = document.createElement(kind === 'frame' ? 'iframe' : 'a');
              if (element instanceof HTMLIFrameElement) element.src = url;
              else element.href = url;
              document.body.append(element);
              try {
                if (kind === 'assign') location.assign(url);
                if (kind === 'link') element.click();
              } catch {
                // Refused by the page's own rules already.
              }
              return new Promise<void>((resolve) => {
                setTimeout(() => {
                  element.remove();
                  resolve();
                }, 20);
              });
            },
            [way, address] as const,
          )
          // Our own page under another spelling is loaded anew: the world that asked is gone.
          .catch(() => undefined);
      }
    }
    await page.waitForTimeout(500);
    await expect(page).toHaveURL(OUR_PAGE);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect.poll(() => bench.context.pages().length).toBe(1);
    expect(evil.visits).toEqual([]);
  });
}

test('a page made of a blob is not opened, and only a blob may be saved', async ({ bench }) => {
  await bench.withoutPolicy();
  const { page } = bench;
  await page.evaluate(() => {
    const { trustedTypes } = globalThis as unknown as { trustedTypes?: unknown };
    location.href = URL.createObjectURL(
      new Blob([`<title>${typeof trustedTypes}</title>`], { type: 'text/html' }),
    );
  });
  await page.waitForTimeout(300);
  await expect(page).toHaveURL(OUR_PAGE);
  const saved = (url: string): Promise<boolean> =>
    bench.evaluate(({ session }, address) => {
      let stopped = false;
      const event = {
        preventDefault: () => {
          stopped = true;
        },
      };
      session.defaultSession.emit('will-download', event, { getURL: () => address });
      return !stopped;
    }, url);
  expect(await saved('blob:app://sivis/2c4f')).toBe(true);
  for (const url of [
    ...ADDRESSES.filter((one) => !one.startsWith('blob:app://sivis/')),
    'app://sivis/index.html',
  ])
    expect(await saved(url), url).toBe(false);
});
