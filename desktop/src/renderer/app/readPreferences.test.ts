import { describe, expect, it } from 'vitest';
import { defaultPreferences, readPreferences } from './readPreferences.ts';

describe('the kept choices of a workstation', () => {
  it('come back as they were', () => {
    const chosen = { theme: 'dark', density: 'touch', singleKeys: false, locale: 'en' } as const;
    expect(readPreferences(JSON.stringify(chosen))).toEqual(chosen);
  });
  it.each([
    null,
    '',
    '{',
    '[]',
    '7',
    'null',
    '{"theme":"pink","density":1,"singleKeys":"yes","locale":"xx"}',
  ])('fall back to the defaults when %s cannot be read', (text) => {
    expect(readPreferences(text)).toEqual(defaultPreferences);
  });
  it('keep the parts that can be read', () => {
    expect(readPreferences('{"theme":"dark","density":"huge"}')).toEqual({
      ...defaultPreferences,
      theme: 'dark',
    });
  });
});
