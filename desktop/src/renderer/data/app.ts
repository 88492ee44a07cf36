import './strictZod.ts';
import { systemClock } from '@sivis/shared/time/clock.ts';
import { shellPorts, type ShellPorts } from './shellPorts.ts';
import { createHost, type Host } from '../host/index.ts';
import { dexieStorage } from './db/dexie.ts';
import { DRAFT_FORMS, type DraftForm, type Drafts } from './desk/drafts.ts';
import { hostDerive, hostSecret } from './keys/hostKeys.ts';
import { KDF_PARAMS } from './keys/kdf.ts';
import { createKeyring } from './keys/keyring.ts';
import { hostSlots } from './keys/slotStore.ts';
import { liveValue, readLive, type Live } from './live.ts';
import { createDeskClock } from './net/deskClock.ts';
import { linkReportOf } from './net/failure.ts';
import { indexedDbShelf, newDeskKey, openDeskKey, signatureOf } from './net/deskKey.ts';
import { createSend, type Send } from './net/http.ts';
import { createLink } from './net/link.ts';
import { systemTimers } from './net/timers.ts';
import { isDiskFull } from './deskNotices.ts';
import { DESK_LIMITS } from './limits.ts';
import type { ReadOnly } from './readOnly.ts';
import { holdDeviceId, openDevice, type Device } from './session/device.ts';
import { pendingOfKey } from './export/pendingOfKey.ts';
import {
  beginErase,
  finishErase,
  mayErase,
  noteUnsent,
  unsentHere,
  type EraseDataParts,
} from './session/erase.ts';
import { destroyDeskData, forgetDesk } from './session/eraseHere.ts';
import { createEnrolment, type Enrolment } from './session/enrolment.ts';
import { createOwnTotp, type OwnTotp } from './session/ownTotp.ts';
import { createOidcSignIn, type OidcSignIn } from './session/oidcSignIn.ts';
import type { SessionManager } from './session/manager.ts';
import { createSession } from './session/session.ts';
import { openWork, type OpenWork } from './session/work.ts';
import { browserSocket } from './net/browserSocket.ts';

/** What the data layer gives to the shell (`app/context.ts` describes the same from the other side) and to modules. */
export interface DeskApp extends ShellPorts {
  readonly host: 'browser' | 'electron';
  readonly enrolment: Enrolment;
  readonly totp: OwnTotp;
  readonly oidc: OidcSignIn;
  /** Calls to the service in the name of this desk alone. */
  readonly send: Send;
  /** Kinds of forms that were begun and neither saved nor given up. */
  unfinished(): readonly DraftForm[];
  now(): number;
  readonly preferences: { get(): string | null; set(value: string): void };

  /** All that is open while somebody works; `null` while signed out or locked. Screens use `currentWork()`. */
  readonly work: Live<OpenWork | null>;
  readonly device: Device;
  readonly sessions: SessionManager;
  /** What the host stands on and cannot promise. */
  readonly platform: Host;
}

export interface AppOptions {
  /** Opens a person's card; the address holds the opaque id only. */
  readonly openPerson?: (personId: string) => void;
  readonly host?: Host;
  /** A one-time code with which this desk enrols itself when the service does not know it. */
  readonly enrolCode?: string | null;
}

const PREFERENCES_KEY = 'sivis-preferences';
/** The sign-in is not held up longer than this by a service that is slow to say whether it knows the desk. */
const ENROL_WAIT_MS = 1_500;

let current: DeskApp | null = null;

/** The app of this page, for modules; throws before it was created. */
export function deskApp(): DeskApp {
  if (current === null) throw new Error('the data layer is not started');
  return current;
}

/**
 * Puts the data layer together for the page: host, keys, link, session, and what the shell shows of them. Nothing is
 * opened before somebody signs in. Call it once per page.
 */
