/** The local database of this person does not open. Nothing in it was changed; another one can be begun beside it. */
export class StoreBrokenError extends Error {
  readonly code = 'STORE_BROKEN';
  constructor(cause: unknown) {
    super('the local database does not open', { cause });
    this.name = 'StoreBrokenError';
  }
}
