import { REPLICA_WINDOW } from '@sivis/shared/access/rights.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Store } from '../store/store.ts';
import { touchReach } from './settle.ts';

const LAST_ROLL = 'window-day';

/**
 * The replica window moves with the day: stays that left it since the last time, and those that entered it, are offered
 * anew to every desk (which gets a blank, or the document). Called at start and after each midnight in Riga; does
 * nothing twice for one day.
 */
export async function rollWindow(store: Store, today: PlainDate): Promise<number> {
  return store.write(async (tx) => {
    const last = await tx.meta(LAST_ROLL);
    if (last !== undefined && last >= today) return 0;
    await tx.setMeta(LAST_ROLL, today);
    if (last === undefined) return 0;
    const left = await tx.staysWithEdgeIn(
      'to',
      addDays(last, -REPLICA_WINDOW.back),
      addDays(today, -REPLICA_WINDOW.back),
    );
    const entered = await tx.staysWithEdgeIn(
      'from',
      addDays(last, REPLICA_WINDOW.ahead + 1),
      addDays(today, REPLICA_WINDOW.ahead + 1),
    );
    const stays = [...left, ...entered];
    await tx.touchDocs(stays.map((doc) => doc.id));
    for (const doc of stays) await touchReach(tx, doc.fields as unknown as Stay, undefined);
    return stays.length;
  });
}
