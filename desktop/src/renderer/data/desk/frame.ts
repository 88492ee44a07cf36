/** Runs something soon, many wishes together once. */
export type Schedule = (run: () => void) => void;

/** With the next animation frame; a hidden page has none and takes a timer. */
export const nextFrame: Schedule = (run) => {
  const visible = typeof document !== 'undefined' && document.visibilityState === 'visible';
  if (visible && typeof requestAnimationFrame === 'function') requestAnimationFrame(run);
  else setTimeout(run, 16);
};

/** A function that asks for `run` once per turn of the schedule, however often it is called. */
export function batched(schedule: Schedule, run: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    schedule(() => {
      asked = false;
      run();
    });
  };
}
