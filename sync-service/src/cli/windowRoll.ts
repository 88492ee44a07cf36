import type { Clock } from '@sivis/shared/time/clock.ts';
import { msToNextRigaDay, rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import { rollWindow } from '../sync/window.ts';

/** After midnight, so that a clock that is a moment slow does not roll the day that ends. */
const AFTER_MIDNIGHT_MS = 2_000;

/** A database that did not answer is asked again after this long. */
const RETRY_MS = 60_000;

/** Rolls the replica window now and after each midnight in Riga, until it is stopped. */
export async function keepWindow(store: Store, clock: Clock, log: Logger): Promise<{ stop(): void }> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const roll = async (): Promise<void> => {
    let wait = RETRY_MS;
    try {
      const stays = await rollWindow(store, rigaDate(clock.now()));
      if (stays > 0) log.info({ stays }, 'the window of the desks moved with the day');
      wait = msToNextRigaDay(clock.now()) + AFTER_MIDNIGHT_MS;
    } catch (error) {
      log.error({ err: error }, 'the window of the desks could not be moved; tried again in a minute');
    }
    if (stopped) return;
    timer = setTimeout(() => void roll(), wait);
    timer.unref();
  };
  await roll();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
