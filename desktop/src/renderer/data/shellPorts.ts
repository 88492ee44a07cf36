import type { Role } from '@sivis/shared/access/roles.ts';
import type { SessionUser } from '@sivis/shared/protocol/messages/signIn.ts';
import { jsonEqual } from '@sivis/shared/docs/json.ts';
import type { Violation } from '@sivis/shared/rules/violation.ts';
import { systemClock } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type { Host } from '../host/index.ts';
import { railCounts } from './desk/railCounts.ts';
import type { CommandResult } from './desk/commands.ts';
import { liveValue, type Live, type LiveValue } from './live.ts';
import { systemTimers } from './net/timers.ts';
import { withDisk, withNotice, type DeskNotice } from './deskNotices.ts';
import { searchAtService } from './search/serviceSearch.ts';
import { personAnswer, serviceAnswer, type SearchAnswer } from './search/searchAnswers.ts';
import type { Device } from './session/device.ts';
import { watchIdle } from './session/idleLock.ts';
import type {
  ExportResult,
  SessionManager,
  SignInMore,
  SignInResult,
  TotpBeginResult,
} from './session/manager.ts';
import type { OpenWork } from './session/work.ts';
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
  | { readonly state: 'locked'; readonly user: ShellUser; readonly why?: 'leaseExpired' | 'clockSkew' }
  | { readonly state: 'open'; readonly user: ShellUser };

/** What the shell shows of the session and of the work that is open in it. */
export interface ShellPorts {
  readonly session: {
    readonly session: Live<ShellSession>;
    signIn(user: string, password: string, more?: SignInMore): Promise<SignInResult>;
    beginTotp(user: string, password: string): Promise<TotpBeginResult>;
    startAnew(user: string, password: string): Promise<SignInResult>;
    unlock(password: string, totp?: string): Promise<SignInResult>;
    exportPending(user: string | null, password: string): Promise<ExportResult>;
    freshStore(user: string | null, password: string): Promise<SignInResult>;
    keyRequest(user: string): Promise<{ readonly name: string; readonly text: string } | null>;
    lock(): void;
    signOut(): Promise<void>;
  };
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
}

const STORAGE_LOOK_MS = 60_000;
const RESULTS = 20;
/** The search of the shell and of its palette, in the audit log. */
const SEARCH_SCREEN = 'search';

function toShellUser(user: SessionUser): ShellUser {
  return { id: user.id, displayName: user.name, roles: [user.role] };
}

/** The shell's ports over the session: they follow whatever work is open, and are empty while there is none. */
export function shellPorts(
  sessions: SessionManager,
  linkState: Live<SyncStatus['link']>,
  host: Host,
  device: Device,
  openPerson: (personId: string) => void,
  eraseWaits: Live<number | null>,
  diskFree: LiveValue<number | null>,
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
    else session.set(now.state === 'signedOut' ? now : { ...now, user: toShellUser(now.user) });
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
    diskFree.set(free);
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
        notices.set(withNotice(notices.get(), 'eraseWaits', count === null ? null : { count }));
      }),
      sessions.lease.subscribe((lease) => {
        const ending = lease?.ending === true ? { untilMs: lease.untilMs } : null;
        notices.set(withNotice(notices.get(), 'leaseEnding', ending));
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
      freshStore: sessions.freshStore,
      keyRequest: sessions.keyRequest,
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
