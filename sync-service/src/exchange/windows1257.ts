import { ImportError } from './importError.ts';

const NEWLINE = 0x0a;

/** The line, from 1, in which a byte stands. */
function lineAt(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (
    let index = bytes.indexOf(NEWLINE);
    index !== -1 && index < offset;
    index = bytes.indexOf(NEWLINE, index + 1)
  ) {
    line += 1;
  }
  return line;
}

const BOMS: readonly (readonly number[])[] = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** Bytes that Windows-1257 leaves undefined: the C1 controls and two positions more; and NUL, the mark of UTF-16. */
function undefinedBytes(): ReadonlySet<number> {
  const decoder = new TextDecoder('windows-1257');
  const found = new Set([0]);
  for (let byte = 0x80; byte <= 0xff; byte += 1) {
    const code = decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
    if (code === 0xfffd || (code >= 0x80 && code <= 0x9f)) found.add(byte);
  }
  return found;
}

const UNDEFINED_BYTES = undefinedBytes();

const isTail = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80 && byte <= 0xbf;

/**
 * Length of the UTF-8 sequence at `offset` that no Latvian text in Windows-1257 would hold, or 0. Lead bytes 0xC3 to
 * 0xC5 (Ć, Ä, Å in Windows-1257) carry all Latvian letters of UTF-8; 0xC2 and those above are Ā, Ē, Š …, which may
 * well stand before a closing quote, so that two bytes prove nothing there (the file as a whole then does).
 */
function utf8LengthAt(bytes: Uint8Array, offset: number): number {
  const lead = bytes[offset] ?? 0;
  if (lead >= 0xc3 && lead <= 0xc5) return isTail(bytes[offset + 1]) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) return isTail(bytes[offset + 1]) && isTail(bytes[offset + 2]) ? 3 : 0;
  if (lead < 0xf0 || lead > 0xf4) return 0;
  return isTail(bytes[offset + 1]) && isTail(bytes[offset + 2]) && isTail(bytes[offset + 3]) ? 4 : 0;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * The text of a Windows-1257 file. Throws `wrong_encoding` with the line for anything else: a byte-order mark, valid
 * multi-byte UTF-8 (U+FFFD among it), bytes that the code page leaves undefined (C1).
 */
export function decodeWindows1257(file: string, bytes: Uint8Array): string {
  const refuse = (offset: number): never => {
    throw new ImportError('wrong_encoding', { file, line: lineAt(bytes, offset) });
  };
  if (BOMS.some((bom) => bom.every((byte, index) => bytes[index] === byte))) refuse(0);
  let firstHigh = -1;
  for (let offset = 0; offset < bytes.length; offset += 1) {
    const byte = bytes[offset] ?? 0;
    if (byte !== 0 && byte < 0x80) continue;
    if (firstHigh === -1) firstHigh = offset;
    if (UNDEFINED_BYTES.has(byte) || utf8LengthAt(bytes, offset) > 0) refuse(offset);
  }
  if (firstHigh !== -1 && isUtf8(bytes)) refuse(firstHigh);
  return new TextDecoder('windows-1257', { fatal: true, ignoreBOM: true }).decode(bytes);
}
