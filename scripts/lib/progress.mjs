/** Progress lines: one line when a step begins, its time when it ends; a running clock on a terminal. */

/** @param {number} ms @returns {string} seconds with one decimal and a comma: `3,2 s` */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1).replace('.', ',')} s`;
}

/**
 * Shows a step while it runs.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @param {{ write: (text: string) => unknown, isTTY?: boolean }} [out]
 * @returns {Promise<T>} what the work returned; its error passes through
 */
export async function step(label, work, out = process.stdout) {
  const begin = Date.now();
  const show = (mark, end) => out.write(`${out.isTTY ? '\r' : ''}${mark} ${label} … ${end}`);
  let clock;
  if (out.isTTY) {
    show('·', '');
    clock = setInterval(() => show('·', seconds(Date.now() - begin)), 500);
  } else {
    out.write(`· ${label} …\n`);
  }
  try {
    const result = await work();
    show('✓', `${seconds(Date.now() - begin)}\n`);
    return result;
  } catch (error) {
    show('✗', `${seconds(Date.now() - begin)}\n`);
    throw error;
  } finally {
    clearInterval(clock);
  }
}
