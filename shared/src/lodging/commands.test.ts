import { describe, expect, it } from 'vitest';
import { applyOp, type Op } from '../docs/op.ts';
import { newId } from '../ids/ids.ts';
import { checkOut, moveStay } from './commands.ts';
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

describe('a move', () => {
  const move = (state: string, today: string, over: { arriveDate?: string } = {}) => {
    const stay = { ...target, fields: { ...fields, state } };
    const draft = moveStay(stay, { bedId: null, arriveDate: over.arriveDate ?? '2026-11-14', today });
    const after = applyOp(stay.fields, { changes: draft.changes } as unknown as Op);
    return (after['segments'] as { bedId: string | null; from: string; to: string }[]).map(
      ({ bedId, from, to }) => [bedId === null ? 'bez' : 'gulta', from, to],
    );
  };

  it('H3: takes an expected guest as a whole, one in house and one who is late from today on', () => {
    expect(move('expected', '2026-11-10')).toEqual([['bez', '2026-11-14', '2026-11-28']]);
    const fromToday = [
      ['gulta', '2026-11-14', '2026-11-21'],
      ['bez', '2026-11-21', '2026-11-28'],
    ];
    expect(move('in_house', '2026-11-21')).toEqual(fromToday);
    expect(move('expected', '2026-11-21')).toEqual(fromToday);
  });

  it('to another day takes somebody who is late along with all nights', () => {
    expect(move('expected', '2026-11-21', { arriveDate: '2026-11-23' })).toEqual([
      ['bez', '2026-11-23', '2026-12-07'],
    ]);
  });
});
