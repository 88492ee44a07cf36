import { DESK_LIMITS } from '../limits.ts';
import { liveValue, type Live } from '../live.ts';
import type { LinkReport } from './failure.ts';
import type { Timers } from './timers.ts';

/** How the desk stands to the service (ux.md 1.1). */
export type LinkState =
  'online' | 'connecting' | 'offline' | 'serverDown' | 'authRequired' | 'versionBlocked' | 'clockSkew';

export interface LinkPorts {
  /** Asks the service whether it is well; rejects like a call. */
  probe(): Promise<void>;
  /** What a rejected probe or call says. */
  reportOf(error: unknown): LinkReport;
  readonly timers: Timers;
  /** 0 to 1, for the jitter. */
  random(): number;
  readonly skewed: Live<boolean>;
}

export interface Link {
  readonly state: Live<LinkState>;
  /** True while calls may be expected to be answered; sync runs only then. */
  readonly usable: Live<boolean>;
  /** Every call tells how it went. */
  readonly report: (report: LinkReport) => void;
  /** New tokens were given: sign-in is no longer needed. */
  readonly signedIn: () => void;
  /** Probes at once: a hint that the network changed, or a wish of the user. */
  readonly probeNow: () => void;
  readonly start: () => void;
  readonly stop: () => void;
}

/** The pause before the n-th attempt: exponential up to 30 s, of which a random half is taken off. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(DESK_LIMITS.backoffMaxMs, DESK_LIMITS.backoffFirstMs * 2 ** Math.min(attempt, 20));
  return Math.round(full / 2 + (full / 2) * random);
}

/**
 * Supervises the link. The state follows what calls and probes say, never `navigator.onLine` alone: while the
 * service does not answer, it is probed with growing pauses. No answer at all is `offline`; a service that answers
 * wrongly or too late is `serverDown`.
 */
export function createLink(ports: LinkPorts): Link {
  type Reach = 'unknown' | 'ok' | 'unreachable' | 'serverDown';
  let reach: Reach = 'unknown';
  let needsSignIn = false;
  let blocked = false;
  let skewed = false;
  let running = false;
  let attempt = 0;
  let timer: unknown = null;
  let probing = false;
  const state = liveValue<LinkState>('connecting');
  const usable = liveValue(false);

  function derive(): LinkState {
    if (reach === 'unknown') return 'connecting';
    if (reach === 'unreachable') return 'offline';
    if (reach === 'serverDown') return 'serverDown';
    if (blocked) return 'versionBlocked';
    if (needsSignIn) return 'authRequired';
    return skewed ? 'clockSkew' : 'online';
  }

  function publish(): void {
    state.set(running ? derive() : 'connecting');
    usable.set(running && reach === 'ok' && !blocked && !needsSignIn);
  }

  function schedule(): void {
    if (timer !== null) ports.timers.clear(timer);
    timer = null;
    if (!running || reach === 'ok') return;
    timer = ports.timers.set(
      () => {
        timer = null;
        void probe();
      },
      backoffMs(attempt, ports.random()),
    );
    attempt += 1;
  }

  function take(report: LinkReport): void {
    const before = reach;
    switch (report) {
      case 'unreachable':
        reach = 'unreachable';
        break;
      case 'timeout':
      case 'serverDown':
        reach = 'serverDown';
        break;
      case 'authRequired':
        reach = 'ok';
        needsSignIn = true;
        break;
      case 'versionBlocked':
        reach = 'ok';
        blocked = true;
        break;
      case 'ok':
        reach = 'ok';
        break;
    }
    if (reach === 'ok') attempt = 0;
    publish();
    if (reach !== 'ok' && (before === 'ok' || timer === null)) schedule();
    if (reach === 'ok' && timer !== null) {
      ports.timers.clear(timer);
      timer = null;
    }
  }

  async function probe(): Promise<void> {
    if (!running || probing) return;
    probing = true;
    try {
      await ports.probe();
      if (running) take('ok');
    } catch (error) {
      if (running) take(ports.reportOf(error));
    } finally {
      probing = false;
    }
  }

  ports.skewed.subscribe((value) => {
    skewed = value;
    publish();
  });

  return {
    state,
    usable,
    report(report) {
      if (running) take(report);
    },
    signedIn() {
      needsSignIn = false;
      publish();
    },
    probeNow() {
      attempt = 0;
      void probe();
    },
    start() {
      if (running) return;
      running = true;
      reach = 'unknown';
      attempt = 0;
      publish();
      void probe();
    },
    stop() {
      running = false;
      reach = 'unknown';
      needsSignIn = false;
      if (timer !== null) ports.timers.clear(timer);
      timer = null;
      publish();
    },
  };
}
