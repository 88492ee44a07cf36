import CircleSlash from '@lucide/svelte/icons/circle-slash-2';
import Lock from '@lucide/svelte/icons/lock';
import Plus from '@lucide/svelte/icons/plus';
import Scissors from '@lucide/svelte/icons/scissors';
import { isInHouse } from '@sivis/shared/lodging/stay.ts';
import { fromEpochDay, toEpochDay } from '@sivis/shared/time/plainDate.ts';
import type { DeskDoc } from '../../../data/desk/desk.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { StayDialog } from '../dialogs/dialog.ts';
import type { Command } from '../shell.ts';
import type { BoardActs } from './boardActs.ts';
import { NO_BED_LANE } from './boardRows.ts';

/** Where the cursor of the plan is, and on what. */
export interface BoardPlace {
  readonly rowId: string;
  /** Epoch day. */
  readonly day: number;
  readonly stay: DeskDoc<'stay'> | undefined;
  readonly segmentId: string | undefined;
}

export interface BoardKeys {
  readonly may: { readonly write: boolean; readonly create: boolean; readonly block: boolean };
  readonly acts: BoardActs;
  /** Selects what the cursor is on and tells it. */
  readonly here: () => BoardPlace | null;
  readonly pressInChart: (key: string) => void;
  readonly open: (dialog: StayDialog) => void;
}

/** Why a stay cannot be split before the night of the cursor. */
export function splitReason(stay: DeskDoc<'stay'>, at: number): string | undefined {
  const inside = stay.fields.segments.some(
    (segment) => toEpochDay(segment.from) < at && at < toEpochDay(segment.to),
  );
  return inside ? undefined : m.lodging_split_where();
}

/** Everything that keys do on the room plan; listed under F1 and in the palette. */
export function boardCommands({ may, acts, here, pressInChart, open }: BoardKeys): Command[] {
  const chart = (id: string, title: () => string, key: string, group: 'work' | 'find' = 'work'): Command => ({
    id: `lodging.chart.${id}`,
    title,
    group,
    keys: [key],
    run: () => {
      pressInChart(key.toLowerCase());
    },
  });
  const onStay = (
    id: string,
    title: () => string,
    key: string,
    run: (stay: DeskDoc<'stay'>, place: BoardPlace) => void,
    icon?: Command['icon'],
  ): Command => ({
    id: `lodging.${id}`,
    title,
    group: 'work',
    icon,
    keys: [key],
    run: () => {
      const place = here();
      if (place?.stay !== undefined) run(place.stay, place);
    },
  });
  const writing: Command[] = [
    chart('move', () => m.lodging_move_by_keys(), 'M'),
    chart('shorter', () => m.lodging_key_shorter(), '['),
    chart('longer', () => m.lodging_key_longer(), ']'),
    chart('earlier', () => m.lodging_key_earlier(), '{'),
    chart('later', () => m.lodging_key_later(), '}'),
    onStay(
      'split',
      () => m.lodging_split(),
      'S',
      (stay, { day }) => {
        if (splitReason(stay, day) === undefined) acts.split(stay, day);
      },
      Scissors,
    ),
    onStay(
      'lock',
      () => m.lodging_lock(),
      'L',
      (stay) => {
        acts.toggleLock(stay);
      },
      Lock,
    ),
    onStay(
      'checkIn',
      () => m.lodging_checkin(),
      'R',
      (stay) => {
        if (stay.fields.state === 'expected') open({ kind: 'checkIn', stayId: stay.id });
      },
    ),
    onStay(
      'checkOut',
      () => m.lodging_checkout(),
      'I',
      (stay) => {
        if (isInHouse(stay.fields)) open({ kind: 'checkOut', stayId: stay.id });
      },
    ),
    onStay(
      'diet',
      () => m.lodging_diet_change(),
      'D',
      (stay) => {
        open({ kind: 'diet', stayId: stay.id });
      },
    ),
    onStay(
      'moveTyped',
      () => m.lodging_move(),
      'Shift+M',
      (stay, { segmentId }) => {
        open({ kind: 'move', stayId: stay.id, segmentId });
      },
    ),
  ];
  const blocking: Command = {
    id: 'lodging.block',
    title: () => m.lodging_block(),
    group: 'work',
    icon: CircleSlash,
    keys: ['B'],
    run: () => {
      const place = here();
      if (place === null || place.rowId === NO_BED_LANE) return;
      open({ kind: 'block', bedId: place.rowId, from: fromEpochDay(place.day) });
    },
  };
  const booking: Command = {
    id: 'lodging.book',
    title: () => m.lodging_new_booking(),
    group: 'work',
    icon: Plus,
    keys: ['N'],
    creates: true,
    run: () => {
      open({ kind: 'book' });
    },
  };
  return [
    ...(may.write ? writing : []),
    chart('today', () => m.lodging_key_today(), 'T', 'find'),
    ...(may.block ? [blocking] : []),
    ...(may.create ? [booking] : []),
  ];
}
