import { clearIndex, COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { RxJsonSchema, WithDeleted } from 'rxdb';
import { viewOf, type LocalDoc } from '../core/localDoc.ts';

/**
 * A document as RxDB stores it: the local document with the index values of what the user sees. `kind`, `personId`
 * and `from` stand clear on disk, all else is in the encrypted blob. Index fields are required and `''` where a kind
 * has none, because Dexie indexes nothing else.
 */
export interface DeskRow {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly rev: number;
  readonly base: Record<string, unknown>;
  readonly ops: readonly unknown[];
  readonly attempt: number;
  readonly personId: string;
  readonly from: string;
}

/** A record of the outbox: never replicated, wholly encrypted but for its kind. */
export interface OutboxRow {
  readonly id: string;
  readonly kind: OutboxKind;
  readonly data: Record<string, unknown>;
}

export const OUTBOX_KINDS = [
  'deskEvent',
  'deskChain',
  'logWitness',
  'conflict',
  'rejection',
  'syncLog',
  'sent',
  'draft',
  'highWater',
  'intent',
  'mark',
] as const;
export type OutboxKind = (typeof OUTBOX_KINDS)[number];

/** Version of the stored shape. A change of it empties the cache after the outbox was sent (local-first.md 8.4). */
const VERSION = 0;

const id = { type: 'string', maxLength: 40 } as const;

function replicatedSchema(indexes: readonly string[]): RxJsonSchema<DeskRow> {
  return {
    version: VERSION,
    primaryKey: 'id',
    type: 'object',
    properties: {
      id,
      kind: { type: 'string', maxLength: 20 },
      siteId: { type: 'string' },
      rev: { type: 'number' },
      base: { type: 'object', additionalProperties: true },
      ops: { type: 'array', items: { type: 'object', additionalProperties: true } },
      attempt: { type: 'number' },
      personId: id,
      from: { type: 'string', maxLength: 10 },
    },
    required: ['id', 'kind', 'siteId', 'rev', 'base', 'ops', 'attempt', 'personId', 'from'],
    indexes: [...indexes],
  };
}

/** The schemas of the replicated collections; every index is ascending. */
export const COLLECTION_SCHEMAS: Readonly<Record<Collection, RxJsonSchema<DeskRow>>> = {
  reference: replicatedSchema(['kind']),
  people: replicatedSchema(['kind', 'personId']),
  lodging: replicatedSchema(['kind', 'personId', 'from']),
  work: replicatedSchema(['kind']),
};

export const OUTBOX_SCHEMA: RxJsonSchema<OutboxRow> = {
  version: VERSION,
  primaryKey: 'id',
  type: 'object',
  properties: {
    // A conflict is named by its document and field.
    id: { type: 'string', maxLength: 120 },
    kind: { type: 'string', maxLength: 20 },
    data: { type: 'object', additionalProperties: true },
  },
  required: ['id', 'kind', 'data'],
  indexes: ['kind'],
};

/** All collections: five, where RxDB's free edition allows 13 per realm. */
export const DESK_COLLECTIONS = [...COLLECTIONS, 'outbox'] as const;

/** The row of a local document. */
export function toRow(doc: LocalDoc): WithDeleted<DeskRow> {
  const index = clearIndex(doc.kind, viewOf(doc));
  return {
    id: doc.id,
    kind: doc.kind,
    siteId: doc.siteId,
    rev: doc.rev,
    base: doc.base,
    ops: doc.ops,
    attempt: doc.attempt,
    personId: index.personId,
    from: index.from,
    _deleted: doc.deleted,
  };
}

/** The local document of a row. */
export function fromRow(row: WithDeleted<DeskRow>): LocalDoc {
  return {
    id: row.id,
    kind: row.kind as LocalDoc['kind'],
    siteId: row.siteId,
    rev: row.rev,
    deleted: row._deleted,
    base: row.base as LocalDoc['base'],
    ops: row.ops as LocalDoc['ops'],
    attempt: row.attempt,
  };
}
