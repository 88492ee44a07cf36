import { v5 as uuidV5, v7 as uuidV7, validate } from 'uuid';

/** Namespace of all ids that are derived from a legacy source (decided once, never changed). */
const LEGACY_NAMESPACE = '6f1d9f0a-3f0b-5e0e-9a52-6d1f4b7a2c11';

let source: () => string = () => uuidV7();

/** A new opaque id, made on the desk: UUIDv7 (RFC 9562), so that ids of one desk sort by creation. */
export function newId(): string {
  return source();
}

/** Takes new ids from another source until the returned function is called: for simulated worlds, which repeat by seed. */
export function takeIdsFrom(other: () => string): () => void {
  source = other;
  return () => {
    source = () => uuidV7();
  };
}

/** The id of an imported record: UUIDv5 of source, file and key, so that a second import meets the first. */
export function derivedId(source: string, file: string, key: string): string {
  return uuidV5(`${source}\u0000${file}\u0000${key}`, LEGACY_NAMESPACE);
}

/** True for a UUID of any version in canonical lower-case form. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value === value.toLowerCase() && validate(value);
}
