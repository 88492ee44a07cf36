import BedDouble from '@lucide/svelte/icons/bed-double';
import CalendarRange from '@lucide/svelte/icons/calendar-range';
import LogIn from '@lucide/svelte/icons/log-in';
import LogOut from '@lucide/svelte/icons/log-out';
import Repeat from '@lucide/svelte/icons/repeat';
import User from '@lucide/svelte/icons/user';
import UserX from '@lucide/svelte/icons/user-x';
import Utensils from '@lucide/svelte/icons/utensils';
import { segmentOfDay } from '@sivis/shared/lodging/nights.ts';
import { isInHouse } from '@sivis/shared/lodging/stay.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import { m } from '../../i18n/generated/messages.js';
import type { DeskDoc } from '../../data/desk/desk.ts';
import type { MenuAction, MenuGroup } from '../../ui/menu.ts';
import type { StayDialog } from './dialogs/dialog.ts';

export interface StayMenuActs {
  readonly open: (dialog: StayDialog) => void;
  readonly openCard: () => void;
}

/** Everything that can be done with a stay, in the lists and on the board; what cannot be done says why. */
export function stayMenu(
  stay: DeskDoc<'stay'>,
  today: PlainDate,
  mayWrite: boolean,
  acts: StayMenuActs,
  more: readonly MenuAction[] = [],
): MenuGroup[] {
  const { fields, id: stayId } = stay;
  const expected = fields.state === 'expected';
  const here = isInHouse(fields);
  const ended = !expected && !here;
  const bedless = (segmentOfDay(fields, today)?.bedId ?? null) === null;
  const card: MenuGroup = {
    items: [{ id: 'card', label: m.lodging_open_card(), icon: User, keys: 'Enter', run: acts.openCard }],
  };
  if (!mayWrite) return [card];
  const item = (
    dialog: StayDialog,
    label: string,
    icon: MenuAction['icon'],
    keys: string | undefined,
    disabledReason: string | undefined,
    danger = false,
  ): MenuAction => ({
    id: `${dialog.kind}${'state' in dialog ? dialog.state : ''}`,
    label,
    icon,
    keys,
    danger,
    disabledReason,
    run: () => {
      acts.open(dialog);
    },
  });
  const over = ended ? m.lodging_menu_ended() : undefined;
  const notExpected = expected ? undefined : m.lodging_menu_not_expected();
  const ends = [
    item(
      { kind: 'end', stayId, state: 'cancelled' },
      m.lodging_cancel(),
      UserX,
      undefined,
      notExpected,
      true,
    ),
    item(
      { kind: 'end', stayId, state: 'no_show' },
      m.lodging_no_show(),
      UserX,
      undefined,
      notExpected ?? (fields.arriveDate > today ? m.lodging_menu_too_early() : undefined),
      true,
    ),
  ];
  return [
    {
      // Who is here has arrived, and who is expected cannot leave yet: the other half would only fill the menu.
      items: here
        ? [item({ kind: 'checkOut', stayId }, m.lodging_checkout(), LogOut, 'I', undefined)]
        : [item({ kind: 'checkIn', stayId }, m.lodging_checkin(), LogIn, 'R', notExpected)],
    },
    {
      items: [
        item({ kind: 'move', stayId }, m.lodging_move(), BedDouble, undefined, over),
        item(
          { kind: 'swap', stayId },
          m.lodging_swap(),
          Repeat,
          undefined,
          over ?? (bedless ? m.lodging_state_no_bed() : undefined),
        ),
        item({ kind: 'dates', stayId }, m.lodging_dates(), CalendarRange, undefined, over),
        item({ kind: 'diet', stayId }, m.lodging_diet_change(), Utensils, 'D', over),
        ...more,
      ],
    },
    card,
    ...(here ? [] : [{ items: ends }]),
  ];
}
