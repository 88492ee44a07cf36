import ArrowDownToLine from '@lucide/svelte/icons/arrow-down-to-line';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleSlash from '@lucide/svelte/icons/circle-slash-2';
import Lock from '@lucide/svelte/icons/lock';
import Move from '@lucide/svelte/icons/move';
import MoveHorizontal from '@lucide/svelte/icons/move-horizontal';
import Plus from '@lucide/svelte/icons/plus';
import Scissors from '@lucide/svelte/icons/scissors';
import { fromEpochDay, toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../../data/desk/desk.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { MenuAction, MenuGroup } from '../../../ui/menu.ts';
import type { TapeBar, TapeMenu } from '../../../ui/tape/model.ts';
import type { StayDialog } from '../dialogs/dialog.ts';
import { stayMenu } from '../stayMenu.ts';
import type { BoardActs } from './boardActs.ts';
import { refOfBar } from './boardBars.ts';
import { splitReason } from './boardCommands.ts';
import { NO_BED_LANE } from './boardRows.ts';

export interface BoardMenuPorts {
  readonly desk: Desk;
  readonly today: PlainDate;
  readonly may: { readonly write: boolean; readonly create: boolean; readonly block: boolean };
  readonly acts: BoardActs;
  readonly barOf: (barId: string) => TapeBar | undefined;
  readonly open: (dialog: StayDialog) => void;
  readonly openCard: (stay: DeskDoc<'stay'>) => void;
  readonly startMove: (barId: string) => void;
  readonly startResize: (barId: string) => void;
}

/** What dragging does, for those who do not drag (WCAG 2.5.7), and what the plan adds to a stay. */
function stayActions(ports: BoardMenuPorts, stay: DeskDoc<'stay'>, barId: string, at: number): MenuAction[] {
  const { acts } = ports;
  const bar = ports.barOf(barId);
  const locked = stay.fields.segments.some((segment) => segment.locked === true);
  const fixed = bar?.movable === true ? undefined : m.lodging_not_movable();
  return [
    {
      id: 'drag',
      label: m.lodging_move_by_keys(),
      icon: Move,
      keys: 'M',
      disabledReason: fixed,
      run: () => {
        ports.startMove(barId);
      },
    },
    {
      id: 'end',
      label: m.lodging_resize_end(),
      icon: MoveHorizontal,
      keys: ']',
      disabledReason: bar?.resizableEnd === true ? undefined : m.lodging_not_movable(),
      run: () => {
        ports.startResize(barId);
      },
    },
    {
      id: 'park',
      label: m.lodging_park(),
      icon: ArrowDownToLine,
      disabledReason: fixed,
      run: () => {
        if (bar !== undefined)
          void acts.carryOut({ kind: 'move', barId, rowId: NO_BED_LANE, from: bar.from, to: bar.to });
      },
    },
    {
      id: 'split',
      label: m.lodging_split(),
      icon: Scissors,
      keys: 'S',
      disabledReason: splitReason(stay, at),
      run: () => {
        acts.split(stay, at);
      },
    },
    {
      id: 'lock',
      label: locked ? m.lodging_unlock() : m.lodging_lock(),
      icon: Lock,
      keys: 'L',
      run: () => {
        acts.toggleLock(stay);
      },
    },
  ];
}

function emptyCellMenu({ today, may, open }: BoardMenuPorts, at: TapeMenu): MenuGroup[] {
  if (at.rowId === NO_BED_LANE) return [];
  const place = { bedId: at.rowId, from: fromEpochDay(at.day) };
  const disabledReason = at.day < toEpochDay(today) ? m.lodging_past() : undefined;
  const items: MenuAction[] = [];
  if (may.create) {
    items.push({
      id: 'book',
      label: m.lodging_new_booking(),
      icon: Plus,
      keys: 'Enter',
      disabledReason,
      run: () => {
        open({ kind: 'book', ...place });
      },
    });
  }
  if (may.block) {
    items.push({
      id: 'block',
      label: m.lodging_block(),
      icon: CircleSlash,
      keys: 'B',
      disabledReason,
      run: () => {
        open({ kind: 'block', ...place });
      },
    });
  }
  return items.length === 0 ? [] : [{ items }];
}

/** Everything that can be done where the menu of the room plan was asked for. */
export function boardMenu(ports: BoardMenuPorts, at: TapeMenu): MenuGroup[] {
  const { desk, today, may, acts } = ports;
  if (at.barId === null) return emptyCellMenu(ports, at);
  const ref = refOfBar(at.barId);
  if (ref.kind === 'block') {
    const release: MenuAction = {
      id: 'release',
      label: m.lodging_unblock(),
      icon: CircleCheck,
      disabledReason: may.block ? undefined : m.lodging_no_right(),
      run: () => {
        acts.release(ref.blockId);
      },
    };
    return [{ items: [release] }];
  }
  const stay = desk.get('stay', ref.stayId);
  if (stay === undefined) return [];
  const more = may.write && !ref.ghost ? stayActions(ports, stay, at.barId, at.day) : [];
  const openCard = (): void => {
    ports.openCard(stay);
  };
  return stayMenu(stay, today, may.write, { open: ports.open, openCard }, more);
}
