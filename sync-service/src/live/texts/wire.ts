import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { writePermissionDenied } from 'y-protocols/auth';
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate, writeUpdate } from 'y-protocols/sync';
import { TEXT_MESSAGE, TEXT_REFUSED } from '@sivis/shared/protocol/messages/texts.ts';

/** A message of a client: those of y-websocket (y-protocols), and `renew`. */
export type TextMessage =
  /** What of the text the client has: it asks for the rest. */
  | { readonly type: 'ask'; readonly vector: Uint8Array }
  /** `whole`: everything that the service lacked when it asked. */
  | { readonly type: 'update'; readonly update: Uint8Array; readonly whole: boolean }
  | { readonly type: 'presence'; readonly update: Uint8Array }
  | { readonly type: 'askPresence' }
  | { readonly type: 'renew'; readonly ticket: string };

/** Longest ticket in bytes. */
const TICKET_BYTES = 2_000;

function readParts(from: decoding.Decoder): TextMessage {
  // A copy: what is decoded must never look into the memory behind it.
  const bytes = (): Uint8Array => decoding.readVarUint8Array(from).slice();
  switch (decoding.readVarUint(from)) {
    case TEXT_MESSAGE.sync:
      switch (decoding.readVarUint(from)) {
        case messageYjsSyncStep1:
          return { type: 'ask', vector: bytes() };
        case messageYjsSyncStep2:
          return { type: 'update', update: bytes(), whole: true };
        case messageYjsUpdate:
          return { type: 'update', update: bytes(), whole: false };
        default:
          throw new TypeError('unknown message');
      }
    case TEXT_MESSAGE.awareness:
      return { type: 'presence', update: bytes() };
    case TEXT_MESSAGE.queryAwareness:
      return { type: 'askPresence' };
    case TEXT_MESSAGE.renew: {
      const ticket = decoding.readVarString(from);
      if (ticket.length > TICKET_BYTES) throw new TypeError('no ticket');
      return { type: 'renew', ticket };
    }
    default:
      throw new TypeError('unknown message');
  }
}

/** Reads one message. Throws for anything that is not exactly one. */
export function readTextMessage(data: Uint8Array): TextMessage {
  // lib0 checks lengths against the buffer below, which for small messages of `ws` is one that others use too.
  const from = decoding.createDecoder(new Uint8Array(data));
  const message = readParts(from);
  if (decoding.hasContent(from)) throw new TypeError('more than a message');
  return message;
}

function message(type: number, write: (to: encoding.Encoder) => void): Uint8Array {
  return encoding.encode((to) => {
    encoding.writeVarUint(to, type);
    write(to);
  });
}

/** Asks the client for what the service lacks: the state vector of the text. */
export function askMessage(vector: Uint8Array): Uint8Array {
  return message(TEXT_MESSAGE.sync, (to) => {
    encoding.writeVarUint(to, messageYjsSyncStep1);
    encoding.writeVarUint8Array(to, vector);
  });
}

/** The answer to `ask`: a client counts as synchronised with it. */
export function answerMessage(update: Uint8Array): Uint8Array {
  return message(TEXT_MESSAGE.sync, (to) => {
    encoding.writeVarUint(to, messageYjsSyncStep2);
    encoding.writeVarUint8Array(to, update);
  });
}

export function updateMessage(update: Uint8Array): Uint8Array {
  return message(TEXT_MESSAGE.sync, (to) => writeUpdate(to, update));
}

export function presenceMessage(update: Uint8Array): Uint8Array {
  return message(TEXT_MESSAGE.awareness, (to) => encoding.writeVarUint8Array(to, update));
}

/** What the client sent was not taken: it may only read. */
export function refusedMessage(): Uint8Array {
  return message(TEXT_MESSAGE.auth, (to) => writePermissionDenied(to, TEXT_REFUSED));
}
