import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { tokensSchema, type Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import type { DeskClock } from '../net/deskClock.ts';
import { linkReportOf, NoAnswerError, type LinkReport } from '../net/failure.ts';
import { readAnswer, type HttpRequest, type Send } from '../net/http.ts';

/** Why a person was not let in; each has its own words on the sign-in screen. */
export type SignInFailure =
  | 'wrong'
  | 'tooMany'
  | 'disabled'
  | 'deskUnknown'
  /** The code of the second factor is needed; it was wrong; there is none yet and the role needs one. */
  | 'totpRequired'
  | 'totpWrong'
  | 'totpSetup'
  /** The sign-in with an account of the organisation failed, or the account has no rights here. */
  | 'oidcFailed'
  | 'oidcNoRole'
  | 'firstTimeOffline'
  | 'leaseExpired'
  /** The lease is another desk's or user's, or was changed. */
  | 'leaseForeign'
  | 'previousPasswordNeeded'
  /** The key of this person on this desk cannot be read now; it is left as it is. */
  | 'keyUnreadable'
  /** The local database of this person does not open; it is left as it is. */
  | 'storeBroken'
  /** Ten wrong passwords: only with the service; twenty: the key is gone. */
  /** The released key is not the one of this person at this desk. */
  | 'releasedKeyWrong'
  | 'serviceNeeded'
  | 'keyDestroyed'
  | 'versionBlocked'
  | 'clockSkew'
  | 'serverDown';

/** What a person signs in with, at which desk. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly device: { readonly id: string; readonly name: string };
  readonly totp?: string;
}

export type LoginAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  /** The service knows this person and says no. */
  | { readonly kind: 'refused'; readonly reason: SignInFailure }
  /** The service said nothing about the person: the desk may open by its own key. */
  | { readonly kind: 'unanswered'; readonly reason: SignInFailure };

export interface LoginPorts {
  readonly send: Send;
  readonly clock: DeskClock;
  readonly report: (report: LinkReport) => void;
}

/** Signs in at the service. Never rejects. */
export async function signInAtService(
  { send, clock, report }: LoginPorts,
  who: Credentials,
  timeoutMs: number,
): Promise<LoginAnswer> {
  return tokensFrom({ send, clock, report }, { path: PATHS.login, body: who, timeoutMs });
}

/** Tokens from any way of signing in. Never rejects. */
export async function tokensFrom(
  { send, clock, report }: LoginPorts,
  request: HttpRequest,
): Promise<LoginAnswer> {
  try {
    const answer = await send(request);
    const tokens = readAnswer(tokensSchema, answer.body);
    clock.observe(tokens.serverTime, answer.sentAt, answer.receivedAt);
    report('ok');
    return { kind: 'tokens', tokens };
  } catch (error) {
    if (error instanceof NoAnswerError) {
      report(linkReportOf(error));
      return { kind: 'unanswered', reason: 'firstTimeOffline' };
    }
    return answerOf(error instanceof SivisError ? error : new SivisError('INTERNAL'), report);
  }
}

/** Why the service refused something before a session. */
export function refusalOf(error: SivisError): SignInFailure {
  return answerOf(error, () => undefined).reason;
}

function answerOf(
  error: SivisError,
  report: (report: LinkReport) => void,
): Exclude<LoginAnswer, { kind: 'tokens' }> {
  switch (error.code) {
    case 'TOO_MANY_REQUESTS':
      return { kind: 'refused', reason: 'tooMany' };
    case 'TOTP_REQUIRED':
      return { kind: 'refused', reason: 'totpRequired' };
    case 'TOTP_WRONG':
      return { kind: 'refused', reason: 'totpWrong' };
    case 'TOTP_SETUP':
      return { kind: 'refused', reason: 'totpSetup' };
    case 'OIDC_FAILED':
      return { kind: 'refused', reason: 'oidcFailed' };
    case 'OIDC_NO_ROLE':
      return { kind: 'refused', reason: 'oidcNoRole' };
    case 'DEVICE_UNKNOWN':
      return { kind: 'refused', reason: 'deskUnknown' };
    case 'FORBIDDEN':
      return { kind: 'refused', reason: 'disabled' };
    case 'CLIENT_TOO_OLD':
    case 'UNKNOWN_VERSION':
      report('versionBlocked');
      return { kind: 'unanswered', reason: 'versionBlocked' };
    case 'INTERNAL':
    case 'UNAVAILABLE':
    case 'STORE_FULL':
      report('serverDown');
      return { kind: 'unanswered', reason: 'serverDown' };
    default:
      return { kind: 'refused', reason: 'wrong' };
  }
}
