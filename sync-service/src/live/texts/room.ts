import { createHash } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import * as Y from 'yjs';
import { TEXT_CLOSE } from '@sivis/shared/protocol/messages/texts.ts';
import type { TextAccess } from '@sivis/shared/texts/texts.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { AuditEvent, AuditLog } from '../../audit/auditLog.ts';
import type { TextClaims } from '../../identity/tokens.ts';
import { SERVICE_LIMITS } from '../../limits.ts';
import type { Store } from '../../store/store.ts';
import type { TextContent, TextRow } from '../../store/texts.ts';
import { admit } from './access.ts';
import { createPresence, type Present } from './presence.ts';
import { createTextDoc } from './textDoc.ts';
import { answerMessage, askMessage, presenceMessage, refusedMessage, updateMessage } from './wire.ts';

export interface RoomDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly log: FastifyBaseLogger;
}

/** A socket in a room. */
export interface Guest extends Present {
  readonly claims: TextClaims;
  writes: boolean;
  /** Everything that the service lacked when it asked has come. */
  complete: boolean;
  /** Bytes of updates that are not stored yet. */
  unsaved: number;
  send(message: Uint8Array): void;
  close(code: number, reason: string): void;
}

/** An open text at this instance. What it shows anybody is stored. */
export interface Room {
  readonly text: TextRow;
  /** Number of the last update that it has. */
  seq(): number;
  guests(): readonly Guest[];
  join(guest: Guest): void;
  leave(guest: Guest): void;
  /** Sends what the guest lacks. Throws for what is no state vector. */
  ask(guest: Guest, vector: Uint8Array): void;
  update(guest: Guest, update: Uint8Array, whole: boolean): void;
  /** Throws for what is no update. */
  presence(guest: Guest, update: Uint8Array): void;
  askPresence(guest: Guest): void;
  /** Another instance has told who is at it. */
  otherPresence(update: Uint8Array): void;
  /** Tells the other instances who is here. */
  tellPresence(): void;
  /** What the guest may do now; `undefined`: the session is over. */
  accessIs(guest: Guest, access: TextAccess | undefined): void;
  /** Reads what others have stored. */
  catchUp(): Promise<void>;
  forgetSilent(): void;
  /** Resolves when all that was sent is stored or refused. */
  idle(): Promise<void>;
  destroy(): void;
}

interface Waiting {
  readonly guest: Guest;
  readonly update: Uint8Array;
  readonly whole: boolean;
  /** It came after the answer to the service's question. */
  readonly later: boolean;
}

/** Notices between instances: a text has more updates; who is in its room; who is there at the others. */
export const TEXT_TOPICS = { stored: 'text', presence: 'textHere', who: 'textWho' } as const;

/** What an entry of the log says of a text. */
export function textEvent(
  text: TextRow,
  action: string,
  detail: AuditEvent['detail'] & object,
  result = 'ok',
): AuditEvent {
  return {
    action,
    kind: text.kind,
    objectId: text.id,
    siteId: text.logSiteId,
    personIds: text.personId === '' ? [] : [text.personId],
    // A day's text names people, though nobody can say whom.
    personal: true,
    result,
    detail: { source: 'text', ...detail },
  };
}

