import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import { testTimers } from '../net/testTimers.ts';
import { createDrafts } from './drafts.ts';

function desk() {
  const disk = new Map<string, OutboxEntry>();
  const time = testTimers();
  let day = 0;
  let broken = false;
  const open = () =>
    createDrafts({
      outbox: {
        all: (kind) => Promise.resolve([...disk.values()].filter((row) => row.kind === kind) as never),
        put: (rows) => {
          if (broken) return Promise.reject(new Error('full'));
          for (const row of rows) disk.set(row.id, structuredClone(row));
          return Promise.resolve();
        },
        remove: (ids) => {
          for (const id of ids) disk.delete(id);
          return Promise.resolve();
        },
      },
      clock: { now: () => Date.parse('2026-11-21T08:00:00.000Z') + day * 86_400_000 + time.now() },
      timers: time.timers,
    });
  return {
    disk,
    time,
    open,
    /** What the next start finds. */
    async again() {
      const drafts = open();
      await drafts.load();
      return drafts;
    },
    laterBy: (days: number) => (day += days),
    breakDisk: (now: boolean) => (broken = now),
  };
}

describe('drafts', () => {
  it('are on disk soon after the first key, however fast somebody types', async () => {
    const { time, open, again } = desk();
    const drafts = open();
    for (const text of ['L', 'Li', 'Lie', 'Liet', 'Lietu', 'Lietuva']) {
      drafts.keep('field/p/country', text);
      await time.pass(DESK_LIMITS.draftMs / 4);
    }
    expect((await again()).get('field/p/country')).toBe('Liet');
    await time.pass(DESK_LIMITS.draftMs);
    expect((await again()).get('field/p/country')).toBe('Lietuva');
  });

  it('are written before the desk locks, and go when they are saved or dismissed', async () => {
    const { disk, open, again } = desk();
    const drafts = open();
    drafts.keep('booking', { arrive: '2026-11-21' });
    await drafts.flush();
    const after = await again();
    expect(after.get('booking')).toEqual({ arrive: '2026-11-21' });
    expect(after.keys()).toEqual(['booking']);
    after.keep('booking', null);
    await after.flush();
    expect([...disk.keys()]).toEqual([]);
    expect((await again()).get('booking')).toBeUndefined();
  });

  it('are tried again when the disk refused them', async () => {
    const { open, again, breakDisk } = desk();
    const drafts = open();
    drafts.keep('booking', 'x');
    breakDisk(true);
    await expect(drafts.flush()).rejects.toThrow();
    breakDisk(false);
    await drafts.flush();
    expect((await again()).get('booking')).toBe('x');
  });

  it('go after a month in which nobody came back to them', async () => {
    const { disk, open, again, laterBy } = desk();
    const drafts = open();
    drafts.keep('old', 'x');
    await drafts.flush();
    laterBy(DESK_LIMITS.draftDays + 1);
    expect((await again()).keys()).toEqual([]);
    expect(disk.size).toBe(0);
  });
});
