import { describe, expect, it } from 'vitest';
import { playwrightCounts, sum, vitestCounts } from './testCounts.mjs';

describe('vitestCounts', () => {
  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, testResults: [] };
  it('takes the numbers of the report', () => {
    expect(vitestCounts(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 1 });
  });
  it('counts a file that could not be loaded', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ];
    expect(vitestCounts({ ...report, numFailedTests: 1, testResults }, 1).failed).toBe(2);
  });
  it('counts a run that failed without a failed test, and a run without a report', () => {
    expect(vitestCounts(report, 1).failed).toBe(1);
    expect(vitestCounts(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('playwrightCounts', () => {
  it('does not take a test for good that passed only when repeated', () => {
    const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 };
    expect(playwrightCounts({ stats }, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });
  it('counts a run that failed without a failed test', () => {
    expect(playwrightCounts({ stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0 } }, 1).failed).toBe(
      1,
    );
    expect(playwrightCounts(undefined, 1).failed).toBe(1);
  });
});

describe('sum', () => {
  it('adds stages and is nothing for none', () => {
    expect(
      sum([
        { passed: 1, failed: 2, skipped: 3 },
        { passed: 10, failed: 0, skipped: 0 },
      ]),
    ).toEqual({
      passed: 11,
      failed: 2,
      skipped: 3,
    });
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
