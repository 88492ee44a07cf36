import type { PrintToPDFOptions, WebContentsPrintOptions } from 'electron';
import type { Result } from '../preload/contract.ts';

/** What is needed of `webContents`. */
export interface PrintingContents {
  printToPDF(options: PrintToPDFOptions): Promise<Uint8Array>;
  print(options: WebContentsPrintOptions, callback: (success: boolean, failureReason: string) => void): void;
}

export interface PrintOptions {
  readonly landscape: boolean;
}

/**
 * Makes a tagged A4 document of the page as its print style shows it. It stays in memory: a file on the disk
 * would be personal data outside the encrypted store.
 */
export async function printToPdf(
  contents: PrintingContents,
  allowed: boolean,
  { landscape }: PrintOptions,
): Promise<Result<'printToPdf'>> {
  if (!allowed) return { state: 'denied' };
  try {
    const pdf = await contents.printToPDF({
      pageSize: 'A4',
      landscape,
      printBackground: true,
      generateTaggedPDF: true,
      generateDocumentOutline: true,
    });
    return { state: 'ok', pdf: new Uint8Array(pdf) };
  } catch {
    return { state: 'failed' };
  }
}

/** Opens the system's print dialog for the page; the user chooses printer and copies there. */
export async function printPage(
  contents: PrintingContents,
  allowed: boolean,
  { landscape }: PrintOptions,
): Promise<Result<'print'>> {
  if (!allowed) return { state: 'denied' };
  return new Promise((resolve) => {
    contents.print(
      { silent: false, printBackground: true, pageSize: 'A4', landscape },
      (success, failureReason) => {
        if (success) resolve({ state: 'printed' });
        else resolve({ state: /cancel/i.test(failureReason) ? 'cancelled' : 'failed' });
      },
    );
  });
}
