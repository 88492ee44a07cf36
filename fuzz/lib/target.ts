/** A decoder at a door: something from outside goes in, a value or a coded refusal comes out. */
export interface Target {
  readonly name: string;
  /** Who could send it. */
  readonly door: string;
  /** Inputs that are taken; the first must be (the proof that the fuzzer knocks at the right door). */
  readonly seeds: readonly Uint8Array[];
  /** True when the input is JSON: it is changed by its structure too. */
  readonly json: boolean;
  /** What is longer is refused before the decoder sees it, bytes. */
  readonly limit: number;
  /**
   * Decodes. Gives a word for what came of it: `taken…`, or the code of the refusal. Throws what the decoder throws: an
   * error with a `code` is a refusal, any other is a finding.
   */
  run(input: Uint8Array): string | Promise<string>;
}

export const bytesOf = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8');

export const textOf = (input: Uint8Array): string =>
  Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');

/** A part of an input as text. Objects of an input may have a `toString` of their own, which is none. */
export const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A part of an input as JSON again; `null` for one that is too deep to be written. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value ?? null);
  } catch (error) {
    if (error instanceof RangeError) return 'null';
    throw error;
  }
}
