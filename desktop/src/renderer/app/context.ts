import type { Role } from '@sivis/shared/access/roles.ts';
import { getContext, setContext } from 'svelte';
import type { Icon } from '../ui/icon.ts';
import type { SyncStatus } from '../ui/sync/status.ts';

/**
 * What the shell needs from the data layer, as interfaces. `data/app.ts` makes one (`createAppContext`); tests and
 * stories make their own. The shell imports nothing else of the data layer.
 */

/** A value that changes: gives the present one at once and every later one. RxJS observables and Svelte stores fit. */
export interface Live<T> {
  subscribe(run: (value: T) => void): (() => void) | { unsubscribe(): void };
}

/** A person may have several roles. */
export type RoleId = Role;

export interface SessionUser {
  readonly id: string;
  readonly displayName: string;
  readonly roles: readonly RoleId[];
}

/** The state of the session. Locked keeps the user, shows nothing of the work and stops synchronisation. */
export type Session =
  | { readonly state: 'starting' }
  | { readonly state: 'signedOut' }
  /** `why` when the workstation had to lock and only a connection opens it. */
  | { readonly state: 'locked'; readonly user: SessionUser; readonly why?: 'leaseExpired' | 'clockSkew' }
  | { readonly state: 'open'; readonly user: SessionUser };

/** Why a person was not let in; each has its own words in `SignIn`. */
export type SignInFailure =
  /** User or password is wrong; which of the two is never said. */
  | 'wrong'
  /** Too many attempts; try later. */
  | 'tooMany'
  /** The account or this workstation was switched off. */
  | 'disabled'
  /** The service does not know this workstation; it must be enrolled by a code. */
  | 'deskUnknown'
  /** The code of the second factor is needed; it was wrong; the role needs one that is not set up yet. */
  | 'totpRequired'
  | 'totpWrong'
  | 'totpSetup'
  /** The sign-in with an account of the organisation failed; the account has no rights here. */
  | 'oidcFailed'
  | 'oidcNoRole'
  /** No connection, and this person has not signed in on this workstation before. */
  | 'firstTimeOffline'
  /** The offline permission ran out; connect to go on. */
  | 'leaseExpired'
  /** The offline permission is not one of this workstation and person; connect to get one. */
  | 'leaseForeign'
  /** Too many wrong passwords: the service must help; the key of this workstation is gone. */
  | 'serviceNeeded'
  /** The code of IT is not the one of this person on this workstation. */
  | 'releasedKeyWrong'
  | 'keyDestroyed'
  /** The password was changed elsewhere: the earlier one opens the data of this workstation. */
  | 'previousPasswordNeeded'
  /** The program must be updated before it may connect. */
  | 'versionBlocked'
  /** The workstation's clock is wrong. */
  | 'clockSkew'
  /** The service answers with an error. */
  | 'serverDown'
  /** The key of this person on this workstation cannot be read; it is kept as it is, never written over. */
  | 'keyUnreadable'
  /** The local data of this person do not open; they are kept as they are. */
  | 'storeBroken';

export type SignInResult = { readonly ok: true } | { readonly ok: false; readonly reason: SignInFailure };

export type EnrolResult = 'ok' | 'code' | 'otherKey' | 'tooMany' | 'unreachable';

export interface EnrolmentPort {
  /** How this workstation stands at the service; only an `unknown` one must be enrolled before anybody signs in. */
  readonly standing: Live<'unasked' | 'known' | 'open' | 'unknown' | 'revoked'>;
  /** Asks the service again. */
  look(): Promise<void>;
  /** Enrols this workstation by a one-time code; never rejects. */
  enrol(code: string): Promise<EnrolResult>;
}

/** What goes with a password, where it is needed. */
export interface SignInMore {
  /** Opens the data of this workstation when the password was changed elsewhere. */
  readonly previousPassword?: string | undefined;
  /** The code that IT gave out: it opens the data instead of the earlier password. */
  readonly releasedKey?: string | undefined;
  /** The code of the second factor, or a recovery code. */
  readonly totp?: string | undefined;
}

/** A second factor that was begun: shown once. */
export interface TotpKeysData {
  readonly secret: string;
  readonly uri: string;
  readonly recoveryCodes: readonly string[];
}
export type TotpBeginResult =
  | { readonly ok: true; readonly begun: TotpKeysData }
  | { readonly ok: false; readonly reason: SignInFailure };

export interface TotpStanding {
  readonly on: boolean;
  readonly required: boolean;
  readonly recoveryLeft: number;
}

/** The second factor of who is signed in. Nothing rejects; a failure comes back by its reason. */
export interface TotpPort {
  /** `null` while the service does not answer. */
  standing(): Promise<TotpStanding | null>;
  begin(password: string, code?: string): Promise<TotpBeginResult>;
  readonly confirm: (code: string) => Promise<SignInFailure | null>;
  readonly remove: (code: string) => Promise<SignInFailure | null>;
}

export interface OidcArrival {
  readonly name: string;
  /** False when she has no data on this workstation yet: the passphrase is chosen now. */
  readonly known: boolean;
}

/** Sign-in with an account of the organisation. */
export interface OidcPort {
  /** What it is called; `null` where there is none. */
  readonly label: Live<string | null>;
  /** Goes to the provider; the page is left, or the provider opens beside it. */
  start(): Promise<SignInFailure | null>;
  take(
    code: string,
  ): Promise<
    | { readonly ok: true; readonly arrival: OidcArrival }
    | { readonly ok: false; readonly reason: SignInFailure }
  >;
  enter(passphrase: string): Promise<SignInResult>;
}

