import { describe, expect, it } from 'vitest';
import type { GuardedContents } from './navigation-guard.ts';
import { guardNavigation, isAllowedNavigation } from './navigation-guard.ts';

const HOSTILE = [
  '',
  ' app://sivis/',
  'https://evil.example/',
  'https://evil.example/?next=app://sivis/',
  'https://evil.example/#app://sivis/',
  'app://sivis.evil/',
  'app://sivis.evil.example/',
  'app://evil/?next=app://sivis/',
  'app://evil#app://sivis/',
  'app://sivis@evil/',
  'app://evil@sivis/',
  'app://user:secret@sivis/',
  'app://sivis:80/',
  'app://SIVIS/',
  'app://sivis%2eevil/',
  'app://',
  'app:///sivis/',
  'app:sivis/',
  'app:/sivis/',
  'app:\\\\sivis\\',
  'app://sivis\\@evil/',
  'app://sivis\\..\\evil/',
  '\\\\server\\share\\index.html',
  '//sivis/index.html',
  'file://server/share/index.html',
  'file:///etc/passwd',
  'file:////server/share',
  'application://sivis/',
  'xapp://sivis/',
  'data:text/html,app://sivis/',
  'blob:app://sivis/0f0e',
  'filesystem:app://sivis/x',
  'javascript:alert(1)//app://sivis/',
  'view-source:app://sivis/',
  'about:blank',
  'about:srcdoc',
  'chrome://settings/',
  'devtools://devtools/bundled/inspector.html',
  'app://sivis\t.evil/',
  'app://sivis\n/',
  'app://sivis\u0000/',
  'app://sívis/',
  'app://ѕivis/',
];

describe('navigation', () => {
  it.each(['app://sivis/', 'app://sivis', 'app://sivis/lodging?day=2026-11-21#bed', 'app://sivis/a%20b'])(
    'may go to %s',
    (url) => {
      expect(isAllowedNavigation(url)).toBe(true);
    },
  );

  it.each(HOSTILE)('may not go to %j', (url) => {
    expect(isAllowedNavigation(url)).toBe(false);
  });
});

function fakeContents() {
  const listeners = new Map<string, (details: { url: string; preventDefault(): void }) => void>();
  let openHandler: (() => { action: string }) | undefined;
  const contents = {
    on: (event: string, listener: (details: { url: string; preventDefault(): void }) => void) => {
      listeners.set(event, listener);
    },
    setWindowOpenHandler: (handler: () => { action: string }) => {
      openHandler = handler;
    },
  } as unknown as GuardedContents;
  const emit = (event: string, url: string) => {
    let prevented = false;
    listeners.get(event)!({ url, preventDefault: () => (prevented = true) });
    return prevented;
  };
  return { contents, emit, listeners, open: () => openHandler!() };
}

describe('guard', () => {
  it('stops every way out and reports which it was, without the address', () => {
    const fake = fakeContents();
    const reports: string[] = [];
    guardNavigation(fake.contents, (what) => reports.push(what));
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      expect(fake.emit(event, 'app://sivis/x')).toBe(false);
      expect(fake.emit(event, 'https://evil.example/?code=1')).toBe(true);
    }
    expect(fake.emit('will-attach-webview', '')).toBe(true);
    expect(fake.open()).toEqual({ action: 'deny' });
    expect(reports).toEqual([
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
      'window-open',
    ]);
  });
});
