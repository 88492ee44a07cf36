/** Bytes of Windows-1257 by letter; made from the platform's decoder, which goes the other way only. */
const BYTES = new Map<string, number>();
for (let byte = 0; byte < 256; byte += 1) {
  const letter = new TextDecoder('windows-1257').decode(Uint8Array.of(byte));
  if (letter !== '\ufffd') BYTES.set(letter, byte);
}

/** The text in Windows-1257; throws for a letter that the code page does not have. */
export function encodeWindows1257(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => {
    const byte = BYTES.get(letter);
    if (byte === undefined) throw new RangeError(`not in Windows-1257: ${letter}`);
    return byte;
  });
}
