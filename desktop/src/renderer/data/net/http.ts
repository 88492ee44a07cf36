import { jsonDepth } from '@sivis/shared/docs/json.ts';
import { ERRORS, SivisError, type ErrorCode } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { errorBodySchema } from '@sivis/shared/protocol/messages/errorBody.ts';
import type { z } from 'zod';
import { DESK_LIMITS } from '../limits.ts';
import type { DeskClock } from './deskClock.ts';
import { proofOf, type DeskKey } from './deskKey.ts';
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

/** What a desk proves itself by, and the clock that its proofs follow. */
export interface Binding {
  readonly key: DeskKey;
  readonly clock: DeskClock;
}

/**
 * Calls over `fetch`. `baseUrl` is the service's origin. `appVersion` is told to the service, so that IT sees which
 * desks are old. With a `binding` every call of the interface carries a proof of the desk's key; when the service gives
 * another nonce or time first, the call is made once more.
 */
export function createSend(
  baseUrl: string,
  fetchFn: typeof fetch,
  now: () => number,
  appVersion = '',
  binding: Binding | null = null,
): Send {
  let nonce: string | undefined;

  async function prove(method: string, path: string, token: string | undefined): Promise<string | null> {
    if (binding === null || !path.startsWith('/api/')) return null;
    return proofOf(binding.key, {
      method,
      url: `${baseUrl}${path}`,
      token,
      nonce,
      nowMs: binding.clock.now(),
    });
  }

  const once: Send = async ({
    path,
    method = 'POST',
    body,
    token,
    timeoutMs = DESK_LIMITS.requestMs,
    signal,
  }) => {
    const proof = await prove(method, path, token);
    const timeout = AbortSignal.timeout(timeoutMs);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (appVersion !== '') headers['x-sivis-app'] = appVersion;
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (proof !== null) headers['dpop'] = proof;
    if (token !== undefined) headers['authorization'] = `DPoP ${token}`;
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
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    const json = parseJson(text);
    if (response.ok) return { body: json, sentAt, receivedAt };
    const error = codeOf(response.status, json);
    const { nowMs } = error.detail;
    if (error.code === 'DPOP_NONCE' && typeof nowMs === 'number')
      binding?.clock.observe(new Date(nowMs).toISOString(), sentAt, receivedAt);
    throw error;
  };

  return async (request) => {
    try {
      return await once(request);
    } catch (error) {
      if (binding === null || !(error instanceof SivisError)) throw error;
      // A browser sends a request again by itself when its connection ends before a reply: the same proof comes twice.
      const again = error.code === 'DPOP_NONCE' || error.detail['reason'] === 'repeated';
      if (!again) throw error;
      return once(request);
    }
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

/** Documents stand some levels down in an answer. */
const ANSWER_DEPTH = LIMITS.jsonDepth + 8;

/** Reads an answer with its schema; an answer that does not fit is a failure of the service, never taken in part. */
export function readAnswer<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  // Schemas of JSON call themselves: depth is looked at before.
  if (jsonDepth(body) > ANSWER_DEPTH) throw new SivisError('INTERNAL', { field: '' });
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new SivisError('INTERNAL', { field: parsed.error.issues[0]?.path.join('.') ?? '' });
  return parsed.data;
}
