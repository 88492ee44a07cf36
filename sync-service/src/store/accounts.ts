import type { Role } from '@sivis/shared/access/roles.ts';

/** A role and sites that a user had until an instant. */
export interface FormerRight {
  readonly until: string;
  readonly role: Role;
  readonly siteIds: readonly string[];
}

/** Edits that wait for a supervisor, because their author no longer may make them. */
export interface QuarantineRow {
  readonly id: string;
  readonly at: string;
  readonly siteId: string;
  readonly authorId: string;
  readonly deviceId: string;
  /** By the push of their author, or from the file of a desk that may not push. */
  readonly source: 'push' | 'file';
  readonly state: 'open' | 'accepted' | 'discarded';
  /** Rows of a push as JSON: `[{id, kind, siteId, ops}]`. They are decided together. */
  readonly rows: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly reason: string;
}

/** What a store keeps of users beside their rows. */
export interface AccountReads {
  /** The state of the user's second factor, as identity/totp.ts writes it. */
  totp(userId: string): Promise<string | undefined>;
  totpUsers(): Promise<string[]>;
  /** The user whom an identity provider knows by this issuer and subject. */
  userIdByIdentity(issuer: string, subject: string): Promise<string | undefined>;
  /** Rights that the user had before, the latest first. */
  formerRights(userId: string): Promise<FormerRight[]>;
  quarantined(id: string): Promise<QuarantineRow | undefined>;
  /** Open or decided ones, of the sites (`null`: all), the latest first. */
  quarantineList(open: boolean, siteIds: readonly string[] | null, limit: number): Promise<QuarantineRow[]>;
  quarantineOfOp(opId: string): Promise<QuarantineRow | undefined>;
  /** True while an operation on the document waits for a decision. */
  isQuarantined(docId: string, authorId: string): Promise<boolean>;
}

export interface AccountWrites {
  putTotp(userId: string, state: string | null): Promise<void>;
  /** Rejects when the identity belongs to somebody. */
  putIdentity(issuer: string, subject: string, userId: string): Promise<void>;
  addFormerRight(userId: string, right: FormerRight): Promise<void>;
  /** Writes it, or what was decided about it. */
  putQuarantine(row: QuarantineRow, ops: readonly { opId: string; docId: string }[]): Promise<void>;
}
