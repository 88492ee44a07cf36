import { SivisError } from '@sivis/shared/protocol/errors.ts';

/** No answer came: there is no connection, or the service took too long. Nothing is known to have happened. */
export class NoAnswerError extends Error {
  readonly code: 'UNREACHABLE' | 'TIMEOUT' | 'ABORTED';
  constructor(code: 'UNREACHABLE' | 'TIMEOUT' | 'ABORTED') {
    super(code);
    this.name = 'NoAnswerError';
    this.code = code;
  }
}

/** What a failed call says about the link. */
export type LinkReport = 'ok' | 'unreachable' | 'timeout' | 'serverDown' | 'authRequired' | 'versionBlocked';

/** How an error of a call counts for the link; an error that is about the call itself means that the link is well. */
export function linkReportOf(error: unknown): LinkReport {
  if (error instanceof NoAnswerError) return error.code === 'TIMEOUT' ? 'timeout' : 'unreachable';
  if (error instanceof SivisError) {
    switch (error.code) {
      case 'UNAUTHENTICATED':
      case 'DPOP_INVALID':
      case 'DPOP_NONCE':
      case 'DEVICE_UNKNOWN':
        return 'authRequired';
      case 'CLIENT_TOO_OLD':
      case 'UNKNOWN_VERSION':
        return 'versionBlocked';
      case 'INTERNAL':
      case 'UNAVAILABLE':
      case 'STORE_FULL':
        return 'serverDown';
      default:
        return 'ok';
    }
  }
  return 'ok';
}
