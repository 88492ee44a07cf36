import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import {
  book,
  changeDates,
  checkIn,
  checkOut,
  createDraft,
  endUnused,
  moveStay,
  patchDraft,
  reverseDraft,
  swapBeds,
  tickItem,
  type Draft,
} from '@sivis/shared/lodging/commands.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk } from './desk.ts';
import type { Random } from './random.ts';

/** What somebody who works looks at. */
export type Workplace = Pick<Desk, 'user' | 'all' | 'made'>;

/** A draft, and the operation that it takes back. */
export type Deed = Draft & { readonly undoes?: string };

/** What a receptionist does in a moment, from what her desk knows: the drafts of one command, or none. */
export function nextDeed(desk: Workplace, today: PlainDate, at: string, random: Random): readonly Deed[] {
  const siteId = desk.user.siteIds[0];
  if (siteId === undefined) return [];
  // A role that sees no beds can move nobody.
  const stays = desk
    .all('stay')
    .filter(({ fields }) => Array.isArray(fields['segments']) && typeof fields['arriveDate'] === 'string');
  const people = desk.all('person');
  const beds = desk.all('bed');
  const bookingFor = (personId: string): readonly Deed[] => {
    const from = addDays(today, random.below(6) - (random.chance(0.1) ? 1 : 0));
    return book({
      siteId,
      personId,
      reservation: { reservationKind: 'state', state: 'confirmed' },
      from,
      to: addDays(from, 1 + random.below(8)),
      bedId: random.chance(0.9) ? random.pick(beds).id : null,
      privateUse: random.chance(0.15),
      boardPlan: 'full',
    });
  };
  const booking = (): readonly Deed[] => bookingFor(random.pick(people).id);
  const deeds: (() => readonly Deed[])[] = [
    () => [createDraft('person', siteId, newPerson(random), random.id())],
    () => {
      const person = random.pick(people);
      return [
        createDraft(
          'contact',
          siteId,
          { personId: person.id, contactKind: 'phone', value: `2000${random.below(9999)}` },
          random.id(),
        ),
      ];
    },
    booking,
    booking,
    booking,
    () => {
      // Somebody who calls for the first time: a command over two collections.
      const guest = createDraft('person', siteId, newPerson(random), random.id());
      return [guest, ...bookingFor(guest.id)];
    },
    () => {
      // The whole room for one guest, or for two again.
      const stay = random.pick(stays);
      const alone = random.chance(0.6);
      const segments = (stay.fields as unknown as Stay).segments.map(({ privateUse: _, ...part }) =>
        alone && part.bedId !== null ? { ...part, privateUse: true } : part,
      );
      return [patchDraft('stay', stay, 'stay.private', { segments })];
    },
    () => {
      if (desk.user.role !== 'dutyManager') return [];
      const room = random.pick(desk.all('room'));
      const fields = { roomId: room.id, label: 'X', bedKind: 'extra', order: 9 };
      return [createDraft('bed', siteId, fields, random.id())];
    },
    () => takeBack(desk, random),
    () => {
      const person = random.pick(people);
      return [
        patchDraft('person', person, 'edit', {
          [random.pick(['givenName', 'familyName'])]: `Vārds${random.below(5)}`,
        }),
      ];
    },
    () => {
      const stay = random.pick(stays);
      return [
        patchDraft('stay', stay, 'edit', { [random.pick(['note', 'dietCode'])]: `v${random.below(4)}` }),
      ];
    },
    () => {
      const stay = random.pick(stays);
      const { arriveDate } = stay.fields as unknown as Stay;
      return [
        moveStay(stay, {
          bedId: random.pick(beds).id,
          arriveDate: addDays(arriveDate, random.below(3) - 1),
          today,
        }),
      ];
    },
    () => {
      const stay = random.pick(stays);
      const { arriveDate, departDate } = stay.fields as unknown as Stay;
      const depart = addDays(departDate, random.below(5) - 2);
      return depart > arriveDate ? [changeDates(stay, arriveDate, depart)] : [];
    },
    () => {
      const stay = random.pick(stays);
      return [tickItem(stay, 'identity', { doneAt: at, by: desk.user.id })];
    },
    () => {
      const reservation = random.pick(desk.all('reservation'));
      return [patchDraft('reservation', reservation, 'edit', { note: `v${random.below(4)}` })];
    },
    () => [checkIn(random.pick(stays), at)],
    () => [checkOut(random.pick(stays), at, today)],
    () => [endUnused(random.pick(stays), random.chance(0.5) ? 'cancelled' : 'no_show', 'nav ieradies')],
    () => {
      const a = random.pick(stays);
      const b = random.pick(stays);
      return a.id === b.id ? [] : swapBeds(a, b, today);
    },
    () => {
      const from = addDays(today, random.below(4));
      return [
        createDraft(
          'block',
          siteId,
          {
            scope: 'bed',
            targetId: random.pick(beds).id,
            blockKind: 'outOfOrder',
            from,
            to: addDays(from, 1 + random.below(3)),
            reason: 'Remonts',
            state: 'active',
          },
          random.id(),
        ),
      ];
    },
    () => {
      const task = random.pick(desk.all('task'));
      return [
        patchDraft('task', task, 'edit', {
          state: random.pick(['open', 'done']),
          resolution: `r${random.below(3)}`,
        }),
      ];
    },
    () => {
      const stay = random.pick(stays);
      return [patchDraft('stay', stay, 'edit', { specialistIds: random.chance(0.5) ? [desk.user.id] : [] })];
    },
  ];
  for (let tries = 0; tries < 6; tries += 1) {
    try {
      const drafts = random.pick(deeds)();
      if (drafts.length > 0 && drafts.every((draft) => Object.keys(draft.changes).length > 0)) return drafts;
    } catch (error) {
      // Nothing to pick from: this desk knows no such document yet.
      if (!(error instanceof Error && error.message === 'nothing to pick from')) throw error;
    }
  }
  return [];
}

/** Takes back one of the last acts of the desk, by its own rules: of a group all of it. */
function takeBack(desk: Workplace, random: Random): readonly Deed[] {
  const made = [...desk.made.values()].slice(-4);
  const { op } = random.pick(made);
  const whole = made.filter(
    (other) => other === made.find((one) => one.op === op) || sameGroup(other.op, op),
  );
  return whole
    .reverse()
    .filter((one) => one.op.kind !== 'create')
    .map((one) => ({
      ...reverseDraft({ kind: one.kind, id: one.docId, siteId: one.siteId }, one.op.changes, 'undo'),
      undoes: one.op.opId,
    }));
}

const sameGroup = (a: Op, b: Op): boolean => a.group !== undefined && a.group.id === b.group?.id;

function newPerson(random: Random): Fields {
  const code = random.chance(0.3)
    ? { personalCode: `329999-9990${random.below(3)}`, birthDate: '1980-05-05' }
    : {};
  return {
    familyName: `Jaunais${random.below(9)}`,
    givenName: 'Testa',
    sex: random.pick(['F', 'M']),
    ...code,
  };
}
