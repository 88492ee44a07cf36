import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { TEXT_MESSAGE } from '@sivis/shared/protocol/messages/texts.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { createPresence } from '../../sync-service/src/live/texts/presence.ts';
import { createTextDoc, type TextDoc } from '../../sync-service/src/live/texts/textDoc.ts';
import { askMessage, readTextMessage, updateMessage } from '../../sync-service/src/live/texts/wire.ts';
import type { Target } from '../lib/target.ts';

const NOBODY = { userId: 'a', deviceId: 'b', name: 'Iveta', writes: true };

/** A text of two writers with a deletion. */
function written(): { updates: Uint8Array[]; doc: Y.Doc } {
  const updates: Uint8Array[] = [];
  const doc = new Y.Doc();
  doc.clientID = 1;
  doc.on('update', (update: Uint8Array) => updates.push(update));
  doc.getText('text').insert(0, 'Atslēga pie dežurantes');
  doc.getText('text').delete(3, 5);
  doc.getXmlFragment('default').insert(0, [new Y.XmlElement('paragraph')]);
  return { updates, doc };
}

const message = (type: number, write: (to: encoding.Encoder) => void): Uint8Array =>
  encoding.encode((to) => {
    encoding.writeVarUint(to, type);
    write(to);
  });

/**
 * Messages of the socket of a text, to the text and the presence behind it. The door closes the socket for whatever is
 * thrown, so everything that ends is an answer; what must not happen is a text that can no longer be read.
 */
export function textTargets(): Target[] {
  const { updates, doc } = written();
  const stored = Y.encodeStateAsUpdate(doc);
  const more = new Y.Doc();
  more.clientID = 2;
  Y.applyUpdate(more, stored);
  const before = Y.encodeStateVector(more);
  more.getText('text').insert(4, 'tā ');
  const update = Y.encodeStateAsUpdate(more, before);
  const state = encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, 7);
    encoding.writeVarUint(to, 1);
    encoding.writeVarString(to, '{"cursor":{"anchor":1}}');
  });
  const take = (text: TextDoc, one: Uint8Array, whole: boolean): string => {
    const tried = text.tryUpdate(one, whole);
    if (tried.what !== 'new') return `update: ${tried.what}`;
    text.take(tried.update);
    text.settled();
    // What is stored must be a text again, whoever sent it.
    createTextDoc([stored, tried.update]).destroy();
    return 'taken update';
  };
  return [
    {
      name: 'text update',
      door: 'WebSocket, signed in',
      seeds: [update, ...updates, Y.encodeStateAsUpdate(more), stored],
      json: false,
      limit: LIMITS.textUpdateBytes,
      run(input) {
        const text = createTextDoc([stored]);
        try {
          return take(text, input, (input[0] ?? 0) % 2 === 0);
        } finally {
          text.destroy();
        }
      },
    },
    {
      name: 'text message',
      door: 'WebSocket, signed in',
      seeds: [
        updateMessage(update),
        updateMessage(updates[0] ?? update),
        message(TEXT_MESSAGE.sync, (to) => {
          encoding.writeVarUint(to, 1);
          encoding.writeVarUint8Array(to, Y.encodeStateAsUpdate(more));
        }),
        askMessage(before),
        message(TEXT_MESSAGE.awareness, (to) => encoding.writeVarUint8Array(to, state)),
        message(TEXT_MESSAGE.queryAwareness, () => undefined),
        message(TEXT_MESSAGE.renew, (to) => encoding.writeVarString(to, 'ticket')),
      ],
      json: false,
      limit: LIMITS.liveMessageBytes,
      run(input) {
        const text = createTextDoc([stored]);
        try {
          let read;
          try {
            read = readTextMessage(input);
          } catch {
            return 'malformed';
          }
          if (read.type === 'ask') {
            try {
              return text.since(read.vector).byteLength > 0 ? 'taken question' : 'taken';
            } catch {
              return 'malformed question';
            }
          }
          if (read.type === 'presence') {
            try {
              createPresence().hear(NOBODY, read.update, 0);
              return 'taken presence';
            } catch {
              return 'malformed presence';
            }
          }
          if (read.type !== 'update') return `taken ${read.type}`;
          return take(text, read.update, read.whole);
        } finally {
          text.destroy();
        }
      },
    },
  ];
}
