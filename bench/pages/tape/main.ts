import Accessibility from '@lucide/svelte/icons/accessibility';
import { flushSync, mount } from 'svelte';
import type {
  TapeBar,
  TapeFooterRow,
  TapeRow,
  TapeTone,
} from '../../../desktop/src/renderer/ui/tape/model.ts';
import TapeChart from '../../../desktop/src/renderer/ui/tape/TapeChart.svelte';
import { chartTexts } from '../../../desktop/src/renderer/modules/lodging/board/boardTexts.ts';
import { toEpochDay } from '../../../shared/src/time/plainDate.ts';
import { house } from '../house.ts';
import { offer } from '../measure.ts';

const DAYS = Number(new URLSearchParams(location.search).get('days') ?? '60');
const IN_SIGHT = Number(new URLSearchParams(location.search).get('zoom') ?? '60');
const today = toEpochDay('2026-11-21');
const first = today - 3;

function toneOf(from: number, to: number): TapeTone {
  if (to < 3) return 'past';
  if (from === 3 || to === 3) return 'today';
  return from < 3 ? 'inHouse' : 'future';
}

function prepare(beds: number) {
  const rows: TapeRow[] = [];
  for (let bed = 0; bed < beds; bed += 1) {
    if (bed % 40 === 0)
      rows.push({ id: `g${bed}`, kind: 'group', label: `Dubulti 2 · ${bed / 40 + 1}. stāvs` });
    const label = String(101 + (bed >> 1));
    const marks = bed % 12 === 0 ? [{ icon: Accessibility, text: 'pielāgota' }] : [];
    const firstOfRoom = bed % 2 === 0;
    rows.push({ id: `b${bed}`, kind: 'bed', label, sublabel: firstOfRoom ? 'A' : 'B', marks, firstOfRoom });
  }
  const bars = house(beds, DAYS).map((stay): TapeBar => ({
    id: stay.id,
    rowId: `b${stay.bed}`,
    from: first + stay.from,
    to: first + stay.to,
    label: stay.name,
    title: `${stay.name}, ${stay.to - stay.from} naktis`,
    tone: toneOf(stay.from, stay.to),
    ...(stay.sign === 0 ? { icons: [{ icon: Accessibility, text: 'ratiņkrēsls' }] } : {}),
    ...(stay.sign === 1 ? { pending: true } : {}),
    movable: true,
    resizableStart: true,
    resizableEnd: true,
  }));
  const counts = Array.from({ length: DAYS }, (_, day) => {
    const taken = bars.filter((bar) => bar.from <= first + day && first + day < bar.to).length;
    return beds - taken;
  });
  const footer: TapeFooterRow[] = ['Sievietēm', 'Vīriešiem', 'Brīvas', 'Ierodas'].map((label) => ({
    id: label,
    label,
    values: (day) => ({ text: String(counts[day - first] ?? 0) }),
  }));
  return { rows, bars, footer };
}

offer(prepare, ({ rows, bars, footer }, target) => {
  mount(TapeChart, {
    target,
    props: {
      rows,
      bars,
      footer,
      days: { first, count: DAYS },
      today,
      zoom: IN_SIGHT,
      texts: chartTexts((id) => id),
      judge: () => ({ ok: true }),
      onmove: () => undefined,
      onresize: () => undefined,
      oncreate: () => undefined,
      onrange: () => undefined,
    },
  });
  flushSync();
  const scroller = target.querySelector<HTMLElement>('[role="grid"]');
  if (scroller === null) throw new Error('no chart');
  return { scroller };
});
