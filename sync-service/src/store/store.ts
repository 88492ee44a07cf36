import type { Collection, Kind } from '@sivis/shared/docs/kinds.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import type { SharedMemory } from './sharedMemory.ts';
import type { AccountReads, AccountWrites } from './accounts.ts';
import type { TextReads, TextWrites } from './texts.ts';
import type { SqlCondition } from './visibility.ts';

/**
 * What the service asks of its database: one interface, one contract test suite, two engines (`sqlite/` for one process,
 * `postgres/` for several). A store keeps what it is told; it knows no rights and no rules.
 */
export interface Store {
  /**
   * Runs the work in one transaction: commits when it resolves, rolls back when it rejects. Write transactions of all
   * instances are serialised, so the order of sequence numbers is the order of commits. Resolves after the commit is
   * durable. Rejects with SivisError STORE_FULL when the disk is full, UNAVAILABLE when the database does not answer
   * (then what was written may stand or not; it was not acknowledged). The work may be run again when others made it
   * fail, and after a call that rejected it can only give up.
   */
  write<T>(work: (tx: WriteTx) => Promise<T>): Promise<T>;
  /** Runs the work on one consistent snapshot of committed data. */
  read<T>(work: (tx: ReadTx) => Promise<T>): Promise<T>;
  /**
   * Called after each commit that changed documents, of this instance or of another, with the collections it touched.
   * Returns the unsubscriber.
   */
  onCommit(listener: (collections: readonly Collection[]) => void): () => void;
  /** Writes a consistent copy of the whole database to a file while others write. */
  backupTo(file: string): Promise<void>;
  /** What all instances on this store share for a moment. */
  readonly shared: SharedMemory;
  /** Says something to the other instances; those that do not listen just then miss it. `topic` is one word. */
  tell(topic: string, text: string): Promise<void>;
  /**
   * Hears what other instances tell; `resumed` is called when something may have been missed. Returns the unsubscriber.
   */
  onTold(told: (topic: string, text: string) => void, resumed: () => void): () => void;
  /** `ok`, or what the engine finds broken in itself. */
  integrityCheck(): Promise<string>;
  readonly schemaVersion: number;
  close(): Promise<void>;
}

/** When and by whom a field was last written. */
export interface FieldStamp {
  readonly by: string;
  readonly at: string;
  readonly device: string;
}

export interface StoredDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly rev: number;
  /** Position in the commit order; given by the store at `putDoc` or `touchDoc`. */
  readonly seq: number;
  readonly fields: Fields;
  readonly stamps: Readonly<Record<string, FieldStamp>>;
  readonly createdBy: string;
}

export type NewDoc = Omit<StoredDoc, 'seq'>;

/** A row of a page: a document that the desk may hold, or the id of one that it holds and may hold no longer. */
export type PageRow =
  | { readonly seq: number; readonly visible: true; readonly doc: StoredDoc }
  | { readonly seq: number; readonly visible: false; readonly id: string; readonly kind: Kind };

export interface Desk {
  readonly deviceId: string;
  readonly userId: string;
}

export interface BedNight {
  readonly bedId: string;
  /** Epoch day of the evening. */
  readonly night: number;
  readonly holderId: string;
}

export interface OpRecord {
  readonly opId: string;
  readonly docId: string;
  readonly deviceId: string;
  readonly actorId: string;
  readonly opKind: string;
  /** What the operation was, as JSON text without its values (sync/opContent.ts). */
  readonly content: string;
  /** The OpResult as JSON text, given again on a replay. */
  readonly result: string;
}

export interface AuditRow {
  /** Position in the log, from 1, without gaps. */
  readonly seq: number;
  readonly envelope: string;
  readonly leafHash: string;
  readonly payload: string | null;
  readonly salt: string | null;
}

/** The last event of a desk's sequence for one user (shared/tlog/deviceChain.ts). */
export interface DeskChainRow {
  readonly id: string;
  readonly n: number;
  readonly hash: string;
}

