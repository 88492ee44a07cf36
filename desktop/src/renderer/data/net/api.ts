import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { z } from 'zod';
import type { DeskClock } from './deskClock.ts';
import { linkReportOf, NoAnswerError, type LinkReport } from './failure.ts';
import { readAnswer, type HttpRequest, type Send } from './http.ts';
import type { TokenSource } from './tokens.ts';

export interface CallOptions {
  readonly method?: 'GET' | 'POST';
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Calls to the service in the name of the signed-in user. */
export interface Api {
  /**
   * Calls a path and reads the answer with its schema. Rejects with a `SivisError` (the service refused or failed)
   * or a `NoAnswerError`; each call tells the link how it went.
   */
  call<S extends z.ZodType>(
    path: string,
    body: unknown,
    schema: S,
    options?: CallOptions,
  ): Promise<z.infer<S>>;
}

export interface ApiPorts {
  readonly send: Send;
  readonly tokens: TokenSource;
  readonly clock: DeskClock;
  readonly report: (report: LinkReport) => void;
}

function serverTimeOf(body: unknown): string | null {
  const time = (body as { serverTime?: unknown } | null | undefined)?.serverTime;
  return typeof time === 'string' ? time : null;
}

export function createApi({ send, tokens, clock, report }: ApiPorts): Api {
  return {
    async call(path, body, schema, options = {}) {
      const request: HttpRequest = { path, ...(body === undefined ? {} : { body }), ...options };
      try {
        let answer;
        try {
          answer = await send({ ...request, token: await tokens.access() });
        } catch (error) {
          // The token may have been withdrawn before its end; one renewal tells whether the session lives.
          if (!(error instanceof SivisError) || error.code !== 'UNAUTHENTICATED') throw error;
          answer = await send({ ...request, token: await tokens.access(true) });
        }
        const time = serverTimeOf(answer.body);
        if (time !== null) clock.observe(time, answer.sentAt, answer.receivedAt);
        const value = readAnswer(schema, answer.body);
        report('ok');
        return value;
      } catch (error) {
        if (!(error instanceof NoAnswerError && error.code === 'ABORTED')) report(linkReportOf(error));
        throw error;
      }
    },
  };
}
