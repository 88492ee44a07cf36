import '@event-calendar/core/index.css';
import { Calendar, ResourceTimeline } from '@event-calendar/core';
import { flushSync, mount } from 'svelte';
import { house } from '../house.ts';
import { offer } from '../measure.ts';

const DAYS = 60;
const first = Date.parse('2026-11-18T00:00:00Z');
const dateOf = (day: number): string => new Date(first + day * 86_400_000).toISOString().slice(0, 10);

function prepare(beds: number) {
  const resources = Array.from({ length: beds }, (_, bed) => ({
    id: `b${bed}`,
    title: `${101 + (bed >> 1)} ${bed % 2 === 0 ? 'A' : 'B'}`,
  }));
  const events = house(beds, DAYS).map((stay) => ({
    id: stay.id,
    resourceIds: [`b${stay.bed}`],
    start: dateOf(stay.from),
    end: dateOf(stay.to),
    title: stay.name,
    allDay: true,
  }));
  return { resources, events };
}

offer(prepare, ({ resources, events }, target) => {
  mount(Calendar, {
    target,
    props: {
      plugins: [ResourceTimeline],
      options: {
        view: 'resourceTimelineMonth',
        date: dateOf(0),
        duration: { days: DAYS },
        slotDuration: { days: 1 },
        slotWidth: 20,
        height: '100%',
        locale: 'lv',
        headerToolbar: { start: '', center: '', end: '' },
        resources,
        events,
      },
    },
  });
  flushSync();
  const scroller = [...target.querySelectorAll<HTMLElement>('.ec-main, .ec-body')].find(
    (element) => element.scrollHeight > element.clientHeight,
  );
  if (scroller === undefined) throw new Error('no chart');
  return { scroller };
});
