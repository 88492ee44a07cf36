import type { Fields } from '../docs/json.ts';
import type { Kind } from '../docs/kinds.ts';
import type { PlainDate } from '../time/plainDate.ts';

export interface Known {
  readonly id: string;
  readonly fields: Fields;
  /** The actor may not see it: it counts in a rule, and the refusal says nothing about it. */
  readonly hidden?: boolean;
}

/**
 * What a rule may look at: on the desk its documents in memory, at the service what was read in the transaction.
 * Everything is synchronous, so that a refusal can be shown while somebody drags.
 */
export interface World {
  readonly today: PlainDate;
  get(kind: Kind, id: string): Fields | undefined;
  /** All stays of the person. */
  staysOfPerson(personId: string): readonly Known[];
  /** Stays with a bed of the room in one of the nights `[from, to)`, in any state. */
  staysInRoom(roomId: string, from: PlainDate, to: PlainDate): readonly Known[];
  bedsOfRoom(roomId: string): readonly Known[];
  /** Active blocks of the bed or its room that touch `[from, to)`. */
  blocksOf(bedId: string, from: PlainDate, to: PlainDate): readonly Known[];
}
