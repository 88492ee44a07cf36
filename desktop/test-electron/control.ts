interface Order {
  readonly id: number;
  /** The source of a function. */
  readonly code: string;
  readonly arg: unknown;
}

/**
 * Runs functions that a test sends, in main and with the module `electron` as their first argument: what Playwright's
 * `electronApplication.evaluate` does with the real one.
 */
export function answerTest(electron: object): void {
  process.on('message', (order: Order) => {
    const run = async (): Promise<unknown> => {
      // eslint-disable-next-line no-eval -- this is what it is for; the stand-in is never packed
      const work = (0, eval)(`(${order.code})`) as (electron: object, arg: unknown) => unknown;
      return work(electron, order.arg);
    };
    run().then(
      (value) => process.send?.({ id: order.id, value }),
      (error: unknown) => process.send?.({ id: order.id, error: String(error) }),
    );
  });
  // The test has ended or was killed.
  process.on('disconnect', () => process.exit(0));
}
