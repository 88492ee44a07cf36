import type { Fields } from '@sivis/shared/docs/json.ts';
import {
  changeDates,
  moveStay,
  patchDraft,
  type Draft,
  type StayTarget,
} from '@sivis/shared/lodging/commands.ts';
import { coversExactly, putInBed } from '@sivis/shared/lodging/segments.ts';
import { isInHouse, type Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, fromEpochDay, toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { TapeMove, TapeResize } from '../../../ui/tape/model.ts';
import type { Desk, DeskDoc } from '../../../data/desk/desk.ts';
import { refOfBar } from './boardBars.ts';
import { NO_BED_LANE } from './boardRows.ts';

/** A document as the command builders want it. */
export function targetOf(doc: DeskDoc): StayTarget {
  return { id: doc.id, siteId: doc.siteId, fields: doc.fields as unknown as Fields };
}

/** The stay in another bed (`null`: without one), its dates unchanged. */
export function moveToBed(
  stay: DeskDoc<'stay'>,
  bedId: string | null,
  today: PlainDate,
  segmentId?: string,
): Draft {
  return moveStay(targetOf(stay), {
    bedId,
    arriveDate: stay.fields.arriveDate,
    today,
    ...(segmentId === undefined ? {} : { segmentId }),
  });
}

/** What an intent of the board means for the stay. */
export type IntentDraft =
  | { readonly ok: true; readonly draft: Draft; readonly hint?: 'fromToday' | 'wholeStayShifts' | undefined }
  /** The board cannot do that: the dates of a guest in house change at the end of the bar only. */
  | { readonly ok: false; readonly why: 'inHouseDates' | 'gone' };

/** The end of one part of a stay is pulled: its neighbour gives or takes the nights, the dates of the stay stay. */
function moveBoundary(
  stay: DeskDoc<'stay'>,
  segmentId: string,
  from: PlainDate,
  to: PlainDate,
): Draft | null {
  const { segments, arriveDate, departDate } = stay.fields;
  const index = segments.findIndex((segment) => segment.id === segmentId);
  const segment = segments[index];
  if (segment === undefined) return null;
  const before = segments[index - 1];
  const after = segments[index + 1];
  let chain: Stay['segments'] = segments;
  if (to > segment.to) chain = putInBed(chain, segment.to, to, segment.bedId);
  else if (to < segment.to) chain = putInBed(chain, to, segment.to, after?.bedId ?? null);
  if (from < segment.from) chain = putInBed(chain, from, segment.from, segment.bedId);
  else if (from > segment.from) chain = putInBed(chain, segment.from, from, before?.bedId ?? null);
  return coversExactly(chain, arriveDate, departDate)
    ? patchDraft('stay', targetOf(stay), 'stay.move', { segments: chain })
    : null;
}

/** The draft of a drop or a pulled end. `extra` carries a reason and the rules that are set aside. */
export function draftOfIntent(
  desk: Desk,
  intent: TapeMove | TapeResize,
  today: PlainDate,
  extra: { readonly reason?: string; readonly override?: readonly string[] } = {},
): IntentDraft {
  const ref = refOfBar(intent.barId);
  const from = fromEpochDay(intent.from);
  const to = fromEpochDay(intent.to);
  if (ref.kind === 'block') {
    const block = desk.get('block', ref.blockId);
    if (block === undefined || intent.kind === 'move') return { ok: false, why: 'gone' };
    return { ok: true, draft: patchDraft('block', targetOf(block), 'edit', { from, to }, extra) };
  }
  const stay = desk.get('stay', ref.stayId);
  const segment = stay?.fields.segments.find((part) => part.id === ref.segmentId);
  if (stay === undefined || segment === undefined) return { ok: false, why: 'gone' };
  const { fields } = stay;

  if (intent.kind === 'resize') {
    const first = segment.from === fields.arriveDate;
    const last = segment.to === fields.departDate;
    const inner = (to !== segment.to && !last) || (from !== segment.from && !first);
    const draft = inner
      ? moveBoundary(stay, ref.segmentId, from, to)
      : changeDates(targetOf(stay), first ? from : fields.arriveDate, last ? to : fields.departDate, extra);
    return draft === null ? { ok: false, why: 'gone' } : { ok: true, draft };
  }

  const days = intent.from - toEpochDay(segment.from);
  const bedId = intent.rowId === NO_BED_LANE ? null : intent.rowId;
  const started = isInHouse(fields);
  if (started && bedId === segment.bedId) return { ok: false, why: 'inHouseDates' };
  const draft = moveStay(
    targetOf(stay),
    { bedId, arriveDate: addDays(fields.arriveDate, started ? 0 : days), today, segmentId: segment.id },
    extra,
  );
  if (started)
    return { ok: true, draft, ...(segment.from < today || days !== 0 ? { hint: 'fromToday' } : {}) };
  if (days === 0 && segment.from < today) return { ok: true, draft, hint: 'fromToday' };
  return {
    ok: true,
    draft,
    ...(days !== 0 && fields.segments.length > 1 ? { hint: 'wholeStayShifts' } : {}),
  };
}
