/** What both charts are measured by, in the page itself. */

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
      /** Draws the chart as a click on the view would; ms from the click to the painted frame. */
      show(): Promise<number>;
      /** Scrolls one step and waits for its frame. */
      scroll(x: number, y: number): Promise<void>;
      longTasks(): number[];
    };
  }
}

/** Hands the page to the runner. What `draw` does is measured. */
export function offer<T>(prepare: (beds: number) => T, draw: (data: T) => Mounted): void {
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
      mounted = draw(data);
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
