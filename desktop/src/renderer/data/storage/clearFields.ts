/**
 * What may stand clear on the desk's disk, and nothing else (decisions.md, documents): opaque ids, the kind, the
 * dates and the state of a stay. Everything that is not here goes into the encrypted blob.
 */
export const CLEAR_FIELDS: readonly string[] = ['id', 'kind', 'bedId', 'personId', 'from', 'to', 'state'];

/** RxDB's own fields, without content: revision, tombstone flag, time of the last write, attachment stubs. */
export const STORAGE_FIELDS: readonly string[] = ['_rev', '_deleted', '_meta', '_attachments'];

/** An index, a selector or a sort that names an encrypted field: a programming error, found before any data. */
export class ClearFieldError extends Error {
  readonly code = 'ENCRYPTED_FIELD';
  readonly field: string;
  constructor(field: string, where: string) {
    super(`${where} names the encrypted field "${field}"`);
    this.name = 'ClearFieldError';
    this.field = field;
  }
}

export interface SchemaShape {
  readonly title?: string | undefined;
  readonly primaryKey: unknown;
  readonly indexes?: readonly (string | readonly string[])[] | undefined;
}

/** The name of the key field, and all fields of which it is composed. */
export function primaryFields(primaryKey: unknown): { key: string; parts: readonly string[] } {
  if (typeof primaryKey === 'string') return { key: primaryKey, parts: [] };
  const composed = primaryKey as { key: string; fields: readonly string[] };
  return { key: composed.key, parts: composed.fields };
}

const rootOf = (path: string): string => path.split('.')[0] ?? path;

/**
 * The fields of a schema that stay clear: the key, the parts it is composed of (they stand in it anyway) and the
 * index fields. Throws a {@link ClearFieldError} for an index on a field outside {@link CLEAR_FIELDS}.
 */
export function clearFieldsOf(schema: SchemaShape): string[] {
  const { key, parts } = primaryFields(schema.primaryKey);
  const clear = new Set([key, ...parts]);
  for (const index of schema.indexes ?? []) {
    for (const path of typeof index === 'string' ? [index] : index) {
      const field = rootOf(path);
      if (STORAGE_FIELDS.includes(field) || clear.has(field)) continue;
      if (!CLEAR_FIELDS.includes(field)) throw new ClearFieldError(field, 'an index');
      clear.add(field);
    }
  }
  return [...clear];
}

const JOINS = new Set(['$and', '$or', '$nor']);

/**
 * Checks that a Mango selector names clear fields only, at any depth of `$and`, `$or`, `$nor`.
 * Throws a {@link ClearFieldError} for the first other field.
 */
export function checkSelector(selector: unknown, clear: readonly string[]): void {
  if (typeof selector !== 'object' || selector === null) return;
  for (const [name, value] of Object.entries(selector)) {
    if (JOINS.has(name)) {
      for (const part of value as unknown[]) checkSelector(part, clear);
    } else if (name === '$not') {
      checkSelector(value, clear);
    } else {
      checkField(name, clear, 'a selector');
    }
  }
}

/** Checks that a sort names clear fields only; throws a {@link ClearFieldError} otherwise. */
export function checkSort(sort: readonly unknown[], clear: readonly string[]): void {
  for (const part of sort) {
    for (const name of Object.keys(part as object)) checkField(name, clear, 'a sort');
  }
}

function checkField(path: string, clear: readonly string[], where: string): void {
  const field = rootOf(path);
  if (!clear.includes(field) && !STORAGE_FIELDS.includes(field)) throw new ClearFieldError(field, where);
}
