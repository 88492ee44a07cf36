import { describe, expect, it } from 'vitest';
import { guardRequests, isAllowedDownload, isAllowedRequest } from './request-guard.ts';

const CONNECT = ['https://sivis.example.lv', 'wss://sivis.example.lv'];

describe('requests', () => {
  it.each([
    'https://sivis.example.lv/api/me',
    'wss://sivis.example.lv/api/live',
    'https://sivis.example.lv:443/',
  ])('go to %s', (url) => {
    expect(isAllowedRequest(url, CONNECT)).toBe(true);
  });

  it.each([
    'http://sivis.example.lv/',
    'ws://sivis.example.lv/',
    'https://sivis.example.lv.evil/',
    'https://sivis.example.lv@evil/',
    'https://evil/?https://sivis.example.lv',
    'https://sivis.example.lv:8443/',
    'file:///etc/passwd',
    'app://evil/',
    'nonsense',
  ])('do not go to %s', (url) => {
    expect(isAllowedRequest(url, CONNECT)).toBe(false);
  });

  it('go nowhere while no service is known', () => {
    expect(isAllowedRequest('https://sivis.example.lv/', [])).toBe(false);
  });

  it('are cancelled and reported without their address', () => {
    const reports: string[] = [];
    const answers: boolean[] = [];
    let connect: readonly string[] = [];
    guardRequests(
      {
        webRequest: {
          onBeforeRequest: (_filter, listener) => {
            const ask = () => {
              listener({ url: 'https://sivis.example.lv/' }, ({ cancel }) => answers.push(cancel));
            };
            ask();
            connect = CONNECT;
            ask();
          },
        },
        on: (_event, listener) => {
          let prevented = false;
          listener({ preventDefault: () => (prevented = true) }, { getURL: () => 'https://evil/x.exe' });
          answers.push(prevented);
        },
      },
      () => connect,
      (what) => reports.push(what),
    );
    expect(answers).toEqual([true, false, true]);
    expect(reports).toEqual(['request', 'download']);
  });
});

it.each([
  ['blob:app://sivis/0f0e', true],
  ['blob:https://evil/0f0e', false],
  ['app://sivis/index.html', false],
  ['data:text/plain,x', false],
])('download %s: %s', (url, allowed) => {
  expect(isAllowedDownload(url)).toBe(allowed);
});
