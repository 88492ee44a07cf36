import { lockStay, patchDraft, splitStay, type Draft } from '@sivis/shared/lodging/commands.ts';
import { formatDate, fromEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { DeskDoc } from '../../../data/desk/desk.ts';
import type { Work } from '../../../data/work.ts';
import { formatSpan } from '../../../i18n/format.ts';
import { m } from '../../../i18n/generated/messages.js';
import type { TapeMove, TapeResize } from '../../../ui/tape/model.ts';
import { perform, type Refusals } from '../act.ts';
import type { StayDialog } from '../dialogs/dialog.ts';
import { draftOfIntent, targetOf } from './boardIntents.ts';
import { NO_BED_LANE } from './boardRows.ts';

export interface ActPorts {
  readonly work: Work;
  readonly today: () => PlainDate;
  readonly rowName: (rowId: string) => string;
  readonly open: (dialog: StayDialog) => void;
  /** What the rules had against the last act; empty when it was done. */
  readonly refused: (words: Refusals) => void;
}

/** What is done on the room plan itself, without a dialog. */
export function createBoardActs({ work, today, rowName, open, refused }: ActPorts) {
  async function act(drafts: readonly Draft[], label: string): Promise<void> {
    refused(await perform(work, drafts, label));
  }

  return {
    /** Carries a drop out. The rules that may be set aside are asked about in a dialog: the drop is never lost. */
    async carryOut(intent: TapeMove | TapeResize): Promise<void> {
      const made = draftOfIntent(work.desk, intent, today());
      if (!made.ok) return;
      const span = formatSpan(fromEpochDay(intent.from), fromEpochDay(intent.to));
      const label =
        intent.kind === 'resize'
          ? m.lodging_did_dates({ span })
          : intent.rowId === NO_BED_LANE
            ? m.lodging_did_park()
            : m.lodging_did_move({ bed: rowName(intent.rowId) });
      const drafts = [made.draft];
      if (work.commands.check(drafts).length > 0) open({ kind: 'confirm', title: label, label, drafts });
      else await act(drafts, label);
    },

    split(stay: DeskDoc<'stay'>, at: number): void {
      const date = fromEpochDay(at);
      void act([splitStay(targetOf(stay), date)], m.lodging_did_split({ date: formatDate(date) }));
    },

    toggleLock(stay: DeskDoc<'stay'>): void {
      const locked = stay.fields.segments.some((segment) => segment.locked === true);
      void act([lockStay(targetOf(stay), !locked)], locked ? m.lodging_did_unlock() : m.lodging_did_lock());
    },

    release(blockId: string): void {
      const block = work.desk.get('block', blockId);
      if (block === undefined) return;
      const span = formatSpan(block.fields.from, block.fields.to);
      void act(
        [patchDraft('block', targetOf(block), 'edit', { state: 'released' })],
        m.lodging_did_release({ span }),
      );
    },
  };
}

export type BoardActs = ReturnType<typeof createBoardActs>;