export async function createAppContext(options: AppOptions = {}): Promise<DeskApp> {
  const host = options.host ?? (await createHost());
  const hold = await host.holdDesk();
  if (hold === 'second-window') throw new SecondWindowError();
  void host.persist();
  const openPerson =
    options.openPerson ??
    ((personId: string): void => {
      location.hash = `#/klienti/${personId}`;
    });

  const baseUrl = host.serverUrl ?? '';
  const timers = systemTimers;
  const clock = createDeskClock(systemClock);
  // A key that cannot be read is left as it is; the service will not know this desk and its people can work offline.
  const shelf = indexedDbShelf(indexedDB);
  const key = await openDeskKey(shelf).catch(newDeskKey);
  const send = createSend(baseUrl, globalThis.fetch.bind(globalThis), () => systemClock.now(), host.version, {
    key,
    clock,
  });
  const link = createLink({
    probe: async () => {
      await send({ path: '/healthz', method: 'GET', timeoutMs: DESK_LIMITS.probeMs });
    },
    reportOf: linkReportOf,
    timers,
    random: () => Math.random(),
    skewed: clock.skewed,
  });
  link.start();
  for (const hint of ['online', 'offline'] as const) {
    globalThis.addEventListener(hint, () => {
      link.probeNow();
    });
  }

  const slots = hostSlots(host.keystore);
  const erase: EraseDataParts = {
    store: localStorage,
    now: () => systemClock.now(),
    destroyKeys: () => slots.clear(),
    destroyData: () => destroyDeskData(host),
    forgetDesk: () => forgetDesk(),
    send,
  };
  // Before anything is opened: an erasure that was begun is carried out first.
  const erased = await finishErase(erase);
  if (erased === 'done') {
    location.reload();
    return new Promise(() => undefined);
  }
  await holdDeviceId(localStorage, shelf).catch(() => undefined);
  const device = openDevice(localStorage);
  const enrolment = createEnrolment({ send, clock, device, store: localStorage });
  await enrolAtStart(enrolment, options.enrolCode ?? null);
  link.state.subscribe((state) => {
    // Also when the session was ended: perhaps with an order to this desk.
    if (state === 'online' || state === 'authRequired') void enrolment.look();
  });
  setInterval(() => {
    if (erased === 'waits') {
      void finishErase(erase).then((now) => {
        if (now === 'done') location.reload();
      });
    } else if (readLive(link.usable)) void enrolment.look();
  }, DESK_LIMITS.orderLookMs);
  const keyring = createKeyring(slots, hostDerive(host), KDF_PARAMS, hostSecret(host));
  const storage = dexieStorage();
  const readOnly = liveValue<ReadOnly | null>(null);
  const sessions = createSession({
    keyring,
    send,
    link,
    clock,
    ownClock: systemClock,
    serviceKey: enrolment.serviceKey,
    mostOfflineMs: host.offlineSignInDays === null ? undefined : host.offlineSignInDays * 86_400_000,
    device,
    deskUnknown: () => void enrolment.look(),
    pendingOf: (opened, store, recoveryKey) => {
      const ports = { recoveryKey, deskKey: key, deviceId: device.id, nowMs: clock.now() };
      return pendingOfKey(opened, storage, host.journal, ports, store);
    },
    timers,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    openWork: ({ user, key: opened, store, api, rightsChanged }) =>
      openWork({
        user,
        key: opened,
        store,
        api,
        sign: (text) => signatureOf(key, text),
        device,
        host,
        link,
        clock,
        timers,
        storage,
        random: () => Math.random(),
        readOnly,
        rightsChanged,
        openSocket: browserSocket(baseUrl),
      }),
  });
  const diskFree = liveValue<number | null>(null);
  const judgeReadOnly = (): void => {
    const ending = readLive(sessions.lease)?.ending === true;
    readOnly.set(isDiskFull(diskFree.get()) ? 'diskFull' : ending ? 'leaseEnding' : null);
  };
  sessions.lease.subscribe(judgeReadOnly);
  diskFree.subscribe(judgeReadOnly);
  setInterval(sessions.look, DESK_LIMITS.leaseLookMs);
  host.onLock(() => {
    sessions.lock();
  });
  const eraseWaits = liveValue<number | null>(null);
  let began = false;
  const obey = (): void => {
    const order = readLive(enrolment.erase);
    const waiting = Object.values(unsentHere(localStorage)).reduce((sum, count) => sum + count, 0);
    eraseWaits.set(order === null ? null : waiting);
    if (order === null || began || !mayErase(order, localStorage)) return;
    began = true;
    sessions.lock();
    void beginErase(order, erase).finally(() => {
      location.reload();
    });
  };
  enrolment.erase.subscribe(obey);
  sessions.work.subscribe((now) => {
    now?.pending.pending.subscribe(({ count }) => {
      noteUnsent(localStorage, now.place, count);
      obey();
    });
  });

  let drafts: Drafts | null = null;
  sessions.work.subscribe((now) => {
    drafts = now?.work.drafts ?? null;
  });
  const unfinished = (): DraftForm[] => {
    const begun = new Set(drafts?.keys().map((key) => key.split('/')[0]));
    return DRAFT_FORMS.filter((form) => begun.has(form));
  };
  const app: DeskApp = {
    host: host.kind,
    enrolment,
    totp: createOwnTotp(sessions),
    oidc: createOidcSignIn(sessions, enrolment.oidc, host),
    send,
    ...shellPorts(sessions, link.state, host, device, openPerson, eraseWaits, diskFree),
    unfinished,
    now: () => clock.now(),
    preferences: {
      get: () => localStorage.getItem(PREFERENCES_KEY),
      set: (value) => {
        localStorage.setItem(PREFERENCES_KEY, value);
      },
    },
    work: sessions.work,
    device,
    sessions,
    platform: host,
  };
  current = app;
  return app;
}

/** Asks how this desk stands, and enrols it by the code that its start was given; waits for the service a moment only. */
async function enrolAtStart(enrolment: Enrolment, code: string | null): Promise<void> {
  const asked = enrolment.look().then(async () => {
    const standing = readLive(enrolment.standing);
    if (code !== null && (standing === 'unknown' || standing === 'open')) await enrolment.enrol(code);
  });
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, ENROL_WAIT_MS))]);
}

/** Another window of this desk has the data open. */
export class SecondWindowError extends Error {
  readonly code = 'SECOND_WINDOW';
  constructor() {
    super('another window of this desk is open');
    this.name = 'SecondWindowError';
  }
}
