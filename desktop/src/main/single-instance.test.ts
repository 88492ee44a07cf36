import { expect, it, vi } from 'vitest';
import { isOnlyInstance } from './single-instance.ts';

it('ends when another one has the profile, and shows the window of the first', () => {
  const second = { requestSingleInstanceLock: () => false, on: vi.fn(), quit: vi.fn() };
  expect(isOnlyInstance(second, vi.fn())).toBe(false);
  expect(second.quit).toHaveBeenCalledOnce();
  expect(second.on).not.toHaveBeenCalled();

  const show = vi.fn();
  const first = {
    requestSingleInstanceLock: () => true,
    on: (_event: 'second-instance', listener: () => void) => {
      listener();
    },
    quit: vi.fn(),
  };
  expect(isOnlyInstance(first, show)).toBe(true);
  expect(show).toHaveBeenCalledOnce();
});