/** What a witness says to have seen of the audit log: a desk, or a cosigner outside. */
export interface WitnessRow {
  /** Device id, or the name of a cosigner's key. */
  readonly name: string;
  readonly kind: 'desk' | 'cosigner';
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly at: string;
}

/** Columns by which the audit view filters; all stand in the envelope as well. */
export interface AuditIndex {
  readonly at: string;
  readonly happenedAt: string;
  readonly actorId: string;
  readonly deviceId: string;
  readonly action: string;
  readonly siteId: string;
  /** Pseudonyms of the people concerned (HMAC), at most some thousands for a replication. */
  readonly subjectRefs: readonly string[];
  readonly personal: boolean;
}

export interface AuditFilter {
  readonly subjectRef?: string;
  readonly actorId?: string;
  readonly deviceId?: string;
  readonly actions?: readonly string[];
  readonly excludeActions?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly before?: number;
  readonly siteIds?: readonly string[];
  readonly personal?: boolean;
}

export interface UserRow {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly siteIds: readonly string[];
  readonly passwordHash: string;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
}

export interface DeviceRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly lastUserId: string | null;
  readonly appVersion: string;
  readonly revoked: boolean;
  /** Thumbprint (RFC 7638) of the desk's public key; its tokens are bound to it. */
  readonly keyThumbprint: string;
}

export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly deviceId: string;
  /** SHA-256 of the current refresh token, and of the one before it (a second use of that ends the session). */
  readonly refreshHash: string;
  readonly previousHash: string | null;
  /** When the refresh token was last changed. */
  readonly rotatedAt: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

