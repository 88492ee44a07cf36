/** Reads how many tests passed and failed from the reports of vitest and Playwright. */

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests?: number, testResults?: Array<{ status: string, assertionResults: Array<{ status: string }> }> } | undefined} report vitest's JSON report
 * @param {number} exitCode of the run
 * @returns {Counts} a file that could not even be loaded counts as one failure; so does a run that failed
 *   without any failed test (an unhandled error), or left no report
 */
export function vitestCounts(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = (report.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests ?? 0,
  };
}

/**
 * @param {{ stats?: { expected: number, unexpected: number, flaky: number, skipped: number } } | undefined} report Playwright's JSON report
 * @param {number} exitCode of the run
 * @returns {Counts} a test that passed only when repeated counts as failed
 */
export function playwrightCounts(report, exitCode) {
  if (report?.stats === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  const failed = unexpected + flaky;
  return { passed: expected, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

/** @param {Counts[]} all @returns {Counts} */
export function sum(all) {
  const add = (key) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped') };
}
