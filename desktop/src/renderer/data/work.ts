import type { Subject } from '@sivis/shared/access/can.ts';
import type { SessionUser } from '@sivis/shared/protocol/messages/signIn.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { DeskEvents } from './audit/deskEvents.ts';
import type { LogWitness } from './audit/logWitness.ts';
import type { RemovalQuestion } from './db/syncTypes.ts';
import type { SyncLogEntry } from './db/syncLog.ts';
import type { Commands } from './desk/commands.ts';
import type { Desk } from './desk/desk.ts';
import type { Drafts } from './desk/drafts.ts';
import type { Inbox } from './desk/inbox.ts';
import type { Live } from './live.ts';
import type { Host } from '../host/index.ts';
import type { SearchEvents } from './audit/searchEvents.ts';
import type { Api } from './net/api.ts';
import type { PeopleSearch } from './search/peopleSearch.ts';

/** What was found again after a crash, or after the browser's storage was lost. */
export interface Recovered {
  /** Changes that were saved and not in the storage. */
  readonly edits: number;
  /** The storage was empty: everything else comes from the service. */
  readonly storeLost: boolean;
  /** A part of the journal was damaged. */
  readonly damaged: boolean;
}

/** What a screen works with while a session is open: the data layer of one user on this desk. */
export interface Work {
  readonly user: SessionUser;
  /** Whom the rights are asked for: `can(work.subject, …)`. */
  readonly subject: Subject;
  /** The site at which the user works. */
  readonly siteId: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly desk: Desk;
  readonly commands: Commands;
  /** Conflicts and rejections. */
  readonly inbox: Inbox;
  /** The desk's audit entries: await `record` before showing what it is about. */
  readonly events: DeskEvents;
  /** The desk as a witness of the audit log. */
  readonly logWitness: LogWitness;
  readonly search: PeopleSearch;
  /** What is typed into a search on the screen; writes the audit entries of searches. */
  readonly searches: SearchEvents;
  /** What was typed and not committed. */
  readonly drafts: Drafts;
  /** What the page runs on: printing, storage, what it cannot promise. */
  readonly host: Host;
  /** Online calls (audit, card from the service, users, devices); rejects with SivisError or NoAnswerError. */
  readonly api: Api;
  /** True while calls to the service can succeed. */
  readonly online: Live<boolean>;
  /** What the journal gave back when this session was opened; `null` when there was nothing to give back. */
  readonly recovered: Recovered | null;
  /** Everything that this desk may hold was received once: until then no list is empty or complete. */
  readonly loaded: Live<boolean>;
  /** The stay day in Riga; it rolls at midnight. */
  readonly today: Live<PlainDate>;
  /** The service-corrected time, in ms. */
  now(): number;
  readonly sync: {
    log(): Promise<readonly SyncLogEntry[]>;
    copyForSupport(): Promise<string>;
    now(): Promise<void>;
    /** A removal of more than half of the desk's documents that waits for a human's answer; `null` otherwise. */
    readonly removal: Live<RemovalQuestion | null>;
    /** The human's answer: `true` lets the documents go. */
    answerRemoval(agreed: boolean): void;
  };
}

let open: Work | null = null;

/** The work of the open session. Screens are mounted only while one is open; throws when there is none. */
export function currentWork(): Work {
  if (open === null) throw new Error('no session is open');
  return open;
}

/** Set by the session when it opens, `null` when it locks or ends. */
export function setCurrentWork(work: Work | null): void {
  open = work;
}