export interface ReadTx extends AccountReads, TextReads {
  meta(key: string): Promise<string | undefined>;
  /** The highest sequence number given so far; 0 in an empty store. */
  headSeq(): Promise<number>;
  doc(id: string): Promise<StoredDoc | undefined>;
  docs(ids: readonly string[]): Promise<StoredDoc[]>;
  docsOfKind(kind: Kind, siteId?: string): Promise<StoredDoc[]>;
  countDocs(kind: Kind): Promise<number>;
  /** All stays of a person, in any state. */
  staysOfPerson(personId: string): Promise<StoredDoc[]>;
  /** Contacts of a person. */
  contactsOfPerson(personId: string): Promise<StoredDoc[]>;
  /** Stays of a reservation. */
  staysOfReservation(reservationId: string): Promise<StoredDoc[]>;
  /** Stays that accompany the given stay. */
  companionsOf(stayId: string): Promise<StoredDoc[]>;
  /** Who holds the beds in the nights `[fromDay, toDay)` (epoch days). */
  nightsHeld(bedIds: readonly string[], fromDay: number, toDay: number): Promise<BedNight[]>;
  /** Which of the beds somebody holds in any of the nights `[fromDay, toDay)`: the others are free. */
  bedsHeld(bedIds: readonly string[], fromDay: number, toDay: number): Promise<Set<string>>;
  /** Ids of people with this personas kods, current or former. */
  peopleWithCode(code: string): Promise<string[]>;
  /** Beds of a room, rooms of a site: reference documents by their parent (roomId, buildingId …). */
  childrenOf(parentId: string, kind: Kind): Promise<StoredDoc[]>;
  /**
   * One page in commit order: documents of the collection with `seq > afterSeq` that `visible` admits, and those
   * that it does not admit but `desk` holds (removals). The page is filled inside the query: it has `limit` rows
   * unless nothing more is there.
   */
  page(
    collection: Collection,
    afterSeq: number,
    limit: number,
    desk: Desk,
    visible: SqlCondition,
  ): Promise<PageRow[]>;
  /** How many removals a desk that has read up to `afterSeq` has still to receive in the collection. */
  removalCount(collection: Collection, afterSeq: number, desk: Desk, visible: SqlCondition): Promise<number>;
  /** Ids of the collection that `visible` admits, in order of id, after `after`. */
  visibleIds(collection: Collection, after: string, limit: number, visible: SqlCondition): Promise<string[]>;
  /** True when a removal sent to the desk up to `seq` is not yet confirmed. */
  hasRemovalsSent(desk: Desk, collection: Collection, seq: number): Promise<boolean>;
  /** True when the document was handed to the desk at any time. */
  wasHeld(desk: Desk, docId: string): Promise<boolean>;
  /** How many documents of the collection the desk holds. */
  heldCount(desk: Desk, collection: Collection): Promise<number>;
  isVisible(id: string, visible: SqlCondition): Promise<boolean>;
  /** People found by folded text, best first, among those that `visible` admits; and how many there are in all (counted up to 1 000). */
  searchPeople(
    query: string,
    limit: number,
    visible: SqlCondition,
  ): Promise<{ ids: string[]; total: number }>;
  op(opId: string): Promise<OpRecord | undefined>;
  /** True when an operation of that author that was to make the document was refused: nothing will ever arrive for it. */
  wasRefused(docId: string, actorId: string): Promise<boolean>;
  /** Stays and blocks whose first day (`from`) or last (`to`, the day of departure) lies in `[first, end)`. */
  docsWithEdgeIn(edge: 'from' | 'to', first: string, end: string): Promise<StoredDoc[]>;
  /** Open tasks that name the stay. */
  openTasksOfStay(stayId: string): Promise<StoredDoc[]>;
  auditSize(): Promise<number>;
  auditPage(filter: AuditFilter, limit: number): Promise<{ rows: AuditRow[]; total: number }>;
  auditRow(seq: number): Promise<AuditRow | undefined>;
  /** Rows in order, for export and verification; `after` is the last number already read. */
  auditRange(after: number, limit: number): Promise<AuditRow[]>;
  /** Hex hashes of the entries after `after`, in order, of the removed ones too. */
  auditLeaves(after: number, limit: number): Promise<string[]>;
  /** The last entry whose text retention has removed; 0 for none. Always a multiple of 256. */
  auditRemovedTo(): Promise<number>;
  /** The head of the sequence of a user's events on a desk. */
  deskChain(deviceId: string, userId: string): Promise<DeskChainRow | undefined>;
  /** Hash of the event at a place of the sequence, where it has arrived. */
  deskChainHash(deviceId: string, userId: string, chainId: string, n: number): Promise<string | undefined>;
  /** Witnesses of the log, the latest first. */
  witnesses(): Promise<WitnessRow[]>;
  user(id: string): Promise<UserRow | undefined>;
  userByName(user: string): Promise<UserRow | undefined>;
  users(): Promise<UserRow[]>;
  device(id: string): Promise<DeviceRow | undefined>;
  devices(): Promise<DeviceRow[]>;
  session(id: string): Promise<SessionRow | undefined>;
  sessionByRefresh(hash: string): Promise<SessionRow | undefined>;
  /** Guards of sign-in: attempts by key (`account:…`, `address:…`) since an instant. */
  attemptsSince(key: string, sinceMs: number): Promise<number>;
  /** True when the desk event was taken before (idempotent delivery). */
  hasDeskEvent(eventId: string): Promise<boolean>;
  /** Bed-nights by month `YYYY-MM` of stays, and beds held in one night. */
  bedNightsByMonth(): Promise<Record<string, number>>;
  bedsHeldOn(night: number): Promise<number>;
}

