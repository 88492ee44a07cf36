import type { Host } from '../../host/index.ts';
import { DESK_KEY_DATABASE } from '../net/deskKey.ts';

/** What stays of the local storage until the receipt was given: the order, the desk's id and name. */
const KEPT = ['sivis-erasing', 'sivis-device', 'sivis-device-name'];

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => {
      resolve();
    };
    request.onerror = () => {
      reject(request.error ?? new Error('a database could not be removed'));
    };
  });
}

/** Removes the journal and every database of this origin but the desk's own key, which signs the receipt. */
export async function destroyDeskData(host: Pick<Host, 'journal'>): Promise<void> {
  await host.journal?.erase(null);
  const databases = await indexedDB.databases();
  const names = databases.flatMap(({ name }) => (name === undefined ? [] : [name]));
  await Promise.all(names.filter((name) => name !== DESK_KEY_DATABASE).map(deleteDatabase));
  for (const key of Object.keys(localStorage)) if (!KEPT.includes(key)) localStorage.removeItem(key);
  sessionStorage.clear();
}

/** Forgets the desk itself. The page must be loaded anew: it holds the key. */
export async function forgetDesk(): Promise<void> {
  localStorage.clear();
  await deleteDatabase(DESK_KEY_DATABASE);
}
