/** Documents of one kind by a value that they contain: stays by person, beds by room. */
export interface DeskIndex<T extends { readonly id: string }> {
  readonly of: (key: string) => readonly T[];
  readonly put: (doc: T) => void;
  readonly remove: (id: string) => void;
  readonly clear: () => void;
}

/** An index kept by put and remove; `keysOf` names the values under which a document is found. */
export function deskIndex<T extends { readonly id: string }>(
  keysOf: (doc: T) => readonly string[],
): DeskIndex<T> {
  const byKey = new Map<string, Map<string, T>>();
  const keysById = new Map<string, readonly string[]>();
  const remove = (id: string): void => {
    for (const key of keysById.get(id) ?? []) {
      const bucket = byKey.get(key);
      bucket?.delete(id);
      if (bucket?.size === 0) byKey.delete(key);
    }
    keysById.delete(id);
  };
  return {
    of: (key) => [...(byKey.get(key)?.values() ?? [])],
    put(doc) {
      remove(doc.id);
      const keys = [...new Set(keysOf(doc))];
      keysById.set(doc.id, keys);
      for (const key of keys) {
        const bucket = byKey.get(key);
        if (bucket === undefined) byKey.set(key, new Map([[doc.id, doc]]));
        else bucket.set(doc.id, doc);
      }
    },
    remove,
    clear() {
      byKey.clear();
      keysById.clear();
    },
  };
}
