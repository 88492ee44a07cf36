import { describe, expect, it, vi } from 'vitest';
import { printPage, printToPdf } from './print.ts';

function contents(answer: readonly [boolean, string] = [true, '']) {
  return {
    printToPDF: vi.fn(async () => new Uint8Array([37, 80, 68, 70])),
    print: vi.fn((_options: unknown, callback: (success: boolean, reason: string) => void) => {
      callback(...answer);
    }),
  };
}

describe('printing', () => {
  it('makes a tagged A4 document', async () => {
    const c = contents();
    expect(await printToPdf(c, true, { landscape: true })).toEqual({
      state: 'ok',
      pdf: new Uint8Array([37, 80, 68, 70]),
    });
    expect(c.printToPDF).toHaveBeenCalledWith(
      expect.objectContaining({ pageSize: 'A4', generateTaggedPDF: true, landscape: true }),
    );
  });

  it('does nothing where printing is not allowed', async () => {
    const c = contents();
    expect(await printToPdf(c, false, { landscape: false })).toEqual({ state: 'denied' });
    expect(await printPage(c, false, { landscape: false })).toEqual({ state: 'denied' });
    expect(c.printToPDF).not.toHaveBeenCalled();
    expect(c.print).not.toHaveBeenCalled();
  });

  it.each([
    [[true, ''], 'printed'],
    [[false, 'Print job canceled'], 'cancelled'],
    [[false, 'Invalid printer settings'], 'failed'],
  ] as const)('%j is %s', async (answer, state) => {
    expect(await printPage(contents(answer), true, { landscape: false })).toEqual({ state });
  });

  it('says when there is no document', async () => {
    const c = { ...contents(), printToPDF: vi.fn(async () => Promise.reject(new Error('x'))) };
    expect(await printToPdf(c, true, { landscape: false })).toEqual({ state: 'failed' });
  });
});
