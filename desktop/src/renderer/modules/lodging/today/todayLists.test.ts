import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { testCentre, TODAY } from '../testCentre.ts';
import { todayLists } from './todayLists.ts';

const reader = (siteIds: readonly string[], userId = 'u') => ({
  userId,
  role: 'reception' as const,
  siteIds,
});

describe("today's lists", () => {
  it('put whoever should have come on an earlier day first, then by time, then by name', () => {
    const { id, desk, stay, siteIds } = testCentre();
    const noon = stay(id.a1, TODAY, '2026-12-05', { arriveTime: '12:00', name: 'Zvirbule' });
    const noonToo = stay(id.b1, TODAY, '2026-12-05', { arriveTime: '12:00', name: 'Ābola' });
    const overdue = stay(id.a2, '2026-11-19', '2026-12-03', { arriveTime: '15:00' });
    stay(null, '2026-11-22', '2026-12-06');
    const { arrivals } = todayLists(desk, TODAY, '10:07', reader(siteIds));
    expect(arrivals.map((row) => row.id)).toEqual([overdue, noonToo, noon]);
    expect(arrivals[0]?.issues).toEqual(['overdue']);
  });

  it('tell what keeps an arrival from being ready, the gravest first', () => {
    const { id, desk, stay, siteIds } = testCentre();
    stay(id.a1, '2026-11-10', TODAY, { state: 'in_house' });
    const checkin = { form027u: { doneAt: '2026-11-20T10:00:00.000Z', by: newId(), detail: '20.10.2026' } };
    const waiting = stay(id.a1, TODAY, '2026-12-05', { arriveTime: '09:00', checkin });
    const bedless = stay(null, TODAY, '2026-12-05', { arriveTime: '11:00' });
    const clash = stay(null, TODAY, '2026-12-05', { arriveTime: '11:30', unconfirmed: true });
    const ready = stay(id.b1, TODAY, '2026-12-05', { arriveTime: '14:00' });
    const { arrivals } = todayLists(desk, TODAY, '10:07', reader(siteIds));
    const issues = new Map(arrivals.map((row) => [row.id, row.issues]));
    expect(issues.get(waiting)).toEqual(['notVacated', 'formTooOld', 'late']);
    expect(issues.get(bedless)).toEqual(['noBed']);
    expect(issues.get(clash)).toEqual(['unconfirmed']);
    expect(issues.get(ready)).toEqual([]);
    expect(arrivals.find((row) => row.id === ready)?.bed).toBe('214 B');
  });

  it('count in house whoever is checked in, also on leave; leaving are those of today and before', () => {
    const { id, desk, stay, siteIds } = testCentre();
    const here = stay(id.a1, '2026-11-10', '2026-11-30', { state: 'in_house' });
    const away = stay(id.b1, '2026-11-10', TODAY, { state: 'on_leave' });
    const overdue = stay(id.a2, '2026-11-01', '2026-11-20', { state: 'in_house' });
    stay(id.a2, '2026-10-01', '2026-10-20', { state: 'departed' });
    const lists = todayLists(desk, TODAY, '10:00', reader(siteIds));
    expect(lists.inHouse.map((row) => row.id)).toEqual([here, away, overdue]);
    expect(lists.departures.map((row) => row.id)).toEqual([overdue, away]);
    expect(lists.onLeave.map((row) => row.id)).toEqual([away]);
  });

  it('know who is accompanied, and show no other site', () => {
    const { id, desk, stay, siteIds } = testCentre();
    const client = stay(id.a1, TODAY, '2026-12-05');
    stay(id.b1, TODAY, '2026-12-05', { companionOf: client });
    const { arrivals } = todayLists(desk, TODAY, '10:00', reader(siteIds));
    expect(arrivals.find((row) => row.id === client)?.withCompanion).toBe(true);
    expect(todayLists(desk, TODAY, '10:00', reader([newId()])).arrivals).toEqual([]);
  });

  it('list the open tasks of the role and of nobody else', () => {
    const { id, desk, store, doc, siteIds } = testCentre();
    const [mine, role, other] = [newId(), newId(), newId()];
    store.put([
      doc('task', role, { taskKind: 'manual', state: 'open', ownerRole: 'reception' }),
      doc('task', mine, {
        taskKind: 'manual',
        state: 'open',
        ownerRole: 'it',
        ownerId: id.user,
        dueAt: '2026-11-21T10:00:00.000Z',
      }),
      doc('task', other, { taskKind: 'manual', state: 'open', ownerRole: 'reception', ownerId: newId() }),
      doc('task', newId(), { taskKind: 'manual', state: 'done', ownerRole: 'reception' }),
    ]);
    expect(todayLists(desk, TODAY, '10:00', reader(siteIds, id.user)).tasks.map((task) => task.id)).toEqual([
      mine,
      role,
    ]);
  });
});
