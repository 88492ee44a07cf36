import { afterEach, describe, expect, it } from 'vitest';
import {
  createOutsideSignIn,
  isSignInAddress,
  type OutsideParts,
  type OutsideSignIn,
} from './outside-sign-in.ts';

const REDIRECT = 'http://127.0.0.1:5123/oidc';
const asked = (redirect: string, more = ''): string =>
  `https://idp.example/auth?response_type=code&code_challenge_method=S256&redirect_uri=${encodeURIComponent(redirect)}${more}`;

describe('the address that is opened outside', () => {
  it('is a sign-in that comes back to us', () => {
    expect(isSignInAddress(asked(REDIRECT), REDIRECT)).toBe(true);
  });

  it.each([
    'not an address',
    'file:///etc/passwd',
    'javascript:alert(1)',
    asked(REDIRECT).replace('https:', 'http:'),
    asked(REDIRECT).replace('https://', 'https://user:secret@'),
    asked('http://127.0.0.1:9/oidc'),
    asked(REDIRECT).replace('response_type=code', 'response_type=token'),
    asked(REDIRECT).replace('S256', 'plain'),
    'https://idp.example/',
  ])('is not %s', (url) => {
    expect(isSignInAddress(url, REDIRECT)).toBe(false);
  });
});

describe('a sign-in outside', () => {
  let outside: OutsideSignIn | undefined;
  afterEach(async () => {
    // Ends what still listens.
    await outside?.listen();
    await outside?.open('');
  });

  function make(more: Partial<OutsideParts> = {}): {
    opened: string[];
    hosts: string[];
    outside: OutsideSignIn;
  } {
    const opened: string[] = [];
    const hosts: string[] = [];
    outside = createOutsideSignIn({
      confirm: (host) => {
        hosts.push(host);
        return Promise.resolve(true);
      },
      openExternal: (url) => {
        opened.push(url);
        return Promise.resolve();
      },
      doneText: 'Gatavs <&>',
      ...more,
    });
    return { opened, hosts, outside };
  }

  it('asks, opens the browser, and brings the query of the answer back', async () => {
    const pages: string[] = [];
    const { hosts, outside: made } = make({
      openExternal: async (url) => {
        const back = new URL(url).searchParams.get('redirect_uri') ?? '';
        expect((await fetch(back.replace('/oidc', '/other?code=x'))).status).toBe(404);
        pages.push(await (await fetch(`${back}?code=abc&state=s`)).text());
      },
    });
    const listening = await made.listen();
    if (listening.state !== 'ok') throw new Error('does not listen');
    expect(await made.open(asked(listening.redirect))).toEqual({ state: 'ok', query: 'code=abc&state=s' });
    expect(hosts).toEqual(['idp.example']);
    expect(pages[0]).toContain('Gatavs &lt;&amp;>');
    await expect(fetch(`${listening.redirect}?code=late`)).rejects.toThrow();
  });

  it('opens nothing that is no sign-in of ours, nor what the person does not want', async () => {
    const { opened, outside: made } = make({ confirm: () => Promise.resolve(false) });
    expect(await made.open(asked(REDIRECT))).toEqual({ state: 'refused' });
    const listening = await made.listen();
    if (listening.state !== 'ok') throw new Error('does not listen');
    expect(await made.open('https://idp.example/')).toEqual({ state: 'refused' });
    expect(await made.open(asked(listening.redirect))).toEqual({ state: 'refused' });
    expect(opened).toEqual([]);
  });

  it('ends when nothing comes back', async () => {
    const { outside: made } = make({ timeoutMs: 20 });
    const listening = await made.listen();
    if (listening.state !== 'ok') throw new Error('does not listen');
    expect(await made.open(asked(listening.redirect))).toEqual({ state: 'timeout' });
  });
});
