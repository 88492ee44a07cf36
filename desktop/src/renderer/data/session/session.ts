import { PATHS } from '@sivis/shared/protocol/paths.ts';
import {
  oidcBeginResponseSchema,
  totpBeginResponseSchema,
  type SessionUser,
  type Tokens,
} from '@sivis/shared/protocol/messages/signIn.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import { pauseLeft } from '../core/lockout.ts';
import { StoreBrokenError } from '../db/storeBroken.ts';
import type { PendingFile } from '../export/pendingFile.ts';
import type { Keyring, OpenFailure, OpenKey, OpenResult, ServiceKeys } from '../keys/keyring.ts';
import { DESK_LIMITS } from '../limits.ts';
import { liveValue, readLive } from '../live.ts';
import { createApi, type Api } from '../net/api.ts';
import type { DeskClock } from '../net/deskClock.ts';
import { linkReportOf } from '../net/failure.ts';
import { readAnswer, type Send } from '../net/http.ts';
import type { Link } from '../net/link.ts';
import type { Timers } from '../net/timers.ts';
import { createTokenSource, type TokenSource } from '../net/tokens.ts';
import type { Device } from './device.ts';
import { isLeaseHere, leaseAllows, leaseEnded, leaseOf, leaseSeen, readLease, type Lease } from './lease.ts';
import {
  refusalOf,
  signInAtService,
  tokensFrom,
  type Credentials,
  type LoginAnswer,
  type SignInFailure,
} from './signInAtService.ts';
import type { LeaseView, SessionManager, SessionState, SignInMore, SignInResult } from './manager.ts';
import type { OpenWork } from './work.ts';

export interface SessionPorts {
  readonly keyring: Keyring;
  readonly send: Send;
  readonly link: Link;
  readonly clock: DeskClock;
  /** The desk's own clock, uncorrected. */
  readonly ownClock: Clock;
  readonly device: Device;
  /** The service refused a sign-in because it does not know this desk. */
  readonly deskUnknown?: () => void;
  /** The file of what was not sent, out of the closed database and journal of the key; `null` when there is nothing. */
  readonly pendingOf?: (key: OpenKey, store: number, recoveryKey: string) => Promise<PendingFile | null>;
  /** The service's key that this desk learnt at its enrolment; leases are checked by it. */
  readonly serviceKey: () => string | null;
  /** Longest work without the service by the machine's policy, ms; the service's own lease may be shorter. */
  readonly mostOfflineMs?: number | undefined;
  readonly timers: Timers;
  /** Waits; injected for tests. */
  wait(ms: number): Promise<void>;
  openWork(opened: {
    user: SessionUser;
    key: OpenKey;
    /** Which of the person's databases beside each other. */
    store: number;
    api: Api;
    /** The service says that rights changed; who has which now comes with the next tokens. */
    rightsChanged: () => void;
  }): Promise<OpenWork>;
}

/** Why a key did not open, as the person is told. */
const OPEN_FAILURES: Readonly<Record<Exclude<OpenFailure, 'absent'>, SignInFailure>> = {
  unreadable: 'keyUnreadable',
  wrongPassword: 'wrong',
  serviceNeeded: 'serviceNeeded',
  destroyed: 'keyDestroyed',
};

/** Beside the key, sealed: which of the person's databases is in use. */
const STORE = 'store';

/** While the link is known to be down, a sign-in does not wait long for the service. */
const QUICK_LOGIN_MS = 2_500;

interface Open {
  readonly userName: string;
  readonly key: OpenKey;
  readonly tokens: TokenSource;
  readonly api: Api;
  readonly work: OpenWork;
  lease: Lease;
}

