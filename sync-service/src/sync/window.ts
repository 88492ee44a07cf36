import { REPLICA_WINDOW } from '@sivis/shared/access/rights.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Store } from '../store/store.ts';
import { touchReach } from './settle.ts';

const LAST_ROLL = 'window-day';

/**
 * The replica window moves with the day: stays and blocks that left it since the last time, and those that entered it,
 * are offered anew to every desk (which gets a blank, or the document), and with a stay its person, contacts and
 * reservation. Called at start and after each midnight in Riga; does
 * nothing twice for one day.
 */
export async function rollWindow(store: Store, today: PlainDate): Promise<number> {
  return store.write(async (tx) => {
    const last = await tx.meta(LAST_ROLL);
    if (last !== undefined && last >= today) return 0;
    await tx.setMeta(LAST_ROLL, today);
    if (last === undefined) return 0;
    const left = await tx.docsWithEdgeIn(
      'to',
      addDays(last, -REPLICA_WINDOW.back),
      addDays(today, -REPLICA_WINDOW.back),
    );
    const entered = await tx.docsWithEdgeIn(
      'from',
      addDays(last, REPLICA_WINDOW.ahead + 1),
      addDays(today, REPLICA_WINDOW.ahead + 1),
    );
    const moved = [...left, ...entered];
    await tx.touchDocs(moved.map((doc) => doc.id));
    for (const { kind, fields } of moved)
      if (kind === 'stay') await touchReach(tx, fields as unknown as Stay, undefined);
    return moved.length;
  });
}
