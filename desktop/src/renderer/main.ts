import './ui/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import Broken from './app/Broken.svelte';
import type { AppContext } from './app/context.ts';
import { enrolCode, oidcState } from './app/startAddress.ts';
import { startRouter } from './app/router.svelte.ts';
import { screens } from './app/screens.ts';
import { firstAdminToken } from './modules/fleet/index.ts';

/** What the data layer promises to the shell. */
interface DataLayer {
  readonly createAppContext: (options: { enrolCode: string | null }) => AppContext | Promise<AppContext>;
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

// Read before the router looks at the address; token and code stand in the fragment only and reach no log.
const firstToken = firstAdminToken(location.hash);
const code = enrolCode(location.hash);
const oidcCode = oidcState(location.hash);
if (code !== null || oidcCode !== null) history.replaceState(null, '', '#/');
startRouter();
try {
  // A chunk of its own, so that the sign-in is drawn while the database is still on its way.
  const [load] = Object.values(import.meta.glob<DataLayer>('./data/app.ts'));
  if (!load) throw new Error('the data layer is missing');
  const { createAppContext } = await load();
  const context = await createAppContext({ enrolCode: code });
  mount(App, { target, props: { context, screens, firstToken, oidcCode } });
} catch (error) {
  mount(Broken, { target, props: { error } });
}
