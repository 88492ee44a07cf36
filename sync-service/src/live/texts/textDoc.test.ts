import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createTextDoc, type TextDoc } from './textDoc.ts';

/** A writer whose edits are kept one by one. */
function writer() {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  return { text: doc.getText('text'), doc, at: (index: number) => updates[index] ?? new Uint8Array() };
}
const EMPTY = Y.encodeStateVector(new Y.Doc());
const shown = (doc: TextDoc): string => {
  const reader = new Y.Doc();
  Y.applyUpdate(reader, doc.since(EMPTY));
  return reader.getText('text').toJSON();
};

describe('a text in memory', () => {
  it('shows what is stored, not what was tried', () => {
    const { text, at } = writer();
    text.insert(0, 'a');
    text.insert(1, 'b');
    const doc = createTextDoc([]);
    const first = doc.tryUpdate(at(0), false);
    expect(first.what).toBe('new');
    expect(doc.tryUpdate(at(1), false).what).toBe('new');
    expect(shown(doc)).toBe('');
    doc.take(at(0));
    expect(shown(doc)).toBe('a');
    // The store did not take the second: it comes again, and is new again.
    doc.forget();
    expect(doc.tryUpdate(at(0), false).what).toBe('nothing');
    expect(doc.tryUpdate(at(1), false).what).toBe('new');
  });

  it('knows what builds on something missing, and takes of a whole answer what fits', () => {
    const { text, doc: mine, at } = writer();
    text.insert(0, 'a');
    text.insert(1, 'b');
    const doc = createTextDoc([]);
    expect(doc.tryUpdate(at(1), false).what).toBe('gap');
    expect(doc.tryUpdate(Y.encodeStateAsUpdate(mine), true).what).toBe('new');
    expect(doc.tryUpdate(Uint8Array.of(1, 2, 3), false).what).toBe('malformed');
    expect(doc.tryUpdate(at(0), false).what).toBe('nothing');
  });

  it('does not open when updates are missing', () => {
    const { text, at } = writer();
    text.insert(0, 'a');
    text.insert(1, 'b');
    expect(() => createTextDoc([at(1)])).toThrow('missing');
    expect(() => createTextDoc([Uint8Array.of(1, 2, 3)])).toThrow();
    expect(shown(createTextDoc([at(0), at(1)]))).toBe('ab');
  });
});
