import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { tokensSchema, type Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { DeskClock } from './deskClock.ts';
import { readAnswer, type Send } from './http.ts';

/** The access token in memory and the refresh token behind it. */
export interface TokenSource {
  /**
   * A token that holds for at least a minute; renewed when it does not, by one call however many ask. `renew` asks
   * for a new one even if the present looks good. Rejects with `UNAUTHENTICATED` when a person must sign in.
   */
  access(renew?: boolean): Promise<string>;
}

export interface TokenPorts {
  readonly send: Send;
  readonly clock: DeskClock;
  /** The refresh token that is kept sealed; `null` when there is none. */
  refreshToken(): string | null;
  /** Keeps new tokens durably before they are used: the old refresh token is dead from now on. */
  keep(tokens: Tokens): Promise<void>;
  /** The service has ended the session: by sign-out elsewhere, a disabled user, a revoked desk. */
  ended?(): void;
}

/** Tokens of one signed-in user. `first` are the tokens of a sign-in just made, `null` after an unlock. */
export function createTokenSource(ports: TokenPorts, first: Tokens | null): TokenSource {
  let current = first;
  let renewing: Promise<Tokens> | null = null;

  async function renew(): Promise<Tokens> {
    const refreshToken = ports.refreshToken();
    if (refreshToken === null) throw new SivisError('UNAUTHENTICATED');
    const answer = await ports
      .send({ path: PATHS.refresh, body: { refreshToken } })
      .catch((error: unknown) => {
        if (
          error instanceof SivisError &&
          error.code === 'UNAUTHENTICATED' &&
          error.detail['reason'] === 'ended'
        )
          ports.ended?.();
        throw error;
      });
    const tokens = readAnswer(tokensSchema, answer.body);
    ports.clock.observe(tokens.serverTime, answer.sentAt, answer.receivedAt);
    await ports.keep(tokens);
    return tokens;
  }

  const holds = (tokens: Tokens): boolean =>
    Date.parse(tokens.accessExpiresAt) - ports.clock.now() > DESK_LIMITS.refreshAheadMs;

  return {
    async access(force = false) {
      if (renewing === null) {
        if (!force && current !== null && holds(current)) return current.accessToken;
        renewing = renew().finally(() => {
          renewing = null;
        });
      }
      current = await renewing;
      return current.accessToken;
    },
  };
}
