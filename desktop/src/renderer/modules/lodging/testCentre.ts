import { newId } from '@sivis/shared/ids/ids.ts';
import { wholeStay } from '@sivis/shared/lodging/segments.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import { createDesk } from '../../data/desk/desk.ts';
import { testStore, type TestDoc } from '../../data/desk/testStore.ts';

export const TODAY: PlainDate = '2026-11-21';

/** For tests of the lodging: a house of one building with two rooms, and people who stay there. */
export function testCentre() {
  const id = {
    site: newId(),
    building: newId(),
    floor: newId(),
    room1: newId(),
    room2: newId(),
    a1: newId(),
    b1: newId(),
    a2: newId(),
    user: newId(),
  };
  const doc = (kind: TestDoc['kind'], docId: string, fields: object): TestDoc => ({
    id: docId,
    kind,
    siteId: id.site,
    fields,
  });
  const room = (roomId: string, number: string, more: object): TestDoc =>
    doc('room', roomId, {
      buildingId: id.building,
      floorId: id.floor,
      number,
      roomType: 'Divvietīga',
      sexPolicy: 'any',
      adapted: false,
      order: Number(number),
      ...more,
    });
  const bed = (bedId: string, roomId: string, label: string, order: number): TestDoc =>
    doc('bed', bedId, { roomId, label, bedKind: 'fixed', order });
  const store = testStore([
    doc('site', id.site, { name: 'Dubulti', code: 'DUB', order: 0 }),
    doc('building', id.building, { name: 'Dubulti 2', code: 'D2', order: 0 }),
    doc('floor', id.floor, { buildingId: id.building, number: 2, order: 2 }),
    room(id.room1, '214', { sexPolicy: 'follow' }),
    room(id.room2, '215', { adapted: true }),
    bed(id.a1, id.room1, 'A', 0),
    bed(id.b1, id.room1, 'B', 1),
    bed(id.a2, id.room2, 'A', 0),
  ]);
  const desk = createDesk(store, (run) => {
    run();
  });

  /** A stay of somebody; returns its id. */
  function stay(
    bedId: string | null,
    from: PlainDate,
    to: PlainDate,
    more: Partial<Stay> & { sex?: 'F' | 'M'; name?: string } = {},
  ): string {
    const { sex = 'F', name = 'Bērziņa', ...fields } = more;
    const personId = newId();
    const stayId = newId();
    const reservationId = newId();
    store.put([
      doc('person', personId, { familyName: name, givenName: 'Anna', sex, birthDate: '1985-07-14' }),
      doc('reservation', reservationId, { reservationKind: 'state', state: 'confirmed' }),
      doc('stay', stayId, {
        reservationId,
        personId,
        arriveDate: from,
        departDate: to,
        segments: wholeStay(from, to, bedId),
        state: 'expected',
        boardPlan: 'full',
        ...fields,
      }),
    ]);
    return stayId;
  }

  /** Changes fields of a stay, as a command would. */
  function edit(stayId: string, patch: Partial<Stay>): void {
    const before = desk.get('stay', stayId);
    store.put([doc('stay', stayId, { ...before?.fields, ...patch })]);
  }

  return { id, desk, store, doc, stay, edit, siteIds: [id.site] };
}
