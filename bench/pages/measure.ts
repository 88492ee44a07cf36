/** What both charts are measured by, in the page itself. */
import '../../desktop/src/renderer/ui/base.css';
import './frame.css';
import { flushSync, mount, unmount } from 'svelte';
import Before from './Before.svelte';
import { house } from './house.ts';

/** Resolves when the frame that shows what was just drawn is handed to the compositor. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        resolve();
      };
      channel.port2.postMessage(null);
    });
  });
}

const longTasks: number[] = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) longTasks.push(entry.duration);
}).observe({ type: 'longtask' });

export interface Mounted {
  /** What scrolls the beds and the days. */
  readonly scroller: HTMLElement;
}

declare global {
  interface Window {
    bench: {
      ready: boolean;
      /** Makes the data, which the product has in memory anyway. */
      prepare(beds: number): void;
      /** Changes from another screen to the chart, as a click on the view does; ms from the click to the painted frame. */
      show(): Promise<number>;
      /** Scrolls one step and waits for its frame. */
      scroll(x: number, y: number): Promise<void>;
      longTasks(): number[];
    };
  }
}

/** Hands the page to the runner. What `draw` does is measured. */
export function offer<T>(
  prepare: (beds: number) => T,
  draw: (data: T, target: HTMLElement) => Mounted,
): void {
  const target = document.getElementById('app');
  if (target === null) throw new Error('no place');
  const before = mount(Before, { target, props: { stays: house(20, 60) } });
  flushSync();
  let data: T;
  let mounted: Mounted | undefined;
  window.bench = {
    ready: true,
    prepare(beds) {
      data = prepare(beds);
    },
    async show() {
      await painted();
      longTasks.length = 0;
      const start = performance.now();
      void unmount(before);
      mounted = draw(data, target);
      await painted();
      return performance.now() - start;
    },
    async scroll(x, y) {
      mounted?.scroller.scrollBy(x, y);
      await painted();
      await painted();
    },
    longTasks: () => longTasks.splice(0),
  };
}
