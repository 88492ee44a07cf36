import { describe, expect, it } from 'vitest';
import { isSchemaRefusal } from './notWritten.ts';

describe('errors of the replication', () => {
  it('a document that the schema refuses is told from a disk that takes nothing', () => {
    const refused = Object.assign(new Error(), {
      code: 'RC_PULL',
      parameters: { writeError: { status: 422 } },
    });
    expect(isSchemaRefusal(refused)).toBe(true);
    expect(isSchemaRefusal(Object.assign(new Error(), { code: 'RC_PULL', parameters: {} }))).toBe(false);
    expect(isSchemaRefusal(new Error('QuotaExceededError'))).toBe(false);
  });
});
