import type { Snippet } from 'svelte';
import type {
  EpochDay,
  TapeBar,
  TapeCreate,
  TapeDays,
  TapeDensity,
  TapeFooterRow,
  TapeJudge,
  TapeMenu,
  TapeMove,
  TapeRange,
  TapeResize,
  TapeRow,
  TapeTexts,
} from './model.ts';

/** What the chart is given and what it tells. */
export interface TapeProps {
  rows: readonly TapeRow[];
  bars: readonly TapeBar[];
  days: TapeDays;
  today: EpochDay;
  texts: TapeTexts;
  footer?: readonly TapeFooterRow[];
  lanes?: readonly TapeRow[];
  density?: TapeDensity;
  /** Days per width: 7, 14, 21, 42, 60, 90 by key, any by property. */
  zoom?: number;
  selectedId?: string | null;
  headWidth?: number;
  judge?: TapeJudge;
  /** Drawn beside a bar on which the pointer rests. */
  hoverCard?: Snippet<[TapeBar]>;
  onmove?: (intent: TapeMove) => void;
  onresize?: (intent: TapeResize) => void;
  oncreate?: (intent: TapeCreate) => void;
  onopen?: (barId: string) => void;
  onselect?: (barId: string | null, rowId: string, day: EpochDay) => void;
  onmenu?: (menu: TapeMenu) => void;
  onrange?: (range: TapeRange) => void;
}
