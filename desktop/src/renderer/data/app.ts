import './strictZod.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { SessionUser } from '@sivis/shared/protocol/messages.ts';
import { jsonEqual } from '@sivis/shared/docs/json.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import { systemClock } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { createHost, type Host } from '../host/index.ts';
import { dexieStorage } from './db/dexie.ts';
import { railCounts } from './desk/railCounts.ts';
import type { CommandResult } from './desk/commands.ts';
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
import { withDisk, type DeskNotice } from './deskNotices.ts';
import { DESK_LIMITS } from './limits.ts';
import { searchAtService } from './search/serviceSearch.ts';
import { personAnswer, serviceAnswer, type SearchAnswer } from './search/searchAnswers.ts';
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
import { watchIdle } from './session/idleLock.ts';
import { createOwnTotp, type OwnTotp } from './session/ownTotp.ts';
import { createOidcSignIn, type OidcSignIn } from './session/oidcSignIn.ts';
import {
  createSession,
  type ExportResult,
  type SessionManager,
  type SignInMore,
  type SignInResult,
  type TotpBeginResult,
} from './session/session.ts';
import { openWork, type OpenWork } from './session/work.ts';
import { browserSocket } from './net/browserSocket.ts';
import { createStatus, NO_STATUS, type SyncStatus } from './status.ts';
import { setCurrentWork } from './work.ts';

