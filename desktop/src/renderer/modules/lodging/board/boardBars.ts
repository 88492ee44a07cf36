import { holdsBeds, isInHouse, type Stay, type StaySegment } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { TapeBar, TapeDays, TapeMark, TapeTone } from '../../../ui/tape/model.ts';
import type { Desk, DeskDoc } from '../../../data/desk/desk.ts';
import { NO_BED_LANE } from './boardRows.ts';

/** The words and signs of a bar; the model knows when, the screen knows how it is said. */
export interface BarTexts {
  readonly stay: (stay: DeskDoc<'stay'>, segment: StaySegment, tone: TapeTone) => BarWords;
  readonly block: (block: DeskDoc<'block'>) => BarWords;
}

export interface BarWords {
  readonly label: string;
  readonly title: string;
  readonly icons?: readonly TapeMark[];
  readonly edgeFrom?: string;
  readonly edgeTo?: string;
}

/** Bars carry the stay and the segment in their id: `stay|segment`, `stay|segment|bed` for the beds kept empty. */
export type BarRef =
  | { readonly kind: 'stay'; readonly stayId: string; readonly segmentId: string; readonly ghost: boolean }
  | { readonly kind: 'block'; readonly blockId: string };

export function refOfBar(barId: string): BarRef {
  const [first = '', second = '', third] = barId.split('|');
  return first === 'block'
    ? { kind: 'block', blockId: second }
    : { kind: 'stay', stayId: first, segmentId: second, ghost: third !== undefined };
}

/** What the segment of a stay asks for today: colour is a question of who has to act (lodging-catering 4). */
export function toneOf(
  stay: Stay,
  segment: StaySegment,
  today: PlainDate,
): { readonly tone: TapeTone; readonly act?: 'start' | 'end' } {
  const first = segment.from === stay.arriveDate;
  const last = segment.to === stay.departDate;
  if (stay.state === 'departed') return { tone: 'past' };
  if (isInHouse(stay)) {
    if (last && stay.departDate < today) return { tone: 'overdue', act: 'end' };
    if (last && stay.departDate === today) return { tone: 'today', act: 'end' };
    return { tone: segment.to <= today ? 'past' : 'inHouse' };
  }
  if (stay.unconfirmed === true) return { tone: 'unconfirmed' };
  if (first && stay.arriveDate < today) return { tone: 'overdue', act: 'start' };
  if (first && stay.arriveDate === today) return { tone: 'today', act: 'start' };
  return { tone: 'future' };
}

function stayBars(desk: Desk, stay: DeskDoc<'stay'>, today: PlainDate, texts: BarTexts): TapeBar[] {
  const { fields } = stay;
  if (!holdsBeds(fields)) return [];
  const started = isInHouse(fields);
  const ended = fields.state === 'departed';
  const bars: TapeBar[] = [];
  for (const segment of fields.segments) {
    if (segment.bedId === null && ended) continue;
    const { tone, act } = toneOf(fields, segment, today);
    const words = texts.stay(stay, segment, tone);
    const locked = segment.locked === true;
    const passed = started && segment.to <= today;
    const bar: TapeBar = {
      id: `${stay.id}|${segment.id}`,
      rowId: segment.bedId ?? NO_BED_LANE,
      from: toEpochDay(segment.from),
      to: toEpochDay(segment.to),
      tone,
      ...words,
      ...(act === undefined ? {} : { act }),
      ...(stay.pending ? { pending: true } : {}),
      movable: !ended && !locked && !passed,
      resizableStart: !ended && !locked && !started && segment.bedId !== null,
      resizableEnd: !ended && !locked && !passed && segment.bedId !== null,
    };
    bars.push(bar);
    if (segment.privateUse !== true || segment.bedId === null) continue;
    const roomId = desk.get('bed', segment.bedId)?.fields.roomId;
    for (const bed of roomId === undefined ? [] : desk.bedsOfRoom(roomId)) {
      if (bed.id === segment.bedId) continue;
      bars.push({
        ...bar,
        id: `${bar.id}|${bed.id}`,
        rowId: bed.id,
        tone: 'private',
        movable: false,
        resizableStart: false,
        resizableEnd: false,
      });
    }
  }
  return bars;
}

function blockBars(desk: Desk, block: DeskDoc<'block'>, texts: BarTexts): TapeBar[] {
  const { fields } = block;
  if (fields.state !== 'active') return [];
  const beds =
    fields.scope === 'room' ? desk.bedsOfRoom(fields.targetId).map((bed) => bed.id) : [fields.targetId];
  const words = texts.block(block);
  return beds.map((bedId) => ({
    id: `block|${block.id}|${bedId}`,
    rowId: bedId,
    from: toEpochDay(fields.from),
    to: toEpochDay(fields.to),
    tone: 'block' as const,
    ...words,
    ...(block.pending ? { pending: true } : {}),
    movable: false,
    resizableStart: true,
    resizableEnd: true,
  }));
}

interface KeptBars {
  readonly doc: object;
  /** What the words came from besides the document: the person and the reservation. */
  readonly around: readonly (object | undefined)[];
  readonly bars: readonly TapeBar[];
}

/**
 * The bars of the room plan. A stay's bars are made once and kept as long as its documents are the same ones (the desk
 * replaces documents, never mutates them), so that a change costs what changed and not the whole house.
 */
export function createBoardBars(desk: Desk): (options: {
  readonly days: TapeDays;
  readonly today: PlainDate;
  readonly siteIds: readonly string[];
  /** Names everything that the words depend on besides documents: the language, the lens. */
  readonly key: string;
  readonly texts: BarTexts;
}) => TapeBar[] {
  let kept = new Map<string, KeptBars>();
  let keptKey = '';
  return ({ days, today, siteIds, key, texts }) => {
    const wholeKey = `${key}|${today}`;
    const known = wholeKey === keptKey ? kept : new Map<string, KeptBars>();
    const next = new Map<string, KeptBars>();
    const bars: TapeBar[] = [];
    const end = days.first + days.count;
    const take = (id: string, doc: object, around: KeptBars['around'], make: () => TapeBar[]): void => {
      const before = known.get(id);
      const same = before?.doc === doc && around.every((other, index) => other === before.around[index]);
      const entry = before !== undefined && same ? before : { doc, around, bars: make() };
      next.set(id, entry);
      for (const bar of entry.bars) if (bar.to > days.first && bar.from < end) bars.push(bar);
    };
    for (const stay of desk.all('stay').values()) {
      const { fields } = stay;
      if (!siteIds.includes(stay.siteId) || !holdsBeds(fields)) continue;
      // The plan begins so many days ago: what ended before is not worth an entry.
      if (toEpochDay(fields.departDate) <= days.first) continue;
      const around = [desk.get('person', fields.personId), desk.get('reservation', fields.reservationId)];
      take(stay.id, stay, around, () => stayBars(desk, stay, today, texts));
    }
    for (const block of desk.all('block').values()) {
      if (!siteIds.includes(block.siteId)) continue;
      take(block.id, block, [], () => blockBars(desk, block, texts));
    }
    kept = next;
    keptKey = wholeKey;
    return bars;
  };
}
