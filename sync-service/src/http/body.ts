import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonDepth } from '@sivis/shared/docs/json.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';

/** Gives the value of a body, `undefined` for an empty one, or what is wrong with it. */
export type BodyReader = (
  request: FastifyRequest,
  body: string,
  done: (error: SivisError | null, value?: unknown) => void,
) => void;

/** Reads JSON: no prototype keys (MALFORMED), not deeper than 32 (TOO_DEEP). */
export function createBodyReader(app: Pick<FastifyInstance, 'getDefaultJsonParser'>): BodyReader {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    void parse(request, body, (error, value) => {
      if (error !== null) done(new SivisError('MALFORMED'));
      else if (jsonDepth(value) > LIMITS.jsonDepth)
        done(new SivisError('TOO_DEEP', { limit: LIMITS.jsonDepth }));
      else done(null, value);
    });
  };
}
