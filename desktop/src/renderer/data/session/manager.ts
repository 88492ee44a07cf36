import type { SessionUser, TotpBegun } from '@sivis/shared/protocol/messages/signIn.ts';
import type { PendingFile } from '../export/pendingFile.ts';
import type { Live } from '../live.ts';
import type { LeaseAnswer } from './lease.ts';
import type { SignInFailure } from './signInAtService.ts';
import type { OpenWork } from './work.ts';

export type SessionState =
  | { readonly state: 'signedOut' }
  /** The rights of who works here changed: everything is opened anew under the new ones. */
  | { readonly state: 'changing'; readonly user: SessionUser }
  /** `why` only when nobody asked for it: only the service opens this desk again. */
  | { readonly state: 'locked'; readonly user: SessionUser; readonly why?: 'leaseExpired' | 'clockSkew' }
  | { readonly state: 'open'; readonly user: SessionUser };

export type SignInResult = { readonly ok: true } | { readonly ok: false; readonly reason: SignInFailure };

/** What goes with a password, where it is needed. */
export interface SignInMore {
  /** Opens the data of this desk when the password was changed elsewhere. */
  readonly previousPassword?: string | undefined;
  /** The data key of this person here, which the organisation has released: it opens instead of an earlier password. */
  readonly releasedKey?: string | undefined;
  /** The code of the second factor, or a recovery code. */
  readonly totp?: string | undefined;
}

export type TotpBeginResult =
  { readonly ok: true; readonly begun: TotpBegun } | { readonly ok: false; readonly reason: SignInFailure };

export type ExportResult =
  | { readonly ok: true; readonly file: PendingFile | null }
  | { readonly ok: false; readonly reason: SignInFailure };

/** Somebody who came back from the identity provider and has to open her data on this desk. */
export interface OidcArrival {
  readonly user: SessionUser;
  /** False when she has none here yet: the passphrase is chosen now (decision 16). */
  readonly known: boolean;
}

/** The leave to work without the service: its end, and whether the desk only shows until then. */
export type LeaseView = Pick<Extract<LeaseAnswer, { state: 'open' }>, 'untilMs' | 'ending'>;

/** The session of this desk: one person at a time. */
export interface SessionManager {
  readonly state: Live<SessionState>;
  /** What the open session works with; `null` while signed out or locked. */
  readonly work: Live<OpenWork | null>;
  /** How long the open desk works without the service; `null` while none is open. */
  readonly lease: Live<LeaseView | null>;
  /** Looks whether the lease still holds, and locks when it does not. */
  readonly look: () => void;
  readonly signIn: (user: string, password: string, more?: SignInMore) => Promise<SignInResult>;
  readonly unlock: (password: string, totp?: string) => Promise<SignInResult>;
  /** Begins a second factor with the password; a sign-in with its first code puts it into use. */
  readonly beginTotp: (user: string, password: string, totp?: string) => Promise<TotpBeginResult>;
  /** The address of the identity provider to go to. Rejects when there is none or it does not answer. */
  readonly beginOidc: (redirect?: string) => Promise<{ readonly url: string; readonly state: string }>;
  /** Takes who came back from the provider; she then enters with a passphrase. */
  readonly takeOidc: (
    state: string,
    answer?: string,
  ) => Promise<{ readonly ok: true; readonly arrival: OidcArrival } | Extract<SignInResult, { ok: false }>>;
  readonly enterOidc: (passphrase: string) => Promise<SignInResult>;
  /** The screen is empty at once; keys and traffic end behind it, the keys within two seconds. */
  readonly lock: () => void;
  readonly signOut: () => Promise<void>;
  /**
   * Signs in with an empty desk beside one that cannot be opened; that one stays as it is, for a recovery. Only
   * online.
   */
  readonly startAnew: (user: string, password: string) => Promise<SignInResult>;
  /**
   * What this desk could not send, as a file for the service (decision 18). Opens the person's data by the password for
   * that alone; needs neither the service nor a lease.
   */
  readonly exportPending: (user: string | null, password: string) => Promise<ExportResult>;
  /**
   * Begins another local database beside one that does not open, which stays as it is; the next sign-in or unlock opens it.
   * Asks the person's password, not the service.
   */
  readonly freshStore: (user: string | null, password: string) => Promise<SignInResult>;
  /** What the organisation needs to release the person's data key, as a file; `null` when nothing was ever prepared. */
  readonly keyRequest: (user: string) => Promise<{ readonly name: string; readonly text: string } | null>;
  /** Resolves when nothing of a lock or sign-out is left to do. */
  readonly settled: () => Promise<void>;
}
