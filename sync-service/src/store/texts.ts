import type { TextSubject } from '@sivis/shared/texts/texts.ts';

/** A text that several write together: what it is about, and how many updates it has had. */
export interface TextRow extends TextSubject {
  /** Name of its room (`textId`). */
  readonly id: string;
  /** Site in whose log it stands. */
  readonly logSiteId: string;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Number of its last update; 0 for none. */
  readonly seq: number;
}

/** Whose update it is. The service says so, never the update (Yjs knows no people). */
export interface TextAuthor {
  readonly actorId: string;
  readonly deviceId: string;
  readonly at: string;
}

/** Yjs updates of a text up to `seq`, to be applied in their order. */
export interface TextContent {
  readonly seq: number;
  readonly updates: readonly Uint8Array[];
  /** How many of them are not in a snapshot yet. */
  readonly loose: number;
}

export interface TextReads {
  text(id: string): Promise<TextRow | undefined>;
  /** Numbers of the last updates of the texts that there are. */
  textSeqs(ids: readonly string[]): Promise<Map<string, number>>;
  /**
   * What somebody lacks who has the updates up to `after`: the snapshot, when it goes beyond that, and the updates behind
   * it.
   */
  textContent(id: string, after: number): Promise<TextContent>;
}

export interface TextWrites {
  /** Begins a text without content; does nothing when it is there. */
  beginText(text: Omit<TextRow, 'seq'>): Promise<void>;
  /** Appends an update to a text that is there. Returns its number: one more than that of the update before it. */
  appendText(id: string, update: Uint8Array, by: TextAuthor): Promise<number>;
  /**
   * Puts a snapshot in the place of the updates up to `upTo`, whose content it has. `vector`: its Yjs state vector. Does
   * nothing when a snapshot goes as far already.
   */
  compactText(id: string, upTo: number, snapshot: Uint8Array, vector: Uint8Array): Promise<void>;
}