/** The person as the shell shows her. */
export interface ShellUser {
  readonly id: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

export type ShellSession =
  | { readonly state: 'starting' }
  | { readonly state: 'signedOut' }
  | { readonly state: 'locked'; readonly user: ShellUser }
  | { readonly state: 'open'; readonly user: ShellUser };

/** What the data layer gives to the shell (`app/context.ts` describes the same from the other side) and to modules. */
export interface DeskApp {
  readonly host: 'browser' | 'electron';
  readonly session: {
    readonly session: Live<ShellSession>;
    signIn(user: string, password: string, more?: SignInMore): Promise<SignInResult>;
    beginTotp(user: string, password: string): Promise<TotpBeginResult>;
    startAnew(user: string, password: string): Promise<SignInResult>;
    unlock(password: string, totp?: string): Promise<SignInResult>;
    exportPending(user: string | null, password: string): Promise<ExportResult>;
    lock(): void;
    signOut(): Promise<void>;
  };
  readonly enrolment: Enrolment;
  readonly totp: OwnTotp;
  readonly oidc: OidcSignIn;
  /** Calls to the service in the name of this desk alone. */
  readonly send: Send;
  readonly sync: { readonly status: Live<SyncStatus>; syncNow(): Promise<void> };
  readonly search: {
    readonly revision: Live<number>;
    query(text: string, signal: AbortSignal): Promise<SearchAnswer>;
    queryService(text: string, signal: AbortSignal): Promise<SearchAnswer | null>;
  };
  readonly undo: {
    readonly next: Live<{ readonly undo: string | null; readonly redo: string | null }>;
    undo(): Promise<string>;
    redo(): Promise<string>;
  };
  readonly workstation: Live<{ readonly name: string; readonly site: string }>;
  readonly counts: Live<Readonly<Record<string, number>>>;
  readonly notices: Live<readonly DeskNotice[]>;
  understood(notice: DeskNotice): void;
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
const STORAGE_LOOK_MS = 60_000;
const RESULTS = 20;
/** The sign-in is not held up longer than this by a service that is slow to say whether it knows the desk. */
const ENROL_WAIT_MS = 1_500;
/** The search of the shell and of its palette, in the audit log. */
const SEARCH_SCREEN = 'search';

let current: DeskApp | null = null;

/** The app of this page, for modules; throws before it was created. */
export function deskApp(): DeskApp {
  if (current === null) throw new Error('the data layer is not started');
  return current;
}

function toShellUser(user: SessionUser): ShellUser {
  return { id: user.id, displayName: user.name, roles: [user.role] };
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
  const sessions = createSession({
    keyring,
    send,
    link,
    clock,
    ownClock: systemClock,
    mostOfflineMs: host.offlineSignInDays === null ? undefined : host.offlineSignInDays * 86_400_000,
    device,
    deskUnknown: () => void enrolment.look(),
    pendingOf: (opened, recoveryKey) =>
      pendingOfKey(opened, storage, { recoveryKey, deskKey: key, deviceId: device.id, nowMs: clock.now() }),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    openWork: ({ user, key: opened, api, rightsChanged }) =>
      openWork({
        user,
        key: opened,
        api,
        sign: (text) => signatureOf(key, text),
        device,
        host,
        link,
        clock,
        timers,
        storage,
        random: () => Math.random(),
        rightsChanged,
        openSocket: browserSocket(baseUrl),
      }),
  });
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
    ...shellPorts(sessions, link.state, host, device, openPerson, eraseWaits),
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

type ShellPorts = Pick<
  DeskApp,
  'session' | 'sync' | 'search' | 'undo' | 'workstation' | 'counts' | 'notices' | 'understood'
>;

function shellPorts(
  sessions: SessionManager,
  linkState: Live<SyncStatus['link']>,
  host: Host,
  device: Device,
  openPerson: (personId: string) => void,
  eraseWaits: Live<number | null>,
): ShellPorts {
  const session = liveValue<ShellSession>({ state: 'starting' });
  const status = liveValue<SyncStatus>(NO_STATUS);
  const undoNext = liveValue<{ undo: string | null; redo: string | null }>({ undo: null, redo: null });
  const counts = liveValue<Readonly<Record<string, number>>>({});
  const workstation = liveValue({ name: '', site: '' });
  const storagePct = liveValue(0);
  const notices = liveValue<readonly DeskNotice[]>([]);
  const revision = liveValue(0);
  let work: OpenWork | null = null;
  let endWork: (() => void) | null = null;

  sessions.state.subscribe((now) => {
    if (now.state === 'changing') session.set({ state: 'starting' });
    else session.set(now.state === 'signedOut' ? now : { state: now.state, user: toShellUser(now.user) });
  });
  device.name.subscribe((name) => {
    workstation.set({ name, site: workstation.get().site });
  });
  linkState.subscribe((link) => {
    if (work === null) status.set({ ...NO_STATUS, link, hasSynced: true });
  });

  async function lookAtStorage(): Promise<void> {
    const { usage, quota } = await host.storage().catch(() => ({ usage: 0, quota: 0 }));
    const free = await host.diskFree().catch(() => null);
    if (work !== null) notices.set(withDisk(notices.get(), free));
    storagePct.set(quota === 0 ? 0 : Math.min(100, Math.round((usage / quota) * 100)));
  }

  function openFor(opened: OpenWork): () => void {
    const { inbox, desk, commands, user, subject } = opened.work;
    let today = rigaDate(opened.work.now());
    const shown = createStatus({
      link: linkState,
      sync: opened.sync.state,
      pending: opened.pending.pending,
      conflicts: inbox.conflicts,
      rejections: inbox.rejections,
      storagePct,
      logWitness: opened.work.logWitness.state,
      replicates: opened.replicates,
    });
    const count = (): void => {
      const { conflicts, rejectedOps, heldOps } = status.get();
      const next = railCounts(desk, subject, today, conflicts + rejectedOps + heldOps);
      if (!jsonEqual(next, counts.get())) counts.set(next);
    };
    const nameSite = (): void => {
      const site = user.siteIds
        .map((id) => desk.get('site', id)?.fields.name)
        .find((name) => name !== undefined);
      const now = workstation.get();
      if (site !== undefined && site !== now.site) workstation.set({ ...now, site });
    };
    const ends = [
      shown.status.subscribe((now) => {
        status.set(now);
        count();
      }),
      desk.changed.on(({ kinds }) => {
        if (kinds.has('person') || kinds.has('contact')) revision.set(revision.get() + 1);
        count();
        nameSite();
      }),
      opened.work.today.subscribe((day) => {
        today = day;
        count();
      }),
      commands.undoState.subscribe((now) => {
        undoNext.set(now);
      }),
      watchIdle(
        document,
        systemTimers,
        () => systemClock.now(),
        host.lockAfterMinutes * 60_000,
        sessions.lock,
      ),
    ];
    const { recovered } = opened.work;
    notices.set(recovered === null ? [] : [{ kind: 'recovered', ...recovered }]);
    ends.push(
      eraseWaits.subscribe((count) => {
        const others = notices.get().filter((notice) => notice.kind !== 'eraseWaits');
        notices.set(count === null ? others : [...others, { kind: 'eraseWaits', count }]);
      }),
    );
    nameSite();
    const look = setInterval(() => void lookAtStorage(), STORAGE_LOOK_MS);
    void lookAtStorage();
    return () => {
      clearInterval(look);
      for (const end of ends) end();
      shown.close();
      undoNext.set({ undo: null, redo: null });
      counts.set({});
      notices.set([]);
    };
  }

  sessions.work.subscribe((now) => {
    endWork?.();
    endWork = null;
    work = now;
    if (now !== null) {
      setCurrentWork(now.work);
      endWork = openFor(now);
      return;
    }
    // Screens that are about to be taken away may still read once more.
    void sessions.settled().then(() => {
      if (work === null) setCurrentWork(null);
    });
  });

  function queryHere(
    { search, searches }: OpenWork['work'],
    text: string,
    signal: AbortSignal,
  ): SearchAnswer {
    const found = search.query(text, RESULTS);
    const personIds = found.hits.map(({ person }) => person.id);
    searches.typed({ screen: SEARCH_SCREEN, text, total: found.total, personIds });
    const drop = (): void => {
      searches.dropped(SEARCH_SCREEN);
    };
    signal.addEventListener('abort', drop, { once: true });
    return personAnswer(found, (id) => {
      // Whoever chooses has searched, however quickly.
      signal.removeEventListener('abort', drop);
      void searches.settle();
      openPerson(id);
    });
  }

  async function takeBack(way: 'undo' | 'redo'): Promise<string> {
    const done = (await work?.work.commands[way]()) ?? null;
    if (done?.result.ok === true) return done.label;
    throw new UndoError(done?.result ?? null);
  }

  return {
    session: {
      session,
      signIn: sessions.signIn,
      beginTotp: sessions.beginTotp,
      startAnew: sessions.startAnew,
      unlock: sessions.unlock,
      exportPending: sessions.exportPending,
      lock: sessions.lock,
      signOut: sessions.signOut,
    },
    sync: {
      status,
      syncNow: async () => {
        await work?.sync.syncNow();
      },
    },
    search: {
      revision,
      query: (text, signal) =>
        Promise.resolve(
          work === null || signal.aborted ? { results: [], total: 0 } : queryHere(work.work, text, signal),
        ),
      queryService: async (text, signal) => {
        if (work === null) return null;
        const answer = await searchAtService(work.work, SEARCH_SCREEN, text, RESULTS, signal);
        return answer === null ? null : serviceAnswer(answer, openPerson);
      },
    },
    undo: { next: undoNext, undo: () => takeBack('undo'), redo: () => takeBack('redo') },
    workstation,
    counts,
    notices,
    understood(notice) {
      notices.set(notices.get().filter((other) => other !== notice));
    },
  };
}

const UNDO_CODES = { nothing: 'UNDO_NOTHING', stale: 'UNDO_STALE', rules: 'UNDO_RULES' } as const;

/** The act was not taken back: there is none, somebody went on from it, or rules forbid it now. */
export class UndoError extends Error {
  readonly code: 'UNDO_NOTHING' | 'UNDO_STALE' | 'UNDO_RULES';
  /** The rules that forbid it. */
  readonly violations: readonly Violation[];
  constructor(refused: Extract<CommandResult, { ok: false }> | null) {
    const code = UNDO_CODES[refused?.reason ?? 'nothing'];
    super(code);
    this.name = 'UndoError';
    this.code = code;
    this.violations = refused?.violations.map(({ violation }) => violation) ?? [];
  }
}
