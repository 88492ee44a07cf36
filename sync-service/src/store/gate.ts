/** Runs works one after the other, at most `width` at once, in the order in which they came. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

export function createGate(width: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  const idlers: (() => void)[] = [];
  const leave = (): void => {
    running -= 1;
    waiting.shift()?.();
    if (running === 0 && waiting.length === 0) for (const resolve of idlers.splice(0)) resolve();
  };
  return {
    async run(work) {
      if (running >= width || waiting.length > 0) {
        const turn = Promise.withResolvers<undefined>();
        waiting.push(() => {
          running += 1;
          turn.resolve(undefined);
        });
        await turn.promise;
      } else running += 1;
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async idle() {
      if (running === 0 && waiting.length === 0) return;
      await new Promise<void>((resolve) => idlers.push(resolve));
    },
  };
}