export function createSession(ports: SessionPorts): SessionManager {
  const { keyring, send, link, clock, ownClock, device } = ports;
  const state = liveValue<SessionState>({ state: 'signedOut' });
  const work = liveValue<OpenWork | null>(null);
  const leaseView = liveValue<LeaseView | null>(null);
  let open: Open | null = null;
  let lockedUserName: string | null = null;
  /** The locked person's lease says that a password means nothing to the service. */
  let lockedByOidc = false;
  /** Who came back from the provider and has not entered yet. */
  let arrived: Tokens | null = null;
  let lockWhenOpen = false;
  /** One change of the session at a time. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = turn.then(run);
    turn = result.catch(() => undefined);
    return result;
  }

  const no = (reason: SignInFailure): Extract<SignInResult, { ok: false }> => ({ ok: false, reason });

  /** Wrong passwords cost time, more each time (security.md 5.5). */
  async function waitForTurn(userName: string): Promise<number> {
    const { count, atMs } = await keyring.failures(userName).catch(() => ({ count: 0, atMs: 0 }));
    const left = pauseLeft(count, atMs, ownClock.now());
    if (left > 0) await ports.wait(left);
    return count;
  }

  async function storeOf(key: OpenKey): Promise<number> {
    const number = Number(await keyring.readSealed(key, STORE));
    return Number.isInteger(number) && number > 1 ? number : 1;
  }

  async function begin(
    userName: string,
    key: OpenKey,
    lease: Lease,
    first: Tokens | null,
    failures: number,
  ): Promise<SignInResult> {
    let current = leaseSeen(lease, clock);
    await keyring.writeSealed(key, 'session', JSON.stringify(current));
    const tokens = createTokenSource(
      {
        send,
        clock,
        refreshToken: () => current.refreshToken,
        async keep(next) {
          const before = current.user;
          const { oidc } = current;
          current = leaseSeen(
            { ...leaseOf(next, clock.offsetMs), ...(oidc === undefined ? {} : { oidc }) },
            clock,
          );
          if (open?.key === key) open.lease = current;
          look();
          await keyring.writeSealed(key, 'session', JSON.stringify(current));
          // Another role or other sites: what is open was opened under the old ones.
          if (before.role !== next.user.role || before.siteIds.join() !== next.user.siteIds.join()) reopen();
        },
        ended() {
          current = leaseEnded(current);
          if (open?.key === key) open.lease = current;
          link.report('authRequired');
          lock();
        },
      },
      first,
    );
    if (first !== null || lease.refreshToken !== null) link.signedIn();
    const api = createApi({ send, tokens, clock, report: link.report });
    let opened: OpenWork;
    const store = await storeOf(key);
    try {
      opened = await ports.openWork({ user: lease.user, key, store, api, rightsChanged });
    } catch (error) {
      key.cipher.close();
      if (error instanceof StoreBrokenError) return no('storeBroken');
      throw error;
    }
    open = { userName, key, tokens, api, work: opened, lease: current };
    lockedUserName = null;
    for (let count = 0; count < failures; count += 1)
      await opened.work.events.record({ action: 'unlockFailed' });
    await opened.work.events.record({ action: 'unlock' });
    await keyring.forgetFailures(userName);
    if (first === null && lease.refreshToken === null) link.report('authRequired');
    work.set(opened);
    look();
    state.set({ state: 'open', user: lease.user });
    return { ok: true };
  }

  /** Opens the key for tokens that the service just gave. */
  async function keyFor(
    userName: string,
    password: string,
    { previousPassword: previous, releasedKey }: SignInMore,
    service: ServiceKeys,
  ): Promise<OpenResult> {
    if (releasedKey !== undefined) return keyring.recover(userName, releasedKey, password, service);
    const opened = await keyring.open(userName, password, service);
    if (opened.ok) return opened;
    switch (opened.reason) {
      case 'absent':
        return { ok: true, key: await keyring.create(userName, password, service) };
      case 'destroyed':
        return { ok: true, key: await keyring.startAnew(userName, password, service) };
      case 'unreadable':
      case 'serviceNeeded':
        return opened;
      case 'wrongPassword':
        return previous === undefined ? opened : keyring.rewrap(userName, previous, password, service);
    }
  }

  /** Why the lease does not open this desk; `null` when it does. */
  async function refusedBy(lease: Lease): Promise<'leaseExpired' | 'leaseForeign' | 'clockSkew' | null> {
    if (lease.offline === null) return 'leaseExpired';
    if (!(await isLeaseHere(lease, device.id, ports.serviceKey()))) return 'leaseForeign';
    clock.assume(lease.offsetMs);
    const answer = leaseAllows(lease, clock.now(), ports.mostOfflineMs);
    return answer.state === 'open' ? null : answer.state;
  }

  /** While the desk is open. A service that is at hand gives a new lease, and says how late it is. */
  function look(): void {
    if (open === null) return;
    const answer = leaseAllows(open.lease, clock.now(), ports.mostOfflineMs);
    if (answer.state === 'open') {
      const { untilMs, ending } = answer;
      const shown = leaseView.get();
      if (shown?.untilMs !== untilMs || shown.ending !== ending) leaseView.set({ untilMs, ending });
      if (!ending) return;
    }
    if (readLive(link.usable))
      void open.tokens.access(true).catch((error: unknown) => {
        link.report(linkReportOf(error));
      });
    else if (answer.state !== 'open') lockFor(answer.state);
  }

  async function openLocally(
    userName: string,
    password: string,
    failures: number,
    otherwise: SignInFailure,
  ): Promise<SignInResult> {
    const opened = await keyring.open(userName, password);
    if (!opened.ok) return no(opened.reason === 'absent' ? otherwise : OPEN_FAILURES[opened.reason]);
    const lease = readLease(await keyring.readSealed(opened.key, 'session'));
    const refused = lease === null ? otherwise : await refusedBy(lease);
    if (lease === null || refused !== null) {
      opened.key.cipher.close();
      return no(refused ?? otherwise);
    }
    return begin(userName, opened.key, lease, null, failures);
  }

  const deskNow = (): Credentials['device'] => ({ id: device.id, name: device.name.get() });

  function askService(userName: string, password: string, totp?: string): Promise<LoginAnswer> {
    const linkNow = readLive(link.state);
    const who = { user: userName, password, device: deskNow(), ...(totp === undefined ? {} : { totp }) };
    const down = linkNow === 'offline' || linkNow === 'serverDown';
    return signInAtService(
      { send, clock, report: link.report },
      who,
      down ? QUICK_LOGIN_MS : DESK_LIMITS.signInMs,
    );
  }

  /** What follows from an answer of the service about the person. */
  async function take(
    answer: Exclude<LoginAnswer, { kind: 'unanswered' }>,
    userName: string,
    password: string,
    more: SignInMore,
    failures: number,
  ): Promise<SignInResult> {
    if (answer.kind === 'refused') {
      if (answer.reason === 'wrong') await keyring.noteFailure(userName, ownClock.now());
      if (answer.reason === 'deskUnknown') ports.deskUnknown?.();
      return no(answer.reason);
    }
    const { tokens } = answer;
    device.rename(tokens.deviceName);
    const key = await keyFor(userName, password, more, tokens);
    if (key.ok) return begin(userName, key.key, leaseOf(tokens, clock.offsetMs), tokens, failures);
    if (more.releasedKey !== undefined) return no('releasedKeyWrong');
    return no(key.reason === 'wrongPassword' ? 'previousPasswordNeeded' : 'keyUnreadable');
  }

  async function enter(userName: string, password: string, more: SignInMore = {}): Promise<SignInResult> {
    const failures = await waitForTurn(userName);
    const answer = await askService(userName, password, more.totp);
    if (answer.kind !== 'unanswered') return take(answer, userName, password, more, failures);
    const local = await openLocally(userName, password, failures, answer.reason);
    if (!local.ok && local.reason === 'wrong') await keyring.noteFailure(userName, ownClock.now());
    return local;
  }

  /**
   * The keys of what is being closed are forgotten in time, however long the closing takes: what is unsent stands in
   * the database and in the journal already.
   */
  function forgetInTime({ key }: Open): () => void {
    const timer = ports.timers.set(() => {
      key.cipher.close();
    }, DESK_LIMITS.forgetKeysMs);
    return () => {
      ports.timers.clear(timer);
      key.cipher.close();
    };
  }

  /** Ends what is open, except its keys. */
  async function end(closing: Open, last: 'lock' | 'signOut'): Promise<void> {
    const seen = leaseSeen(closing.lease, clock);
    const lease = last === 'lock' ? seen : { ...seen, refreshToken: null };
    try {
      await closing.work.work.events.record({ action: last });
      await keyring.writeSealed(closing.key, 'session', JSON.stringify(lease));
    } finally {
      await closing.work.close();
    }
  }

  /** Opens the key of somebody who is not at work, for one thing alone. */
  function aside<T extends { readonly ok: true }>(
    user: string | null,
    password: string,
    use: (key: OpenKey) => Promise<T | Extract<SignInResult, { ok: false }>>,
  ): Promise<T | Extract<SignInResult, { ok: false }>> {
    return inTurn(async () => {
      const userName = user?.trim() ?? lockedUserName;
      if (userName === null || userName === '' || open !== null) return no('firstTimeOffline');
      await waitForTurn(userName);
      const opened = await keyring.open(userName, password);
      if (!opened.ok) {
        if (opened.reason === 'wrongPassword') await keyring.noteFailure(userName, ownClock.now());
        return no(opened.reason === 'absent' ? 'firstTimeOffline' : OPEN_FAILURES[opened.reason]);
      }
      try {
        return await use(opened.key);
      } finally {
        opened.key.cipher.close();
      }
    });
  }

  /** Opens everything anew under the rights of the lease; the key stays open, nobody is asked for a password. */
  function reopen(): void {
    const closing = open;
    if (closing === null) return;
    open = null;
    state.set({ state: 'changing', user: closing.lease.user });
    work.set(null);
    void inTurn(async () => {
      await closing.work.close();
      const { key, api, lease } = closing;
      try {
        const store = await storeOf(key);
        const opened = await ports.openWork({ user: lease.user, key, store, api, rightsChanged });
        open = { ...closing, work: opened, lease };
        work.set(opened);
        state.set({ state: 'open', user: lease.user });
      } catch {
        key.cipher.close();
        lockedUserName = closing.userName;
        leaseView.set(null);
        state.set({ state: 'locked', user: lease.user });
      }
    }).then(() => {
      if (lockWhenOpen) lock();
    });
  }

  /** The tokens tell what the rights are now; without an answer the next renewal does. */
  function rightsChanged(): void {
    void open?.tokens.access(true).catch(() => undefined);
  }

  const lock = (): void => {
    lockFor();
  };

  function lockFor(why?: 'leaseExpired' | 'clockSkew'): void {
    const closing = open;
    lockWhenOpen = closing === null && readLive(state).state === 'changing';
    if (closing === null) return;
    open = null;
    lockedUserName = closing.userName;
    lockedByOidc = closing.lease.oidc === true;
    state.set({ state: 'locked', user: closing.lease.user, ...(why === undefined ? {} : { why }) });
    work.set(null);
    leaseView.set(null);
    const forget = forgetInTime(closing);
    void inTurn(() => end(closing, 'lock').finally(forget));
  }

  return {
    state,
    work,
    lease: leaseView,
    look,
    signIn: (user, password, more) =>
      inTurn(async () => {
        if (open !== null) return { ok: true };
        return enter(user.trim(), password, more);
      }),
    async beginTotp(user, password, totp) {
      const body = {
        user: user.trim(),
        password,
        device: deskNow(),
        ...(totp === undefined ? {} : { totp }),
      };
      try {
        const answer = await send({ path: PATHS.totpBegin, body });
        return { ok: true, begun: readAnswer(totpBeginResponseSchema, answer.body) };
      } catch (error) {
        const reason = error instanceof SivisError ? refusalOf(error) : 'serverDown';
        return { ok: false, reason };
      }
    },
    async beginOidc(redirect) {
      const body = { device: deskNow(), ...(redirect === undefined ? {} : { redirect }) };
      const answer = await send({ path: PATHS.oidcBegin, body });
      return readAnswer(oidcBeginResponseSchema, answer.body);
    },
    takeOidc: (code, answer) =>
      inTurn(async () => {
        const body = { state: code, device: deskNow(), ...(answer === undefined ? {} : { answer }) };
        const login = await tokensFrom(
          { send, clock, report: link.report },
          { path: PATHS.oidcFinish, body },
        );
        if (login.kind !== 'tokens') return { ok: false, reason: login.reason };
        arrived = login.tokens;
        device.rename(login.tokens.deviceName);
        const { user } = login.tokens;
        const slot = await keyring.state(user.user);
        return { ok: true, arrival: { user, known: slot !== 'absent' && slot !== 'destroyed' } };
      }),
    enterOidc: (passphrase) =>
      inTurn(async () => {
        const tokens = arrived;
        if (tokens === null) return no('oidcFailed');
        const userName = tokens.user.user;
        const failures = await waitForTurn(userName);
        const key = await keyFor(userName, passphrase, {}, tokens);
        if (!key.ok) {
          if (key.reason === 'wrongPassword') await keyring.noteFailure(userName, ownClock.now());
          return no(key.reason === 'wrongPassword' ? 'wrong' : 'keyUnreadable');
        }
        arrived = null;
        return begin(userName, key.key, { ...leaseOf(tokens, clock.offsetMs), oidc: true }, tokens, failures);
      }),
    unlock: (password, totp) =>
      inTurn(async () => {
        const userName = lockedUserName;
        if (userName === null) return open === null ? no('wrong') : { ok: true };
        // The service has ended the session: only it can begin another one.
        const more = { totp };
        if (readLive(link.state) === 'authRequired' && !lockedByOidc) return enter(userName, password, more);
        const failures = await waitForTurn(userName);
        const local = await openLocally(userName, password, failures, 'firstTimeOffline');
        // The password may have been changed elsewhere, or the lease has run out: the service knows.
        if (local.ok || local.reason === 'keyUnreadable') return local;
        if (lockedByOidc) {
          if (local.reason === 'wrong') await keyring.noteFailure(userName, ownClock.now());
          return local;
        }
        const answer = await askService(userName, password, totp);
        if (answer.kind === 'unanswered') {
          if (local.reason === 'wrong') await keyring.noteFailure(userName, ownClock.now());
          return local;
        }
        return take(answer, userName, password, {}, failures);
      }),
    lock,
    signOut: () => {
      const closing = open;
      const forget = closing === null ? null : forgetInTime(closing);
      open = null;
      lockedUserName = null;
      state.set({ state: 'signedOut' });
      work.set(null);
      leaseView.set(null);
      return inTurn(async () => {
        if (closing === null) return;
        const token = await withoutWaiting(closing.tokens);
        try {
          await end(closing, 'signOut');
        } finally {
          forget?.();
        }
        // The service ends the session at once when it hears of it, and by itself when it does not.
        if (token !== null) {
          await send({ path: PATHS.logout, body: {}, token, timeoutMs: QUICK_LOGIN_MS }).catch(
            () => undefined,
          );
        }
      });
    },
    startAnew: (user, password) =>
      inTurn(async () => {
        const userName = user.trim();
        const answer = await askService(userName, password);
        if (answer.kind !== 'tokens') return no(answer.reason);
        const key = await keyring.startAnew(userName, password, answer.tokens);
        return begin(userName, key, leaseOf(answer.tokens, clock.offsetMs), answer.tokens, 0);
      }),
    exportPending: (user, password) =>
      aside(user, password, async (key) => {
        if (ports.pendingOf === undefined) return no('firstTimeOffline');
        const lease = readLease(await keyring.readSealed(key, 'session'));
        const file = await ports.pendingOf(key, await storeOf(key), lease?.recoveryKey ?? '');
        return { ok: true, file };
      }),
    freshStore: (user, password) =>
      aside(user, password, async (key) => {
        await keyring.writeSealed(key, STORE, String((await storeOf(key)) + 1));
        return { ok: true };
      }),
    async keyRequest(user) {
      const request = await keyring.recoveryRequest(user.trim()).catch(() => null);
      if (request === null) return null;
      const text = JSON.stringify({ format: 'sivis-key-request/1', deviceId: device.id, ...request });
      return { name: `sivis-atslegas-pieprasijums-${device.id.slice(-6)}.json`, text };
    },
    async settled() {
      await turn;
    },
  };
}

/** The token if one is at hand within a moment; a sign-out does not wait for the network. */
async function withoutWaiting(tokens: TokenSource): Promise<string | null> {
  const late = new Promise<null>((resolve) => {
    setTimeout(() => {
      resolve(null);
    }, 300);
  });
  return Promise.race([tokens.access().catch(() => null), late]);
}