export function createRoom(deps: RoomDeps, text: TextRow, content: TextContent): Room {
  const { store, clock, audit, log } = deps;
  const doc = createTextDoc(content.updates);
  const presence = createPresence();
  const guests = new Set<Guest>();
  let seq = content.seq;
  let loose = content.loose;
  let waiting: Waiting[] = [];
  let chain: Promise<void> = Promise.resolve();
  /** The last second in which an edit, or a refused one, of a user at a desk was written into the log. */
  const logged = new Map<string, number>();

  const tell = (topic: string, words: string): void => {
    store
      .tell(topic, `${text.id} ${words}`)
      .catch((error: unknown) => log.warn({ err: error }, 'other instances were not told of a text'));
  };
  const sendAll = (message: Uint8Array, except?: Guest): void => {
    for (const guest of guests) if (guest !== except) guest.send(message);
  };
  const show = (update: Uint8Array | undefined, except?: Guest, own = true): void => {
    if (update === undefined) return;
    sendAll(presenceMessage(update), except);
    if (own) tell(TEXT_TOPICS.presence, Buffer.from(update).toString('base64'));
  };
  /** One after the other: a room is one line of updates. */
  const queue = (work: () => Promise<void>): Promise<void> => {
    chain = chain.then(work, work);
    return chain;
  };
  const isFresh = (name: string, nowMs: number): boolean => logged.get(name) !== Math.floor(nowMs / 1_000);
  const noteLogged = (name: string, nowMs: number): void => {
    logged.set(name, Math.floor(nowMs / 1_000));
    if (logged.size > 500) logged.delete(logged.keys().next().value ?? '');
  };

  const readOn = async (): Promise<void> => {
    const more = await store.read((tx) => tx.textContent(text.id, seq));
    if (more.seq <= seq) return;
    const update = Y.mergeUpdates([...more.updates]);
    doc.take(update);
    seq = more.seq;
    loose = more.loose;
    sendAll(updateMessage(update));
  };

  const compact = async (): Promise<void> => {
    if (loose < SERVICE_LIMITS.textCompact) return;
    const [upTo, snapshot, vector] = [seq, doc.snapshot(), doc.vector()];
    try {
      await store.write((tx) => tx.compactText(text.id, upTo, snapshot, vector));
      loose = 0;
    } catch (error) {
      log.warn({ err: error }, 'a text could not be compacted; its updates stand');
    }
  };

  const refuse = async (guest: Guest, access: TextAccess | undefined): Promise<void> => {
    if (access === 'read') {
      guest.writes = false;
      guest.send(refusedMessage());
    } else if (access === undefined) guest.close(TEXT_CLOSE.ended, 'ended');
    else guest.close(TEXT_CLOSE.denied, 'denied');
    const nowMs = clock.now();
    const name = `refused ${guest.claims.sessionId}`;
    if (access === undefined || !isFresh(name, nowMs)) return;
    noteLogged(name, nowMs);
    await store.write(async (tx) => {
      const admission = await admit(tx, guest.claims, text, nowMs);
      if (admission !== undefined)
        await audit.recordAudit(tx, admission.who, textEvent(text, 'refused', {}, 'read-only'));
    });
  };

  /** What is new of all that waits, by guest; what is none is answered at once. */
  const sort = (batch: readonly Waiting[]): Map<Guest, Uint8Array> => {
    const news = new Map<Guest, Uint8Array>();
    for (const { guest, update, whole, later } of batch) {
      const tried = doc.tryUpdate(update, whole);
      if (tried.what === 'malformed') guest.close(TEXT_CLOSE.malformed, 'malformed');
      else if (tried.what === 'tooLarge') guest.close(TEXT_CLOSE.tooLarge, 'too large');
      // Typed before the service's question was answered: the answer, which is on its way, has it all.
      else if (tried.what === 'gap' && later) {
        if (guest.complete) guest.send(askMessage(doc.vector()));
        guest.complete = false;
      } else if (tried.what === 'new') {
        // Who writes in the name of somebody else who is here would make the other's words vanish. What somebody has of
        // the other and the service has not (it was restored), comes from the other himself: come again after him.
        if (tried.clients.some((client) => presence.isOthers(guest, client))) {
          if (whole) guest.close(TEXT_CLOSE.notStored, 'not stored');
          else guest.close(TEXT_CLOSE.malformed, 'malformed');
          doc.forget();
          for (const kept of news.values()) doc.tryUpdate(kept, true);
          continue;
        }
        const before = news.get(guest);
        news.set(guest, before === undefined ? tried.update : Y.mergeUpdates([before, tried.update]));
      }
    }
    return news;
  };

  /** True when all of it was stored. */
  const storeNews = async (news: ReadonlyMap<Guest, Uint8Array>): Promise<boolean> => {
    const nowMs = clock.now();
    const done = await store.write(async (tx) => {
      const stored: { guest: Guest; update: Uint8Array; seq: number }[] = [];
      const refused: { guest: Guest; access: TextAccess | undefined }[] = [];
      const entries: string[] = [];
      for (const [guest, update] of news) {
        // Asked in the transaction of the update: a right that was taken away before it is not used.
        const admission = await admit(tx, guest.claims, text, nowMs);
        if (admission?.access !== 'write') {
          refused.push({ guest, access: admission?.access });
          continue;
        }
        const { userId, deviceId } = guest;
        const at = await tx.appendText(text.id, update, { actorId: userId, deviceId, at: toInstant(nowMs) });
        stored.push({ guest, update, seq: at });
        const name = `${userId} ${deviceId}`;
        if (!isFresh(name, nowMs) || entries.includes(name)) continue;
        entries.push(name);
        const sha256 = createHash('sha256').update(update).digest('hex');
        const detail = { seq: at, bytes: update.byteLength, sha256 };
        await audit.recordAudit(tx, admission.who, textEvent(text, 'update', detail));
      }
      return { stored, refused, entries };
    });
    for (const name of done.entries) noteLogged(name, nowMs);
    for (const { guest, update, seq: at } of done.stored) {
      if (at === seq + 1) {
        doc.take(update);
        seq = at;
        loose += 1;
        sendAll(updateMessage(update), guest);
      } else await readOn();
    }
    if (done.stored.length > 0) tell(TEXT_TOPICS.stored, String(seq));
    for (const { guest, access } of done.refused) await refuse(guest, access);
    return done.refused.length === 0;
  };

  const save = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const news = sort(batch);
    try {
      if (news.size > 0 && (await storeNews(news))) doc.settled();
    } catch (error) {
      // Nobody was shown it; whoever sent it comes again with all that is not here.
      log.error({ err: error }, 'updates of a text were not stored');
      for (const guest of news.keys()) guest.close(TEXT_CLOSE.notStored, 'not stored');
    } finally {
      doc.forget();
      for (const { guest, update } of batch) guest.unsaved -= update.byteLength;
    }
    await compact();
  };

  return {
    text,
    seq: () => seq,
    guests: () => [...guests],
    join(guest) {
      guests.add(guest);
      guest.send(askMessage(doc.vector()));
      const here = presence.all();
      if (here !== undefined) guest.send(presenceMessage(here));
      if (guests.size === 1) tell(TEXT_TOPICS.who, '');
    },
    leave(guest) {
      guests.delete(guest);
      show(presence.leave(guest));
    },
    ask(guest, vector) {
      guest.send(answerMessage(doc.since(vector)));
    },
    update(guest, update, whole) {
      if (guest.writes) {
        guest.unsaved += update.byteLength;
        waiting.push({ guest, update, whole, later: guest.complete });
        if (whole) guest.complete = true;
        if (waiting.length === 1)
          queue(save).catch((error: unknown) =>
            log.error({ err: error }, 'updates of a text were not saved'),
          );
        return;
      }
      void queue(async () => {
        // A client that only reads answers the service's question too; it has nothing new.
        const { what } = doc.tryUpdate(update, whole);
        doc.forget();
        if (what === 'malformed') guest.close(TEXT_CLOSE.malformed, 'malformed');
        else if (what !== 'nothing') await refuse(guest, 'read');
      }).catch((error: unknown) => log.error({ err: error }, 'a refused update could not be logged'));
    },
    presence(guest, update) {
      show(presence.hear(guest, update, clock.now()), guest);
    },
    askPresence(guest) {
      const here = presence.all();
      if (here !== undefined) guest.send(presenceMessage(here));
    },
    otherPresence(update) {
      show(presence.hearOther(update, clock.now()), undefined, false);
    },
    tellPresence() {
      for (const one of presence.own()) tell(TEXT_TOPICS.presence, Buffer.from(one).toString('base64'));
    },
    accessIs(guest, access) {
      if (access === undefined) guest.close(TEXT_CLOSE.ended, 'ended');
      else if (access === 'none') guest.close(TEXT_CLOSE.denied, 'denied');
      else if (guest.writes !== (access === 'write')) {
        guest.writes = access === 'write';
        if (!guest.writes) guest.send(refusedMessage());
        show(presence.again(guest, clock.now()), guest);
      }
    },
    catchUp: () => queue(readOn),
    forgetSilent() {
      show(presence.forgetSilent(clock.now()), undefined, false);
    },
    idle: () => chain.catch(() => undefined),
    destroy: () => doc.destroy(),
  };
}
