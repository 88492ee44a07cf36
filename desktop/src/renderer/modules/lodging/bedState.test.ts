import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { bedState } from './bedState.ts';
import { testCentre, TODAY } from './testCentre.ts';

describe('the state of a bed', () => {
  it('is free on the day its guest leaves, and not vacated until the departure is registered', () => {
    const { id, desk, stay, edit } = testCentre();
    const guest = stay(id.a1, '2026-11-10', TODAY, { state: 'in_house' });
    expect(bedState(desk, id.a1, TODAY)).toMatchObject({ state: 'notVacated', stay: { id: guest } });
    edit(guest, { state: 'departed' });
    expect(bedState(desk, id.a1, TODAY).state).toBe('free');
  });

  it('is taken by others, not by oneself, and not by who does not come', () => {
    const { id, desk, stay, edit } = testCentre();
    const mine = stay(id.a1, TODAY, '2026-12-05');
    expect(bedState(desk, id.a1, TODAY, mine).state).toBe('free');
    expect(bedState(desk, id.a1, TODAY)).toMatchObject({ state: 'taken', stay: { id: mine } });
    edit(mine, { state: 'no_show' });
    expect(bedState(desk, id.a1, TODAY).state).toBe('free');
  });

  it('is taken when the whole room is let (I3)', () => {
    const { id, desk, stay } = testCentre();
    const whole = stay(id.a1, TODAY, '2026-12-05', {
      segments: [{ id: newId(), bedId: id.a1, from: TODAY, to: '2026-12-05', privateUse: true }],
    });
    expect(bedState(desk, id.b1, TODAY)).toMatchObject({ state: 'taken', stay: { id: whole } });
  });

  it('is blocked with its room, until the block is released', () => {
    const { id, desk, store, doc } = testCentre();
    const block = {
      scope: 'room',
      targetId: id.room1,
      blockKind: 'outOfOrder',
      from: TODAY,
      to: '2026-11-25',
      reason: 'duša',
    };
    const blockId = newId();
    store.put([doc('block', blockId, { ...block, state: 'active' })]);
    expect(bedState(desk, id.b1, '2026-11-24').state).toBe('blocked');
    expect(bedState(desk, id.b1, '2026-11-25').state).toBe('free');
    store.put([doc('block', blockId, { ...block, state: 'released' })]);
    expect(bedState(desk, id.b1, '2026-11-24').state).toBe('free');
  });
});
