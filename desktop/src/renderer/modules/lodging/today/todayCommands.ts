import CalendarPlus from '@lucide/svelte/icons/calendar-plus';
import Printer from '@lucide/svelte/icons/printer';
import UserPlus from '@lucide/svelte/icons/user-plus';
import { isInHouse } from '@sivis/shared/lodging/stay.ts';
import type { DeskDoc } from '../../../data/desk/desk.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { StayDialog } from '../dialogs/dialog.ts';
import type { Command } from '../shell.ts';

export interface TodayActs {
  readonly mayWrite: boolean;
  readonly mayCreate: boolean;
  /** The guest who is chosen now. */
  readonly chosen: () => DeskDoc<'stay'> | undefined;
  readonly open: (dialog: StayDialog) => void;
  readonly openCard: () => void;
  readonly print: () => void;
}

/** Everything that keys do on the screen of the day; listed under F1 and in the palette. */
export function todayCommands({ mayWrite, mayCreate, chosen, open, openCard, print }: TodayActs): Command[] {
  const onStay = (
    kind: 'checkIn' | 'checkOut' | 'move' | 'diet',
    title: () => string,
    key: string,
    fits: (stay: DeskDoc<'stay'>) => boolean,
    icon?: Command['icon'],
  ): Command => ({
    id: `lodging.${kind}`,
    title,
    group: 'work',
    icon,
    keys: [key],
    when: () => {
      const stay = chosen();
      return mayWrite && stay !== undefined && fits(stay);
    },
    run: () => {
      const stay = chosen();
      if (stay !== undefined) open({ kind, stayId: stay.id });
    },
  });
  return [
    onStay(
      'checkIn',
      () => m.lodging_checkin(),
      'R',
      ({ fields }) => fields.state === 'expected',
      UserPlus,
    ),
    onStay(
      'checkOut',
      () => m.lodging_checkout(),
      'I',
      ({ fields }) => isInHouse(fields),
    ),
    onStay(
      'move',
      () => m.lodging_move(),
      'M',
      () => true,
    ),
    onStay(
      'diet',
      () => m.lodging_diet_change(),
      'D',
      () => true,
    ),
    {
      id: 'lodging.openCard',
      title: () => m.lodging_open_card(),
      group: 'work',
      when: () => chosen() !== undefined,
      run: openCard,
    },
    {
      id: 'lodging.book',
      title: () => m.lodging_new_booking(),
      group: 'work',
      icon: CalendarPlus,
      keys: ['N'],
      creates: true,
      when: () => mayCreate,
      run: () => {
        open({ kind: 'book' });
      },
    },
    {
      id: 'lodging.print',
      title: () => m.lodging_day_lists(),
      group: 'work',
      icon: Printer,
      keys: ['Ctrl+P'],
      run: print,
    },
  ];
}
