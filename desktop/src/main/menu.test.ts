import { expect, it, vi } from 'vitest';
import { menuTemplate } from './menu.ts';
import { textsFor } from './texts.ts';

function items(allowDevTools: boolean, locale = 'lv') {
  const lock = vi.fn();
  const template = menuTemplate(textsFor(locale), { lock }, allowDevTools);
  const all = template.flatMap((menu) => (Array.isArray(menu.submenu) ? menu.submenu : []));
  return { template, all, lock };
}

it('locks, and has no developer tools unless they are allowed', () => {
  const { all, lock } = items(false);
  const entry = all.find((i) => i.accelerator === 'CmdOrCtrl+L');
  entry?.click?.({} as never, undefined, {});
  expect(lock).toHaveBeenCalledOnce();
  expect(all.some((i) => i.role === 'toggleDevTools')).toBe(false);
  expect(items(true).all.some((i) => i.role === 'toggleDevTools')).toBe(true);
});

it('uses no accelerator that types a Latvian letter, and reloads nothing', () => {
  const { all } = items(true);
  for (const item of all) {
    expect(item.accelerator ?? '').not.toMatch(/alt/i);
    expect(item.role ?? '').not.toMatch(/reload/i);
  }
});

it('speaks Latvian, and English to an English system', () => {
  expect(items(false).template.map((m) => m.label)).toEqual(['&Fails', '&Rediģēt', '&Skats']);
  expect(items(false, 'en-GB').template.map((m) => m.label)).toEqual(['&File', '&Edit', '&View']);
  expect(textsFor('ru').file).toBe('Fails');
});
