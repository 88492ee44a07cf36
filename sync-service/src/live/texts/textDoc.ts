import * as Y from 'yjs';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';

/** What an update would do to a text. */
export type Tried =
  /** Nothing: the text has it all. */
  | { readonly what: 'nothing' }
  /** It builds on something that the text does not have. */
  | { readonly what: 'gap' }
  | { readonly what: 'malformed' }
  | { readonly what: 'tooLarge' }
  /** `update`: what is new of it; `clients`: the Yjs clients in whose names it writes. */
  | { readonly what: 'new'; readonly update: Uint8Array; readonly clients: readonly number[] };

/**
 * A text in memory, twice: as it is stored, and with what was tried on it but is not stored yet. Nobody is shown the
 * second one: what the store does not take was never there.
 */
export interface TextDoc {
  vector(): Uint8Array;
  /** What somebody lacks who has `vector`. Throws for what is no state vector. */
  since(vector: Uint8Array): Uint8Array;
  /**
   * Tries an update on top of those tried before it. Only one that is `new` stays there. Of a `whole` one, which has all
   * that its client has, what fits is taken though something before it may be missing.
   */
  tryUpdate(update: Uint8Array, whole: boolean): Tried;
  /** Takes an update that is stored. */
  take(update: Uint8Array): void;
  /** All that was tried is stored and taken. */
  settled(): void;
  /** Forgets what was tried and is not taken. */
  forget(): void;
  snapshot(): Uint8Array;
  destroy(): void;
}

const hasGap = (doc: Y.Doc): boolean => doc.store.pendingStructs !== null || doc.store.pendingDs !== null;

/** Applies an update. Returns what of it was new, `null` for nothing. Throws for what is no update. */
function apply(doc: Y.Doc, update: Uint8Array): Uint8Array | null {
  const fresh: Uint8Array[] = [];
  const note = (one: Uint8Array): void => void fresh.push(one);
  doc.on('update', note);
  try {
    Y.applyUpdate(doc, update);
  } finally {
    doc.off('update', note);
  }
  return fresh.length === 0 ? null : Y.mergeUpdates(fresh);
}

/** Builds a text from its stored updates. Throws when they are not a whole text: then nobody may be let in. */
export function createTextDoc(updates: readonly Uint8Array[]): TextDoc {
  const stored = new Y.Doc();
  for (const update of updates) Y.applyUpdate(stored, update);
  if (hasGap(stored)) throw new Error('updates of the text are missing');

  let tried: Y.Doc | undefined;
  let waiting: Uint8Array[] = [];
  /** At most so many bytes; counted anew when it seems too many. */
  let bytes = Y.encodeStateAsUpdate(stored).byteLength;

  const trial = (): Y.Doc => {
    if (tried !== undefined) return tried;
    tried = new Y.Doc();
    Y.applyUpdate(tried, Y.encodeStateAsUpdate(stored));
    for (const update of waiting) Y.applyUpdate(tried, update);
    return tried;
  };
  const drop = (): void => {
    tried?.destroy();
    tried = undefined;
  };

  return {
    vector: () => Y.encodeStateVector(stored),
    since: (vector) => Y.encodeStateAsUpdate(stored, vector),
    tryUpdate(update, whole) {
      const doc = trial();
      let fresh: Uint8Array | null;
      let clients: number[];
      try {
        clients = [...new Set(Y.decodeUpdate(update).structs.map(({ id }) => id.client))];
        fresh = apply(doc, update);
      } catch {
        drop();
        return { what: 'malformed' };
      }
      if (hasGap(doc)) {
        if (!whole) {
          drop();
          return { what: 'gap' };
        }
        doc.store.pendingStructs = null;
        doc.store.pendingDs = null;
      }
      if (fresh === null) return { what: 'nothing' };
      bytes += fresh.byteLength;
      if (bytes > LIMITS.textBytes) bytes = Y.encodeStateAsUpdate(doc).byteLength;
      if (bytes > LIMITS.textBytes) {
        drop();
        return { what: 'tooLarge' };
      }
      const written = new Set(Y.decodeUpdate(fresh).structs.map(({ id }) => id.client));
      waiting.push(fresh);
      return { what: 'new', update: fresh, clients: clients.filter((client) => written.has(client)) };
    },
    take(update) {
      Y.applyUpdate(stored, update);
      if (tried !== undefined) Y.applyUpdate(tried, update);
    },
    settled() {
      waiting = [];
    },
    forget() {
      if (waiting.length === 0) return;
      waiting = [];
      drop();
    },
    snapshot: () => Y.encodeStateAsUpdate(stored),
    destroy() {
      drop();
      stored.destroy();
    },
  };
}
