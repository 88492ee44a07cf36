/** The disk did not take a write: what was to be saved is not saved. `status` is the storage's own number. */
export class NotWrittenError extends Error {
  readonly code = 'NOT_WRITTEN';
  constructor(status: number) {
    super(`the storage refused a write (${status})`);
    this.name = 'NotWrittenError';
  }
}

/**
 * True for RxDB's error of a pulled document that the local schema refuses. What the storage itself throws (a full disk,
 * say) comes through the same door as it is and has no parameters.
 */
export function isSchemaRefusal(error: unknown): boolean {
  const { code, parameters } = error as { code?: unknown; parameters?: { writeError?: { status?: number } } };
  return code === 'RC_PULL' && parameters?.writeError?.status === 422;
}
