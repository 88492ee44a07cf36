import type { Subject } from '@sivis/shared/access/can.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { ReadTx, SessionRow, UserRow } from '../store/store.ts';

/** Who asks, where, and under which number the request stands in the log. It is an author of audit entries. */
export interface RequestContext {
  readonly subject: Subject;
  readonly user: UserRow;
  readonly deviceId: string;
  /** The key of the desk. */
  readonly thumbprint: string;
  readonly sessionId: string;
  readonly ip: string;
  readonly app: string;
  readonly requestId: string;
  readonly nowMs: number;
}

export function subjectOf(user: UserRow): Subject {
  return { userId: user.id, role: user.role, siteIds: user.siteIds };
}

/**
 * The user of a session that holds now: not ended, not expired, the user not disabled, the device not revoked and still
 * the holder of its key.
 * Asked on every request, so that a revocation needs no waiting. Throws UNAUTHENTICATED.
 */
export async function requireSession(
  tx: ReadTx,
  claims: {
    readonly sessionId: string;
    readonly userId: string;
    readonly deviceId: string;
    readonly thumbprint: string;
  },
  nowMs: number,
): Promise<{ user: UserRow; session: SessionRow }> {
  const session = await tx.session(claims.sessionId);
  const user = await tx.user(claims.userId);
  const device = await tx.device(claims.deviceId);
  const holds =
    session !== undefined &&
    user !== undefined &&
    device !== undefined &&
    session.userId === user.id &&
    session.deviceId === device.id &&
    session.revokedAt === null &&
    Date.parse(session.expiresAt) > nowMs &&
    !user.disabled &&
    !device.revoked &&
    device.keyThumbprint === claims.thumbprint;
  if (!holds) throw new SivisError('UNAUTHENTICATED');
  return { user, session };
}
