declare global {
  interface Window {
    /** What the runner may ask of the page. */
    work: {
      ready: boolean;
      run(...args: never[]): Promise<number>;
    };
  }
}

/** Hands the page's work to the runner; `run` gives ms. */
export function offerWork(run: (...args: never[]) => Promise<number>): void {
  window.work = { ready: true, run };
}
