import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { decide } from '../sync-service/src/http/quarantine.ts';
import { requireSession, subjectOf } from '../sync-service/src/identity/context.ts';
import type { DeskUser } from './desk.ts';
import type { Random } from './random.ts';
import { ServiceDied, type ServiceProcess } from './serviceProcess.ts';

/**
 * Somebody at a desk looks at what is held back and decides about one of it, by the service's own door. Returns what came
 * of it: `accepted`, `discarded`, `open` where it cannot be applied, a code where it was not allowed, `died`, or nothing
 * where nothing lay before him.
 */
export async function superviseOnce(
  service: ServiceProcess,
  desk: { readonly id: string; readonly user: DeskUser },
  random: Random,
  nowMs: number,
): Promise<string | undefined> {
  const { user } = desk;
  const claims = {
    userId: user.id,
    deviceId: desk.id,
    sessionId: user.sessionId,
    thumbprint: user.thumbprint,
  };
  service.arrive();
  try {
    const known = await service.store.read((tx) => requireSession(tx, claims, nowMs));
    const subject = subjectOf(known.user);
    const about = { ip: '', app: 'sim', requestId: '', nowMs };
    const context = { subject, user: known.user, ...claims, ...about };
    const rows = await service.store.read((tx) => tx.quarantineList(true, subject.siteIds, 50));
    if (rows.length === 0) return undefined;
    const { id } = random.pick(rows);
    const wish = { id, accept: random.chance(0.7), reason: 'pārbaudīts' };
    const decision = await decide({ store: service.store, audit: service.audit }, context, wish);
    // The answer was lost, so that it is asked again.
    if (random.chance(0.2)) await decide({ store: service.store, audit: service.audit }, context, wish);
    return decision.state;
  } catch (error) {
    if (error instanceof ServiceDied) return 'died';
    if (error instanceof SivisError) return error.code;
    throw error;
  }
}
