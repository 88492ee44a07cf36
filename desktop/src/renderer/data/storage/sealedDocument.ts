import type { Cipher } from '../keys/cipher.ts';
import { STORAGE_FIELDS } from './clearFields.ts';

/** A document as RxDB gives it, and as the inner storage holds it. */
export interface StoredDocument {
  readonly _rev: string;
  readonly _deleted: boolean;
  readonly [field: string]: unknown;
}

/** Where a document lives, for what its blob is bound to. */
export interface SealPlace {
  readonly database: string;
  readonly collection: string;
  readonly version: number;
  readonly primary: string;
  readonly clear: readonly string[];
  /** Clear fields that a removed document keeps: it must still be recognised, nothing else of it is needed. */
  readonly kept: readonly string[];
}

/**
 * The content that is left of a removed document: every text, list and object empty, so that it still fits its
 * schema; numbers (the service's revision, an attempt counter) say nothing about anybody and keep two tombstones
 * comparable.
 */
function erased(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (Array.isArray(value)) return [];
  if (typeof value === 'object' && value !== null) return {};
  return value;
}

/** The clear part of a document, without its blob: all that an inner storage asks of a `previous`. */
export function clearPart(place: SealPlace, document: StoredDocument): Record<string, unknown> {
  const part: Record<string, unknown> = { enc: '' };
  for (const field of STORAGE_FIELDS) if (field in document) part[field] = document[field];
  for (const field of place.clear) {
    const value = document[field];
    if (value === undefined) continue;
    part[field] = document._deleted && !place.kept.includes(field) ? erased(value) : value;
  }
  return part;
}

/**
 * What the blob is bound to: place, key, revision, tombstone flag and every clear value. `_rev` can be part of it
 * because RxDB sets the revision above the storage, before `bulkWrite`, and no storage changes it. A blob copied
 * to another document, an older blob under a newer revision and an edited clear field all fail to open.
 */
function bindingOf(place: SealPlace, stored: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([
    place.database,
    place.collection,
    place.version,
    stored['_rev'],
    stored['_deleted'],
    ...place.clear.map((field) => [field, stored[field] ?? null]),
  ]);
}

/** The document as it goes to disk: clear part and one blob. */
export async function sealDocument(
  cipher: Cipher,
  place: SealPlace,
  document: StoredDocument,
): Promise<StoredDocument> {
  const stored = clearPart(place, document);
  const secret: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(document)) {
    if (place.clear.includes(field) || STORAGE_FIELDS.includes(field)) continue;
    secret[field] = document._deleted ? erased(value) : value;
  }
  stored['enc'] = await cipher.seal(place.collection, bindingOf(place, stored), JSON.stringify(secret));
  return stored as unknown as StoredDocument;
}

/** The document as RxDB knows it. Throws a CipherError when the stored one is not authentic. */
export async function openDocument(
  cipher: Cipher,
  place: SealPlace,
  stored: StoredDocument,
): Promise<StoredDocument> {
  const text = await cipher.open(place.collection, bindingOf(place, stored), String(stored['enc']));
  const document: Record<string, unknown> = JSON.parse(text) as Record<string, unknown>;
  for (const field of [...STORAGE_FIELDS, ...place.clear]) {
    if (field in stored) document[field] = stored[field];
  }
  return document as unknown as StoredDocument;
}
