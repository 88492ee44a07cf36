import { ERRORS, SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { errorBodySchema } from '@sivis/shared/protocol/messages.ts';
import type { z } from 'zod';
import { DESK_LIMITS } from '../limits.ts';
import { NoAnswerError } from './failure.ts';

/** One call to the service, without anything about who is signed in. */
export interface HttpRequest {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly token?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly body: unknown;
  /** When the call went out and when its answer came, by the desk's own clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * Sends JSON and returns JSON. Throws a {@link SivisError} with the service's code for every answer that is not
 * 2xx, and a {@link NoAnswerError} when none came.
 */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

function codeOf(status: number, body: unknown): SivisError {
  const parsed = errorBodySchema.safeParse(body);
  if (parsed.success && Object.hasOwn(ERRORS, parsed.data.code)) {
    return new SivisError(parsed.data.code as ErrorCode, parsed.data.detail);
  }
  const byStatus = (Object.keys(ERRORS) as ErrorCode[]).find((code) => ERRORS[code].status === status);
  return new SivisError(byStatus ?? (status >= 500 ? 'UNAVAILABLE' : 'INTERNAL'), { status });
}

/**
 * Calls over `fetch`. `baseUrl` has no slash at its end; empty means the page's own origin. `appVersion` is told to
 * the service, so that IT sees which desks are old.
 */
export function createSend(baseUrl: string, fetchFn: typeof fetch, now: () => number, appVersion = ''): Send {
  return async ({ path, method = 'POST', body, token, timeoutMs = DESK_LIMITS.requestMs, signal }) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (appVersion !== '') headers['x-sivis-app'] = appVersion;
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const sentAt = now();
    let response: Response;
    let text: string;
    try {
      response = await fetchFn(`${baseUrl}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // Tokens travel in the header; nothing of a session may come from or go into cookies and caches.
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      text = await response.text();
    } catch {
      if (signal?.aborted === true) throw new NoAnswerError('ABORTED');
      throw new NoAnswerError(timeout.aborted ? 'TIMEOUT' : 'UNREACHABLE');
    }
    const receivedAt = now();
    const json = parseJson(text);
    if (!response.ok) throw codeOf(response.status, json);
    return { body: json, sentAt, receivedAt };
  };
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Reads an answer with its schema; an answer that does not fit is a failure of the service, never taken in part. */
export function readAnswer<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new SivisError('INTERNAL', { field: parsed.error.issues[0]?.path.join('.') ?? '' });
  return parsed.data;
}