export interface SessionPort {
  readonly session: Live<Session>;
  signIn(user: string, password: string, more?: SignInMore): Promise<SignInResult>;
  /** Begins a second factor before the first sign-in; never rejects. */
  beginTotp(user: string, password: string): Promise<TotpBeginResult>;
  /**
   * Opens a new local store for a person whose key cannot be read; the unreadable one and its data stay untouched for
   * IT to recover. Needs the service.
   */
  startAnew(user: string, password: string): Promise<SignInResult>;
  unlock(password: string, totp?: string): Promise<SignInResult>;
  /**
   * What this workstation could not send, as a file for IT, encrypted to the service. `user` is `null` for the person who is
   * locked; `file` is `null` when everything was sent.
   */
  exportPending(
    user: string | null,
    password: string,
  ): Promise<
    | {
        readonly ok: true;
        readonly file: { readonly name: string; readonly text: string; readonly count: number } | null;
      }
    | { readonly ok: false; readonly reason: SignInFailure }
  >;
  /** Begins new local data beside those that do not open; sign in or unlock again afterwards. `user` as above. */
  freshStore(user: string | null, password: string): Promise<SignInResult>;
  /** A file for IT, which asks for the key of a person who cannot open her data here; `null` when there is none to ask for. */
  keyRequest(user: string): Promise<{ readonly name: string; readonly text: string } | null>;
  /** Drafts are kept; the screen is emptied at once. */
  lock(): void;
  /** Signs out; asks nobody. The shell asks first when changes still wait. */
  signOut(): Promise<void>;
}

export interface SyncPort {
  readonly status: Live<SyncStatus>;
  syncNow(): Promise<void>;
}

export interface SearchResult {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string | undefined;
  /** What tells look-alikes apart, at the end of the line: a bed, a case number. */
  readonly note?: string | undefined;
  readonly icon?: Icon | undefined;
  readonly run: () => void;
}

export interface SearchAnswer {
  readonly results: readonly SearchResult[];
  /** How many match in all, also those that are not in `results`. */
  readonly total: number;
}

export interface SearchPort {
  /** Changes when what the workstation holds changes: an open search asks again. */
  readonly revision?: Live<number> | undefined;
  /** Searches what this workstation holds. Quick enough to be called at every key. */
  query(text: string, signal: AbortSignal): Promise<SearchAnswer>;
  /** Searches at the service, on demand. `null` while there is no connection. */
  queryService?: ((text: string, signal: AbortSignal) => Promise<SearchAnswer | null>) | undefined;
}

export interface UndoPort {
  /** The last own act that can be taken back, in words; `null` when there is none. */
  readonly next: Live<{ readonly undo: string | null; readonly redo: string | null }>;
  /** Takes the last own act back by a compensating one. Resolves to what was done, in words. */
  undo(): Promise<string>;
  redo(): Promise<string>;
}

/** Where the choices of the settings are kept: per workstation, without personal data. */
export interface PreferenceStore {
  get(): string | null;
  set(value: string): void;
}

export interface Workstation {
  /** The name by which people know it: "Reģ-2". */
  readonly name: string;
  /** The site: "Dubulti". */
  readonly site: string;
}

/** Forms whose half-filled content the workstation keeps. */
export type DraftForm = 'booking' | 'task' | 'contact' | 'formerName';

/** What the person must know of this workstation, above the screen. */
export type DeskNotice =
  /** Found again after a crash, or after the browser's storage was lost. */
  | {
      readonly kind: 'recovered';
      readonly edits: number;
      readonly storeLost: boolean;
      readonly damaged: boolean;
    }
  /** IT has ordered this desk erased; changes of its people are sent before. */
  | { readonly kind: 'eraseWaits'; readonly count: number }
  /** The leave to work without the service ends soon: until then everything is only shown. Milliseconds. */
  | { readonly kind: 'leaseEnding'; readonly untilMs: number }
  /** The disk of the computer is nearly full; `full`: data can only be viewed. */
  | { readonly kind: 'diskLow'; readonly bytes: number; readonly full: boolean };

export interface AppContext {
  readonly host: 'browser' | 'electron';
  readonly session: SessionPort;
  readonly enrolment: EnrolmentPort;
  readonly totp: TotpPort;
  readonly oidc: OidcPort;
  readonly sync: SyncPort;
  readonly search: SearchPort;
  readonly undo: UndoPort;
  readonly workstation: Live<Workstation>;
  /** Counts in the rail, by screen id; a screen without one shows none. */
  readonly counts: Live<Readonly<Record<string, number>>>;
  /** Kinds of forms that were begun and neither saved nor given up. */
  unfinished(): readonly DraftForm[];
  readonly notices: Live<readonly DeskNotice[]>;
  /** Takes a notice away that was read. */
  understood(notice: DeskNotice): void;
  /** The service-corrected time in milliseconds since the epoch. */
  now(): number;
  readonly preferences: PreferenceStore;
  /** Accounts of the demonstration centre, shown under the sign-in; absent otherwise. */
  readonly demoAccounts?: Live<readonly { readonly user: string; readonly role: RoleId }[]> | undefined;
}

const KEY = Symbol('sivis');

/** Gives the context to every component below. Called once, by `App.svelte`. */
export function provideAppContext(context: AppContext): AppContext {
  return setContext(KEY, context);
}

/** The context of the shell. Only during component initialisation. */
export function useAppContext(): AppContext {
  return getContext<AppContext>(KEY);
}
