import { expect, it } from 'vitest';
import type { CrashingContents } from './crash-recovery.ts';
import { createCrashBudget, recoverFromCrashes } from './crash-recovery.ts';

it('reloads three times in five minutes, not a fourth', () => {
  let now = 0;
  const mayReload = createCrashBudget(() => now);
  const at = (ms: number) => {
    now = ms;
    return mayReload();
  };
  expect([at(0), at(1_000), at(2_000), at(3_000)]).toEqual([true, true, true, false]);
  expect(at(303_001)).toBe(true);
});

it('leaves a page alone that ended by itself, and says when it gives up', () => {
  let gone: Parameters<CrashingContents['on']>[1] | undefined;
  const done: string[] = [];
  const contents: CrashingContents = {
    on: (_event, listener) => (gone = listener),
    reload: () => done.push('reload'),
  };
  recoverFromCrashes(
    contents,
    () => undefined,
    () => done.push('give-up'),
    () => 0,
  );
  gone!({}, { reason: 'clean-exit', exitCode: 0 });
  expect(done).toEqual([]);
  for (let i = 0; i < 4; i++) gone!({}, { reason: 'crashed', exitCode: 139 });
  expect(done).toEqual(['reload', 'reload', 'reload', 'give-up']);
});
