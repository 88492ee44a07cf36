/**
 * `npm start`: sets up what is missing, starts the sync service with a demonstration centre and opens the
 * workstation. Plain JavaScript for Node 20: nothing is installed yet when it begins.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accountTable } from './lib/accounts.mjs';
import { hasScreen, openBrowser } from './lib/browser.mjs';
import { canBuild, ensureBuilt } from './lib/build.mjs';
import { obtainElectron, openElectron } from './lib/electron.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { firstFree, forwardPort, isFree } from './lib/ports.mjs';
import { step } from './lib/progress.mjs';
import { projectNode, ROOT } from './lib/project.mjs';
import { enrolCode, startService } from './lib/service.mjs';
import { DEFAULT_PORT, parseStartArgs, USAGE } from './lib/startArgs.mjs';

const ENTRY = path.join(ROOT, 'sync-service/src/cli/main.ts');

/** A second Ctrl+C is taken as impatience only after this: npm passes the first one on once more. */
const REPEAT_MS = 1_500;

const STOPPED = Symbol('stop asked');

/** The port of the last start: the browser keeps a desk's data by address, so the address should stay. */
function lastPort(data) {
  try {
    const { port } = JSON.parse(readFileSync(path.join(data, 'start.json'), 'utf8'));
    return Number.isInteger(port) ? port : undefined;
  } catch {
    return undefined;
  }
}

function rememberPort(data, port) {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(data, 'start.json'), `${JSON.stringify({ port })}\n`);
}

async function choosePort(options) {
  if (options.port !== undefined) return options.port;
  const wanted = lastPort(options.data) ?? DEFAULT_PORT;
  return firstFree(wanted);
}

async function launchService(options) {
  const port = await choosePort(options);
  return startService({
    node: projectNode(),
    entry: ENTRY,
    data: options.data,
    port,
    statics: path.join(ROOT, 'desktop/out/renderer'),
    demo: options.demo,
  });
}

/** An explicit port that is taken is the user's to free, unless our own service holds it. */
async function refuseTakenPort(options) {
  if (options.port === undefined || (await isFree(options.port))) return;
  if (lastPort(options.data) === options.port) return;
  throw new Failure(
    `Ports ${options.port} ir aizņemts. Aizveriet programmu, kas to lieto, vai norādiet citu: npm start -- --port N`,
  );
}

async function electronFor(node) {
  if (!canBuild('app')) return undefined;
  const binary = await obtainElectron(node);
  if (binary !== undefined) await ensureBuilt('app');
  return binary;
}

/** A one-time code: nobody works at a desk that the service does not know. */
const codeFor = (options) =>
  enrolCode({ node: projectNode(), entry: ENTRY, data: options.data, name: `Darbstacija ${options.desk}` });

/** Opens the workstation where it can be opened, and says where. The desk enrols itself by the code in its address. */
async function openWorkstation(url, options) {
  const shown = options.open && hasScreen();
  if (!shown) {
    if (options.open) console.log('Ekrāna te nav: atveriet adresi pārlūkā.');
    const code = options.demo ? undefined : await codeFor(options);
    if (code !== undefined) console.log(`Pieslēgšanas kods (vienreizējs, 15 minūtes): ${code}`);
    return;
  }
  const binary = await electronFor(projectNode());
  if (binary === undefined) {
    console.log('Electron vides šeit nav, tāpēc darbstacija atveras pārlūkā.');
    const code = await codeFor(options);
    openBrowser(code === undefined ? url : `${url}/#/pieslegt/${code}`);
    return;
  }
  openElectron(binary, url, { desk: options.desk });
}

/** Resolves with STOPPED when the user asks to stop. */
function stopAsked() {
  return new Promise((resolve) => {
    let first = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (first === 0) {
          first = Date.now();
          resolve(STOPPED);
        } else if (Date.now() - first > REPEAT_MS) {
          process.exit(1);
        }
      });
    }
  });
}

async function forwardDesk(serviceUrl, desk) {
  const servicePort = Number(new URL(serviceUrl).port);
  const port = servicePort + desk - 1;
  const forward = await forwardPort(port, servicePort);
  console.log(`Darbstacija ${desk}: http://127.0.0.1:${port}`);
  console.log('Otrai darbstacijai uz šī datora der arī pārlūka privātais logs.');
  return { url: `http://127.0.0.1:${port}`, close: forward.close };
}

function printReady({ url, accounts, adminLink }) {
  console.log(`Darbstacija: ${url}`);
  for (const line of accountTable(accounts)) console.log(line);
  if (adminLink !== null) console.log(`Pirmā administratora saite (vienreizēja): ${adminLink}`);
}

/** Serves until Ctrl+C or until the service ends by itself. */
async function serve(options, asked, service) {
  const begun = await step('Palaiž sinhronizācijas servisu', () => Promise.race([asked, service.outcome]));
  if (begun === STOPPED) return 0;
  const ours = begun.state === 'ready';
  if (ours) {
    rememberPort(options.data, Number(new URL(begun.url).port));
    printReady(begun);
  } else {
    console.log('Sinhronizācijas serviss ar šo datu mapi jau darbojas.');
    console.log(`Darbstacija: ${begun.url}`);
  }
  const desk = options.desk > 1 ? await forwardDesk(begun.url, options.desk) : undefined;
  try {
    await openWorkstation(desk?.url ?? begun.url, options);
    if (!ours && desk === undefined) return 0;
    console.log('Aptur ar Ctrl+C.');
    const end = await Promise.race(ours ? [asked, service.ended] : [asked]);
    if (end === STOPPED) return 0;
    const log = path.join(options.data, 'log', 'service.log');
    throw new Failure(`Sinhronizācijas serviss apstājās (kods ${end}). Žurnāls: ${log}`);
  } finally {
    desk?.close();
  }
}

async function main() {
  const options = parseStartArgs(process.argv.slice(2), {
    root: ROOT,
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  await ensureInstalled();
  await ensureBuilt('web');
  await refuseTakenPort(options);
  const asked = stopAsked();
  const service = await launchService(options);
  let live = true;
  void service.ended.then(() => (live = false));
  try {
    return await serve(options, asked, service);
  } finally {
    if (live) await step('Aptur sinhronizācijas servisu', service.stop);
  }
}

await runMain(main);
