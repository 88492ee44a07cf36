/**
 * Makes the small demonstration centre in an empty data folder: `node makeCentre.ts FOLDER`. The service itself makes
 * the full one, which takes a desk longer to receive than most tests take.
 */
import { systemClock } from '../../../shared/src/time/clock.ts';
import { openDataFolder } from '../../../sync-service/src/cli/dataFolder.ts';
import { ensureDemo } from '../../../sync-service/src/demo/ensure.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('which folder?');
const folder = await openDataFolder(dataDir);
await ensureDemo(folder.store, { clock: systemClock, dataDir, size: 'small' });
await folder.store.close();
