import { describe, expect, it } from 'vitest';
import { applyOp, type Op } from '../docs/op.ts';
import { newId } from '../ids/ids.ts';
import { checkOut } from './commands.ts';
import { wholeStay } from './segments.ts';
import { staySchema } from './stay.ts';

const fields = JSON.parse(
  JSON.stringify({
    reservationId: newId(),
    personId: newId(),
    arriveDate: '2026-11-14',
    departDate: '2026-11-28',
    segments: wholeStay('2026-11-14', '2026-11-28', newId()),
    state: 'in_house',
    boardPlan: 'full',
  }),
) as Parameters<typeof checkOut>[0]['fields'];
const target = { id: newId(), siteId: newId(), fields };

describe('a departure', () => {
  it('I13: frees the nights that are still to come, and keeps what was seen of key and belongings', () => {
    const draft = checkOut(target, '2026-11-21T08:00:00.000Z', '2026-11-21', {
      reason: 'veselība',
      checkout: { keyReturned: true, belongings: false, note: 'jaka pie dežuranta' },
    });
    const after = applyOp(fields, { changes: draft.changes } as unknown as Op);
    expect(after).toMatchObject({
      state: 'departed',
      departDate: '2026-11-21',
      segments: [{ to: '2026-11-21' }],
      endReason: 'veselība',
      checkout: { keyReturned: true, belongings: false, note: 'jaka pie dežuranta' },
    });
    expect(staySchema.safeParse(after).success).toBe(true);
  });

  it('on the planned day says nothing of what nobody looked at', () => {
    const draft = checkOut(target, '2026-11-28T08:00:00.000Z', '2026-11-28');
    expect(Object.keys(draft.changes).sort()).toEqual(['checkedOutAt', 'state']);
  });
});
