/** The workstation's whole data layer without its screens: sign-in, encrypted store, replication, projection, search. */
import { createAppContext } from '../../../desktop/src/renderer/data/app.ts';
import { KIND_NAMES } from '../../../shared/src/docs/kinds.ts';
import { offerWork } from '../stopwatch.ts';

/** When the first page was asked for: key derivation and sign-in are over. */
let began = 0;
const ask = window.fetch;
window.fetch = (input, init) => {
  if (began === 0 && typeof input === 'string' && input.endsWith('/pull')) began = performance.now();
  return ask(input, init);
};
const app = await createAppContext();

/** Signs in and waits until the desk holds `documents`; ms from the first page asked for to the last one on disk. */
offerWork(async (user: string, password: string, documents: number) => {
  const answer = await app.session.signIn(user, password);
  if (!answer.ok) throw new Error(`not signed in: ${answer.reason}`);
  return new Promise<number>((resolve) => {
    app.work.subscribe((open) => {
      if (open === null) return;
      const { desk } = open.work;
      const look = (): void => {
        // The projection takes a document when its encrypted row is committed.
        const held = KIND_NAMES.reduce((sum, kind) => sum + desk.all(kind).size, 0);
        if (held >= documents) resolve(performance.now() - began);
      };
      desk.changed.on(look);
      look();
    });
  });
});
