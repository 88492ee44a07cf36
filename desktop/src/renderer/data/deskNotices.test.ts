import { expect, it } from 'vitest';
import { isDiskFull, withDisk, type DeskNotice } from './deskNotices.ts';

it('warns of a full disk below 2 GB, with the number of now, and takes the warning back', () => {
  const waits: DeskNotice = { kind: 'eraseWaits', count: 1 };
  const none: readonly DeskNotice[] = [waits];
  expect(withDisk(none, null)).toBe(none);
  expect(withDisk(none, 2_000_000_000)).toBe(none);
  const low = withDisk(none, 1_900_000_000);
  expect(low).toEqual([waits, { kind: 'diskLow', bytes: 1_900_000_000, full: false }]);
  expect(withDisk(low, 5)).toEqual([waits, { kind: 'diskLow', bytes: 5, full: true }]);
  expect(withDisk(low, 3_000_000_000)).toEqual([waits]);
  expect([null, 499_999_999, 500_000_000].map(isDiskFull)).toEqual([false, true, false]);
});
