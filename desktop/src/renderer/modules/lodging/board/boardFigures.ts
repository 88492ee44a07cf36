import { m } from '../../../i18n/generated/messages.js';
import type { TapeFigure, TapeFooterRow } from '../../../ui/tape/model.ts';
import type { BoardFooter } from './boardFooter.ts';
import { freeFigure, freeForAnybody } from './boardTexts.ts';

/** Up to so many days two numbers fit under one day. */
const WIDE_DAYS = 21;

const quiet = (text: string, count: number): TapeFigure => ({ text, tone: count === 0 ? 'muted' : 'normal' });

/** The rows of figures under the plan: what is free, who comes, who leaves. `zoom` is the days in sight. */
export function figureRows(foot: BoardFooter, zoom: number): TapeFooterRow[] {
  const counts = (id: string, label: string, of: (at: number) => number): TapeFooterRow => ({
    id,
    label,
    values: (at) => quiet(String(of(at)), of(at)),
  });
  const free = (id: 'freeWomen' | 'freeMen', label: string): TapeFooterRow => ({
    id,
    label,
    values: (at) => {
      const figures = foot.figures(at);
      return freeFigure(figures[id], freeForAnybody(figures));
    },
  });
  const both: TapeFooterRow = {
    id: 'moves',
    label: m.lodging_comes_leaves(),
    values: (at) => {
      const { arrivals, departures } = foot.figures(at);
      return quiet(`${arrivals}/${departures}`, arrivals + departures);
    },
  };
  const apart = [
    counts('comes', m.lodging_tab_arrivals(), (at) => foot.figures(at).arrivals),
    counts('leaves', m.lodging_tab_departures(), (at) => foot.figures(at).departures),
  ];
  return [
    free('freeWomen', m.lodging_free_women()),
    free('freeMen', m.lodging_free_men()),
    { id: 'free', label: m.lodging_free_beds(), values: (at) => freeFigure(foot.figures(at).free) },
    ...(zoom > WIDE_DAYS ? apart : [both]),
  ];
}
