import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { guest, openHouse, type House } from './testKit.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});

describe('taking back', () => {
  const cancelled = async (desk: ReturnType<House['desk']>, group?: { id: string; size: number }) => {
    const { stayId, fields } = await guest(house, house.beds['201A']!, '2026-11-21', '2026-12-05');
    const after = { ...fields, state: 'cancelled' };
    const extra = { kind: 'stay.cancel', ...(group === undefined ? {} : { group }) };
    const row = desk.edit('stay', stayId, fields, after, extra);
    const back = (over: object = {}, who = desk): typeof row =>
      who.edit('stay', stayId, after, fields, { kind: 'undo', undoes: row.ops[0]!.opId, ...over });
    return { stayId, fields, after, row, back };
  };

  it('reverses an operation of the same document by its author, or by somebody who may set rules aside', async () => {
    const desk = house.desk('reception');
    const { row, back, stayId } = await cancelled(desk);
    await desk.push(row);
    const colleague = house.desk('reception');
    const [byOther] = await colleague.push(back({}, colleague));
    expect(byOther?.ops[0]?.rejection?.code).toBe('undoNotOwn');
    expect((await desk.push(back()))[0]?.outcome).toBe('accepted');
    expect((await house.stayOf(stayId)).state).toBe('expected');
    const again = await cancelled(desk);
    await desk.push(again.row);
    const manager = house.desk('dutyManager');
    expect((await manager.push(again.back({}, manager)))[0]?.outcome).toBe('accepted');
  });

  it('is refused when it names nothing, another document, something else than it reverses, or an old act', async () => {
    const desk = house.desk('reception');
    const { row, back, stayId, fields, after } = await cancelled(desk);
    const other = await cancelled(desk);
    await desk.push(row, other.row);
    const code = async (what: ReturnType<typeof back>): Promise<string | undefined> =>
      (await desk.push(what))[0]?.ops[0]?.rejection?.code;
    expect(await code(back({ undoes: newId() }))).toBe('undoUnknown');
    expect(await code(back({ undoes: other.row.ops[0]!.opId }))).toBe('undoUnknown');
    const more = desk.edit('stay', stayId, after, { ...fields, note: 'un vēl' }, { kind: 'undo' });
    more.ops[0]!.undoes = row.ops[0]!.opId;
    expect(await code(more)).toBe('undoDiffers');
    expect(await code(back({ at: '2026-11-21T07:59:00.000Z' }))).toBe('undoTooLate');
    house.clock.nowMs += 3_600_001;
    expect(await code(back())).toBe('undoTooLate');
    expect((await house.stayOf(stayId)).state).toBe('cancelled');
  });

  it('takes back a group as a group', async () => {
    const desk = house.desk('reception');
    const group = { id: newId(), size: 2 };
    const one = await cancelled(desk, group);
    const reservation = desk.edit(
      'reservation',
      one.fields['reservationId'] as string,
      { state: 'confirmed' },
      { state: 'cancelled' },
      { group },
    );
    await desk.push(one.row, reservation);
    const part = (await desk.push(one.back()))[0]?.ops[0];
    expect(part?.rejection?.code).toBe('undoDiffers');
    const whole = { id: newId(), size: 2 };
    const back = desk.edit(
      'reservation',
      reservation.id,
      { state: 'cancelled' },
      { state: 'confirmed' },
      { group: whole, undoes: reservation.ops[0]!.opId },
    );
    const answers = await desk.push(one.back({ group: whole }), back);
    expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted']);
  });

  it('of a document that was made ends it by ordinary steps only', async () => {
    const desk = house.desk('reception');
    const row = desk.create('stay', await house.stayFields(house.beds['201A']!, '2026-11-21', '2026-12-05'));
    const [made] = await desk.push(row);
    const undoes = row.ops[0]!.opId;
    const ending = (state: string): ReturnType<typeof desk.edit> =>
      desk.edit(
        'stay',
        row.id,
        made!.master.fields,
        { ...(made!.master.fields as Fields), state },
        {
          kind: 'undo',
          undoes,
        },
      );
    expect((await desk.push(ending('departed')))[0]?.ops[0]?.rejection?.code).toBe('wrongState');
    expect((await desk.push(ending('cancelled')))[0]?.outcome).toBe('accepted');
  });
});
