/** An end that the user can do something about: shown as plain words, without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message what happened and what to do
   * @param {number} [exitCode] 1 error, 2 wrong use
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/**
 * Runs a launcher and turns its end into an exit code.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
