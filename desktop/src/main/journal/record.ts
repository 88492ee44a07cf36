import { crc32c } from './crc32c.ts';

/** Begins every record, so that a reader finds the next one behind a damaged one. */
const MARK = [0x53, 0x4a, 0x52, 0x31];
/** Mark, length and CRC-32C of length and body, each 4 bytes, big-endian. */
const HEADER = 12;

/** Most that one record holds, bytes; a length above it is damage. */
export const RECORD_BYTES = 32 * 1_048_576;

/** The record of a body: mark, length, checksum, body. */
export function frame(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(HEADER + body.byteLength);
  const view = new DataView(record.buffer);
  record.set(MARK);
  view.setUint32(4, body.byteLength);
  record.set(body, HEADER);
  view.setUint32(8, checksum(record, 0, body.byteLength));
  return record;
}

/** CRC-32C over the length field and the body: a length that was changed is found too. */
function checksum(bytes: Uint8Array, at: number, length: number): number {
  const checked = new Uint8Array(4 + length);
  checked.set(bytes.subarray(at + 4, at + 8));
  checked.set(bytes.subarray(at + HEADER, at + HEADER + length), 4);
  return crc32c(checked);
}

/** The length of the body of the whole record at this place, or -1. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if (at + HEADER > bytes.byteLength || MARK.some((byte, index) => bytes[at + index] !== byte)) return -1;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER);
  const length = view.getUint32(4);
  if (length > RECORD_BYTES || at + HEADER + length > bytes.byteLength) return -1;
  return view.getUint32(8) === checksum(bytes, at, length) ? length : -1;
}

/** What a file of records holds. */
export interface Scanned {
  readonly bodies: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes that belong to no whole record: a torn tail after a crash, or damage in the middle. */
  readonly lost: number;
}

/**
 * Reads every whole record. Behind bytes that are none it goes on with the next one that is: nothing that was written
 * whole is given up for something before it.
 */
export function scan(bytes: Uint8Array): Scanned {
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  let lost = 0;
  for (let at = 0; at < bytes.byteLength;) {
    const length = lengthAt(bytes, at);
    if (length < 0) {
      const next = bytes.indexOf(MARK[0] ?? 0, at + 1);
      const to = next < 0 ? bytes.byteLength : next;
      lost += to - at;
      at = to;
      continue;
    }
    bodies.push(new Uint8Array(bytes.subarray(at + HEADER, at + HEADER + length)));
    at += HEADER + length;
  }
  return { bodies, lost };
}
