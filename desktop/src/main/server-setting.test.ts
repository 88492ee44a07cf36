import { describe, expect, it, vi } from 'vitest';
import type { Effective } from './policies.ts';
import { createServerSetting } from './server-setting.ts';

function setting(initial: Partial<Effective<'ServerUrl'>> = {}, agrees = true) {
  const parts = {
    confirm: vi.fn(async () => agrees),
    save: vi.fn(async () => undefined),
    changed: vi.fn(),
  };
  const full: Effective<'ServerUrl'> = { value: null, level: 'default', source: 'default', ...initial };
  return { ...parts, setting: createServerSetting({ initial: full, ...parts }) };
}

describe('address of the service', () => {
  it('connects to nothing as long as there is none', () => {
    expect(setting().setting.connect()).toEqual([]);
    expect(setting().setting.origin()).toBeNull();
  });

  it('is saved after the person agreed, and in force at once', async () => {
    const { setting: s, save, confirm, changed } = setting({ value: 'https://old.lv', level: 'recommended' });
    expect(await s.set('https://new.lv/')).toEqual({ state: 'saved' });
    expect(confirm).toHaveBeenCalledWith('https://new.lv');
    expect(save).toHaveBeenCalledWith('https://new.lv');
    expect(changed).toHaveBeenCalledOnce();
    expect(s.connect()).toEqual(['https://new.lv', 'wss://new.lv']);
  });

  it.each(['mandatory', 'development'] as const)('is not the user’s to change when %s', async (level) => {
    const { setting: s, confirm } = setting({ value: 'https://a.lv', level });
    expect(s.managed).toBe(true);
    expect(await s.set('https://new.lv')).toEqual({ state: 'refused', reason: 'managed' });
    expect(confirm).not.toHaveBeenCalled();
  });

  it('stays when the person declines, the address is bad or the disk is full', async () => {
    const declined = setting({ value: 'https://a.lv', level: 'user' }, false);
    expect(await declined.setting.set('https://new.lv')).toEqual({ state: 'refused', reason: 'declined' });
    expect(await declined.setting.set('http://new.lv')).toEqual({ state: 'refused', reason: 'not-secure' });
    expect(await declined.setting.set('new')).toEqual({ state: 'refused', reason: 'not-an-address' });
    expect(declined.setting.origin()).toBe('https://a.lv');
    const full = setting();
    full.save.mockRejectedValue(new Error('ENOSPC'));
    expect(await full.setting.set('https://new.lv')).toEqual({ state: 'refused', reason: 'failed' });
    expect(full.setting.origin()).toBeNull();
    expect(full.changed).not.toHaveBeenCalled();
  });
});
