/**
 * The view model of the tape chart: rows, bars and days as the chart draws them. It knows no domain; whoever
 * uses the chart turns beds and stays into this and the intents that come back into commands.
 */
import type { LucideIcon } from '@lucide/svelte';

/** Days since 1970-01-01 (`toEpochDay` of shared/time). */
export type EpochDay = number;

/** A sign with its meaning. `icon` is drawn, or `short` (one or two letters); `text` is what it says aloud. */
export interface TapeMark {
  readonly icon?: LucideIcon;
  readonly short?: string;
  readonly text: string;
}

/** `group` is a heading over rows, `bed` takes bars, `lane` is a parking place that shows its bars as chips. */
export interface TapeRow {
  readonly id: string;
  readonly kind: 'group' | 'lane' | 'bed';
  /** A room's number, a group's or a lane's name. */
  readonly label: string;
  /** A bed's letter; in a lane the hint at its end. */
  readonly sublabel?: string;
  readonly marks?: readonly TapeMark[];
  /** The first row of a room carries the room's number; the others leave its place empty. */
  readonly firstOfRoom?: boolean;
}

/**
 * What a bar asks for. `overdue` and `today` are the only warm ones: somebody has to act. `private` is a room
 * kept for one use, `block` a bed that cannot be given, `unconfirmed` a wish that holds no bed.
 */
export type TapeTone =
  'overdue' | 'today' | 'inHouse' | 'future' | 'past' | 'block' | 'unconfirmed' | 'private';

/** One bar, half-open `[from, to)` in nights. It is drawn from the middle of `from` to the middle of `to`. */
export interface TapeBar {
  readonly id: string;
  readonly rowId: string;
  readonly from: EpochDay;
  readonly to: EpochDay;
  readonly label: string;
  /** The whole bar in words, for screen readers. Begins with or contains `label` (WCAG 2.5.3). */
  readonly title: string;
  readonly tone: TapeTone;
  /** The end at which somebody has to act (an arrival or a departure). Without it the start. */
  readonly act?: 'start' | 'end';
  readonly icons?: readonly TapeMark[];
  /** A glyph on the first or the last half day, for example the first and the last meal. */
  readonly edgeFrom?: string;
  readonly edgeTo?: string;
  /** Changed here and not yet with the others: a violet mark. */
  readonly pending?: boolean;
  readonly movable: boolean;
  readonly resizableStart: boolean;
  readonly resizableEnd: boolean;
}

/** The days that can be scrolled to. */
export interface TapeDays {
  readonly first: EpochDay;
  readonly count: number;
}

/** How the chart names a day. Two neighbours with different `month` have the month boundary between them. */
export interface TapeDayText {
  /** `Se` */
  readonly weekday: string;
  /** `21.` */
  readonly number: string;
  /** `2026. gada novembris` */
  readonly month: string;
  /** `sestdiena, 21. novembris` */
  readonly title: string;
  /** Saturday, Sunday, a holiday: the column is tinted. */
  readonly dayOff: boolean;
}

/** A row of figures at the foot. */
export interface TapeFooterRow {
  readonly id: string;
  readonly label: string;
  readonly values: (day: EpochDay) => TapeFigure;
}

export interface TapeFigure {
  readonly text: string;
  readonly tone?: 'normal' | 'muted' | 'warn' | 'danger';
}

/** What somebody wants to do. A bar keeps its row in a `resize`; `rowId` may be a lane in a `move`. */
export type TapeIntent = TapeMove | TapeResize | TapeCreate;

interface TapePlace {
  readonly rowId: string;
  readonly from: EpochDay;
  readonly to: EpochDay;
}
export interface TapeMove extends TapePlace {
  readonly kind: 'move';
  readonly barId: string;
}
export interface TapeResize extends TapePlace {
  readonly kind: 'resize';
  readonly barId: string;
}
export interface TapeCreate extends TapePlace {
  readonly kind: 'create';
}

/** The caller's answer to an intent. `note` is a warning that does not forbid. */
export type TapeVerdict =
  | { readonly ok: true; readonly note?: string }
  | { readonly ok: false; readonly title: string; readonly text: string };

/** Asked once per target while something is being placed; has to answer at once and without effects. */
export type TapeJudge = (intent: TapeIntent) => TapeVerdict;

/** Where the caller may hang a menu: a rectangle in client coordinates. */
export interface TapeAnchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TapeMenu {
  readonly barId: string | null;
  readonly rowId: string;
  readonly day: EpochDay;
  readonly anchor: TapeAnchor;
}

/** What is in sight, days half-open. */
export interface TapeRange {
  readonly from: EpochDay;
  readonly to: EpochDay;
  readonly firstRowId: string | null;
  readonly lastRowId: string | null;
}

export type TapeDensity = 'compact' | 'standard' | 'touch';

/** Every word of the chart. */
export interface TapeTexts {
  /** The name of the whole chart. */
  readonly label: string;
  /** The heading of the rows: `Gulta`. */
  readonly corner: string;
  readonly day: (day: EpochDay) => TapeDayText;
  /** A cell in words: row, day, and what is there. */
  readonly cell: (row: TapeRow, day: EpochDay, bar: TapeBar | null) => string;
  /** A target in words: `307 B, 21.11.–05.12.` */
  readonly target: (intent: TapeIntent, row: TapeRow) => string;
  /** The keys while something is being placed by keyboard. */
  readonly placeHelp: string;
  /** The same, when it is placed by dragging. */
  readonly dragHelp: string;
  readonly cancelled: string;
  /** What the violet mark means. */
  readonly pending: string;
  /** What is said when there are no rows. */
  readonly empty: string;
}