export interface WriteTx extends ReadTx, AccountWrites, TextWrites {
  setMeta(key: string, value: string): Promise<void>;
  /** Writes the document with a fresh sequence number (commit order) and its index columns. Returns the number. */
  putDoc(doc: NewDoc): Promise<number>;
  /** Gives the documents a fresh sequence number without changing them: who may see them is asked anew by every desk. */
  touchDocs(ids: readonly string[]): Promise<void>;
  /** Removes nights of the holder, then claims the given ones. Returns the nights that somebody else holds; when there are any, nothing is claimed. */
  holdNights(holderId: string, nights: readonly { bedId: string; night: number }[]): Promise<BedNight[]>;
  releaseNights(holderId: string): Promise<void>;
  /** Notes that the documents were handed to the desk (and takes back an earlier removal). */
  markHeld(desk: Desk, ids: readonly string[]): Promise<void>;
  /**
   * Notes that a removal of the documents was sent, each at the document's sequence number. The desk still counts as
   * holding them: when the reply is lost, the next page sends the removal again.
   */
  markRemovalSent(desk: Desk, removals: readonly { id: string; seq: number }[]): Promise<void>;
  /**
   * The desk asks from `seq`: removals sent up to there have arrived. They count as held again for a page that is asked
   * for from before them.
   */
  confirmRemovals(desk: Desk, collection: Collection, seq: number): Promise<void>;
  putOp(op: OpRecord): Promise<void>;
  appendAudit(
    envelope: string,
    leafHash: string,
    payload: string | null,
    salt: string | null,
    index: AuditIndex,
  ): Promise<number>;
  /** Erases payloads, as the entry `orderedBy` says; envelopes and hashes stay. Returns how many there were. */
  eraseAuditPayloads(seqs: readonly number[], orderedBy: number): Promise<number>;
  /**
   * Removes the entries up to `upTo` (a multiple of 256, below `orderedBy`) with their payloads and index rows, as the
   * entry `orderedBy` says; their hashes stay. Returns how many there were.
   */
  removeAuditEntries(upTo: number, orderedBy: number): Promise<number>;
  /** Notes an event of a desk's sequence; `leads`: the sequence goes on from it. */
  putDeskChain(deviceId: string, userId: string, event: DeskChainRow, leads: boolean): Promise<void>;
  putWitness(witness: WitnessRow): Promise<void>;
  putUser(user: UserRow): Promise<void>;
  putDevice(device: DeviceRow): Promise<void>;
  putSession(session: SessionRow): Promise<void>;
  /** Ends the sessions of a user, all but `exceptId`. Returns how many. */
  revokeSessions(userId: string, at: string, exceptId?: string): Promise<number>;
  revokeDeviceSessions(deviceId: string, at: string): Promise<number>;
  addAttempt(key: string, atMs: number): Promise<void>;
  clearAttempts(key: string): Promise<void>;
  /** Keeps a value for a while; another one under the same key takes its place. */
  putShortLived(key: string, value: string, untilMs: number): Promise<void>;
  /** Gives the value and forgets it; `undefined` when there is none or its time is over. */
  takeShortLived(key: string, nowMs: number): Promise<string | undefined>;
  markDeskEvent(eventId: string): Promise<void>;
}

/** Fields that a document's index columns come from; the same in every engine. */
export interface DocColumns {
  readonly personId: string | null;
  /** reservationId of a stay, personId's parent is personId itself; roomId of a bed, floorId of a room, buildingId of a floor. */
  readonly parentId: string | null;
  readonly fromDay: string | null;
  readonly toDay: string | null;
  readonly ownerId: string | null;
  readonly ownerRole: string | null;
  readonly companionOf: string | null;
  readonly specialistIds: readonly string[];
  /** Where a member of staff works: the one kind that belongs to several sites. */
  readonly staffSiteIds: readonly string[];
}

const text = (fields: Fields, name: string): string | null => {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
};

const texts = (fields: Fields, name: string): string[] => {
  const value: Json | undefined = fields[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
};

/** The index columns of a document. */
export function docColumns(kind: Kind, fields: Fields): DocColumns {
  const parent: Partial<Record<Kind, string>> = {
    stay: 'reservationId',
    bed: 'roomId',
    room: 'floorId',
    floor: 'buildingId',
    block: 'targetId',
  };
  const parentField = parent[kind];
  return {
    personId: kind === 'stay' || kind === 'contact' ? text(fields, 'personId') : null,
    parentId: parentField === undefined ? null : text(fields, parentField),
    fromDay: kind === 'stay' ? text(fields, 'arriveDate') : kind === 'block' ? text(fields, 'from') : null,
    toDay: kind === 'stay' ? text(fields, 'departDate') : kind === 'block' ? text(fields, 'to') : null,
    ownerId: text(fields, 'ownerId'),
    ownerRole: text(fields, 'ownerRole'),
    companionOf: text(fields, 'companionOf'),
    specialistIds: texts(fields, 'specialistIds'),
    staffSiteIds: kind === 'staff' ? texts(fields, 'siteIds') : [],
  };
}
