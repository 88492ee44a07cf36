import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { describe, expect, it } from 'vitest';
import type { Desk } from './desk.ts';
import { railCounts } from './railCounts.ts';

const TODAY = '2026-11-21';

function deskOf(docs: Partial<Record<Kind, readonly { siteId: string; fields: object }[]>>): Desk {
  return {
    all: (kind: Kind) => new Map((docs[kind] ?? []).map((doc, at) => [String(at), doc])),
  } as unknown as Desk;
}

describe('counts of the rail', () => {
  it('counts due and overdue arrivals of the own sites, open tasks, and what waits for a choice', () => {
    const stay = (state: string, arriveDate: string, siteId = 's1') => ({
      siteId,
      fields: { state, arriveDate },
    });
    const desk = deskOf({
      stay: [
        stay('expected', TODAY),
        stay('expected', '2026-11-19'),
        stay('expected', '2026-11-22'),
        stay('in_house', TODAY),
        stay('cancelled', TODAY),
        stay('expected', TODAY, 's2'),
      ],
      task: [
        { siteId: 's1', fields: { state: 'open' } },
        { siteId: 's1', fields: { state: 'done' } },
      ],
    });
    expect(railCounts(desk, { siteIds: ['s1'] }, TODAY, 3)).toEqual({ today: 2, tasks: 1, conflicts: 3 });
    expect(railCounts(desk, { siteIds: ['s1'] }, '2026-11-22', 0).today).toBe(3);
  });
});
