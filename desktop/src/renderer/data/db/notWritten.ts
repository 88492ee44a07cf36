/** The disk did not take a write: what was to be saved is not saved. `status` is the storage's own number. */
export class NotWrittenError extends Error {
  readonly code = 'NOT_WRITTEN';
  constructor(status: number) {
    super(`the storage refused a write (${status})`);
    this.name = 'NotWrittenError';
  }
}
