import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { totpStateSchema, type TotpStateView } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { z } from 'zod';
import { readLive } from '../live.ts';
import type { OpenWork } from './work.ts';
import type { SessionManager, TotpBeginResult } from './manager.ts';
import { refusalOf, type SignInFailure } from './signInAtService.ts';

/** The second factor of who is signed in. Nothing rejects: a failure comes back by its reason. */
export interface OwnTotp {
  /** `null` while the service does not answer. */
  readonly standing: () => Promise<TotpStateView | null>;
  readonly begin: (password: string, code?: string) => Promise<TotpBeginResult>;
  readonly confirm: (code: string) => Promise<SignInFailure | null>;
  readonly remove: (code: string) => Promise<SignInFailure | null>;
}

const done = z.strictObject({ ok: z.boolean() });

export function createOwnTotp(sessions: Pick<SessionManager, 'work' | 'beginTotp'>): OwnTotp {
  const api = (): OpenWork['work']['api'] | null => readLive(sessions.work)?.work.api ?? null;

  async function change(path: string, code: string): Promise<SignInFailure | null> {
    try {
      const answer = await api()?.call(path, { code }, done);
      return answer === undefined ? 'serverDown' : null;
    } catch (error) {
      return error instanceof SivisError ? refusalOf(error) : 'serverDown';
    }
  }

  return {
    async standing() {
      const answer = api()?.call(PATHS.totpState, undefined, totpStateSchema, { method: 'GET' });
      return answer === undefined ? null : answer.catch(() => null);
    },
    async begin(password, code) {
      const user = readLive(sessions.work)?.work.user.user;
      return user === undefined
        ? { ok: false, reason: 'serverDown' }
        : sessions.beginTotp(user, password, code);
    },
    confirm: (code) => change(PATHS.totpConfirm, code),
    remove: (code) => change(PATHS.totpRemove, code),
  };
}
