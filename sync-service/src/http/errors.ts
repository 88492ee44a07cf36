import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { ERRORS, SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { storeError } from '../store/storeError.ts';

/** Fastify's own codes as those of the protocol. */
const OF_FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA',
  FST_ERR_CTP_EMPTY_TYPE: 'UNSUPPORTED_MEDIA',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

/** The error of the list for anything that can be thrown. Names of fields stay, their values do not. */
export function toSivisError(error: unknown): SivisError {
  if (error instanceof SivisError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const path = error.validation[0]?.instancePath ?? '';
    return new SivisError('MALFORMED', { field: path.slice(0, 200) });
  }
  const mapped = storeError(error);
  if (mapped instanceof SivisError) return mapped;
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  const known = code === undefined ? undefined : OF_FASTIFY[code];
  if (known !== undefined) return new SivisError(known);
  if (validation !== undefined || (statusCode === 400 && !isResponseSerializationError(error))) {
    return new SivisError('MALFORMED');
  }
  return new SivisError('INTERNAL');
}

/** Sends an error in the words of the list, in Latvian unless English is asked for. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: SivisError): FastifyReply {
  const words = ERRORS[error.code];
  const english = /^\s*en\b/i.test(request.headers['accept-language'] ?? '');
  const retryAfter = error.detail['retryAfter'];
  if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter));
  return reply
    .status(words.status)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      code: error.code,
      message: english ? words.en : words.lv,
      detail: error.detail,
      requestId: request.id,
    });
}
