import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import { readAuthMessage } from 'y-protocols/auth';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  TEXT_CLOSE,
  TEXT_MESSAGE,
  TEXT_REFUSED,
  TEXT_SUBPROTOCOL,
  type TextOpen,
  type TextOpened,
} from '@sivis/shared/protocol/messages/texts.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { addDays, rigaDate } from '@sivis/shared/time/plainDate.ts';
import { askMessage, updateMessage } from '../src/live/texts/wire.ts';
import { SERVICE_LIMITS } from '../src/limits.ts';
import { send, startService, type LiveService, type Reply, type Session } from './liveService.ts';

/** Several write one text through the door of the service: stock y-websocket clients, and sockets that misbehave. */

interface Writer {
  readonly doc: Y.Doc;
  readonly provider: WebsocketProvider;
  readonly text: Y.Text;
  /** Words of refusals that the client was told. */
  readonly refusals: string[];
  /** Codes with which the service closed. */
  readonly codes: number[];
}

const until = (fits: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(fits()).toBe(true), { timeout: 20_000, interval: 10 });

describe('the door of texts', () => {
  let service: LiveService;
  let anna: Session;
  let berta: Session;
  let dora: Session;
  let log: Extract<TextOpen, { day: string }>;
  const providers: WebsocketProvider[] = [];
  const raw: WebSocket[] = [];

  beforeEach(async () => {
    service = await startService();
    await service.user('anna', 'reception');
    await service.user('berta', 'dutyManager');
    await service.user('dora', 'it');
    [anna, berta, dora] = [
      await service.signIn('anna'),
      await service.signIn('berta'),
      await service.signIn('dora'),
    ];
    log = { kind: 'shiftLog', siteId: service.siteId, day: rigaDate(service.deps.clock.now()) };
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const provider of providers.splice(0)) provider.destroy();
    for (const socket of raw.splice(0)) socket.terminate();
    await service.stop();
  });

  const ask = (session: Session, body: TextOpen): Promise<Reply> =>
    send(service.base, PATHS.textOpen, { session, body });
  const opened = async (session: Session, body: TextOpen = log): Promise<TextOpened> => {
    const reply = await ask(session, body);
    expect(reply.status, reply.text).toBe(200);
    return reply.body as unknown as TextOpened;
  };
  const address = (): string => `${service.base.replace('http', 'ws')}${PATHS.texts}`;
  const protocolsOf = ({ ticket }: TextOpened): string[] => [TEXT_SUBPROTOCOL, `ticket.${ticket}`];

  /** A stock client; it gets a new ticket whenever its socket was closed. */
  const write = async (session: Session, body: TextOpen = log, doc = new Y.Doc()): Promise<Writer> => {
    const first = await opened(session, body);
    const provider = new WebsocketProvider(address(), first.room, doc, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      protocols: protocolsOf(first),
      disableBc: true,
    });
    providers.push(provider);
    const [refusals, codes]: [string[], number[]] = [[], []];
    provider.messageHandlers[TEXT_MESSAGE.auth] = (_encoder, decoder) =>
      readAuthMessage(decoder, doc, (_doc: unknown, words: string) => void refusals.push(words));
    provider.on('connection-close', (event) => {
      if (event !== null) codes.push(event.code);
      // Closed by the test itself: nobody comes again.
      if (event === null) return;
      void ask(session, body).then((reply) => {
        if (reply.status === 200) provider.protocols = protocolsOf(reply.body as unknown as TextOpened);
      });
    });
    return { doc, provider, text: doc.getText('text'), refusals, codes };
  };
  const synced = async (session: Session, body: TextOpen = log): Promise<Writer> => {
    const writer = await write(session, body);
    await until(() => writer.provider.synced);
    return writer;
  };
  const socketOf = async (session: Session, body: TextOpen = log) => {
    const first = await opened(session, body);
    const ws = new WebSocket(`${address()}/${first.room}`, protocolsOf(first));
    raw.push(ws);
    const closed = new Promise<number>((resolve) => ws.once('close', resolve));
    const messages: Uint8Array[] = [];
    ws.on('message', (data) => messages.push(new Uint8Array(data as Buffer)));
    await new Promise((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return { ws, closed, messages, room: first.room };
  };
  /** What the store has of a text. */
  const stored = async (room: string): Promise<string> => {
    const { updates } = await service.store.read((tx) => tx.textContent(room, 0));
    const doc = new Y.Doc();
    for (const update of updates) Y.applyUpdate(doc, update);
    return doc.getText('text').toJSON();
  };
  const entries = async (action: string, room: string) =>
    (await service.auditAfter(0)).filter(
      ({ envelope }) => envelope.action === action && envelope.object === room,
    );
  const change = async (body: object): Promise<void> => {
    expect((await send(service.base, PATHS.userUpdate, { session: dora, body })).status).toBe(200);
  };

  it('two write together; who comes later has it all, and the address says nothing', async () => {
    const [one, two] = [await synced(anna), await synced(berta)];
    one.text.insert(0, 'Atslēga 12 pie dežurantes. ');
    await until(() => two.text.toJSON().includes('Atslēga'));
    two.text.insert(two.text.length, 'Saņemta.');
    await until(() => one.text.toJSON().endsWith('Saņemta.'));
    const room = one.provider.roomname;
    for (const secret of [service.siteId, anna.tokens.user.id, 'shiftLog'])
      expect(room).not.toContain(secret);
    expect(await stored(room)).toBe('Atslēga 12 pie dežurantes. Saņemta.');
    one.provider.disconnect();
    two.provider.disconnect();
    const three = await synced(anna);
    expect(three.text.toJSON()).toBe('Atslēga 12 pie dežurantes. Saņemta.');
    // Nobody filled it with a template, nothing is there twice.
    expect(service.log()).not.toContain('Atslēga');
  });

  it('each opening is in the log before the first byte, edits once per person and second, and no content', async () => {
    const append = vi.spyOn(service.deps.audit, 'recordAudit');
    const { room, messages } = await socketOf(anna);
    expect(messages.length).toBeGreaterThanOrEqual(0);
    expect(append.mock.calls.map(([, , event]) => event.action)).toEqual(['create', 'replicate']);
    const one = await synced(berta);
    for (let at = 0; at < 20; at += 1) one.text.insert(at, 'x');
    await vi.waitFor(async () => expect((await stored(room)).length).toBe(20));
    expect(await entries('create', room)).toHaveLength(1);
    const reads = await entries('replicate', room);
    expect(reads.map(({ envelope }) => [envelope.actor, envelope.kind, envelope.personal])).toEqual([
      [anna.tokens.user.id, 'shiftLog', true],
      [berta.tokens.user.id, 'shiftLog', true],
    ]);
    const edits = await entries('update', room);
    const seconds = new Set(edits.map(({ envelope }) => envelope.at.slice(0, 19)));
    expect(edits).toHaveLength(seconds.size);
    expect(edits[0]?.envelope).toMatchObject({ actor: berta.tokens.user.id, site: service.siteId });
    expect(Object.keys(edits[0]?.payload?.detail ?? {}).sort()).toEqual(['bytes', 'seq', 'sha256', 'source']);
  });

  it('an opening that cannot be logged delivers nothing', async () => {
    const first = await opened(anna);
    vi.spyOn(service.deps.audit, 'recordAudit').mockRejectedValue(new Error('full'));
    const ws = new WebSocket(`${address()}/${first.room}`, protocolsOf(first));
    const failed = new Promise<Error>((resolve) => ws.once('error', resolve));
    expect((await failed).message).toContain('503');
  });

  it('a role without the right gets no room, no ticket and no byte', async () => {
    const { room } = await opened(anna);
    const personId = await service.put('person', { familyName: 'Zariņa', givenName: 'Maija' });
    await service.user('kate', 'catering');
    await service.user('sanita', 'specialist');
    await service.user('aivars', 'auditor');
    const [kate, sanita, aivars] = [
      await service.signIn('kate'),
      await service.signIn('sanita'),
      await service.signIn('aivars'),
    ];
    for (const session of [kate, sanita, aivars, dora]) expect((await ask(session, log)).status).toBe(403);
    expect((await ask(anna, { ...log, siteId: newId() })).status).toBe(404);
    for (const kind of ['clientNote', 'protectedNote'] as const) {
      for (const session of [anna, berta, kate, dora, aivars])
        expect((await ask(session, { kind, personId })).status).toBe(403);
      expect((await ask(sanita, { kind, personId })).status).toBe(404);
    }
    expect((await ask(kate, { kind: 'teamLog', siteId: service.siteId, day: log.day })).status).toBe(200);
    // A ticket is for one room, one use and this door.
    const other = await opened(anna, { kind: 'teamLog', siteId: service.siteId, day: log.day });
    const notices = String(
      (await send(service.base, PATHS.ticket, { session: anna, body: {} })).body['ticket'],
    );
    const used = await opened(anna);
    const first = new WebSocket(`${address()}/${room}`, protocolsOf(used));
    raw.push(first);
    await new Promise((resolve) => first.once('open', resolve));
    for (const ticket of [other.ticket, notices, used.ticket, anna.tokens.accessToken, 'x']) {
      const ws = new WebSocket(`${address()}/${room}`, [TEXT_SUBPROTOCOL, `ticket.${ticket}`]);
      const failed = new Promise<Error>((resolve) => ws.once('error', resolve));
      expect((await failed).message).toContain('401');
    }
  });

  it('notes on a client are for her specialists, protected ones for their author alone', async () => {
    const ids = await Promise.all(['sanita', 'toms', 'ulla'].map((name) => service.user(name, 'specialist')));
    const [sanita, toms, ulla] = await Promise.all(['sanita', 'toms', 'ulla'].map((n) => service.signIn(n)));
    if (sanita === undefined || toms === undefined || ulla === undefined) throw new Error('nobody');
    const personId = await service.put('person', { familyName: 'Zariņa', givenName: 'Maija' });
    const stay = (specialistIds: string[]) => ({
      personId,
      reservationId: newId(),
      arriveDate: log.day,
      departDate: addDays(log.day, 5),
      state: 'in_house',
      specialistIds,
    });
    const stayId = await service.put('stay', stay(ids.slice(0, 2)));
    const note: TextOpen = { kind: 'clientNote', personId };
    const [one, two] = [await synced(sanita, note), await synced(toms, note)];
    one.text.insert(0, 'Kopīgi');
    await until(() => two.text.toJSON() === 'Kopīgi');
    expect((await ask(ulla, note)).status).toBe(404);
    const [mine, his] = [
      await opened(sanita, { kind: 'protectedNote', personId }),
      await opened(toms, { kind: 'protectedNote', personId }),
    ];
    expect(mine.room).not.toBe(his.room);
    const [read] = await entries('replicate', one.provider.roomname);
    expect(read?.payload?.personIds).toEqual([personId]);
    // Somebody else looks after her from now on: the room closes, and what is still sent is not taken.
    await service.put('stay', stay(ids.slice(0, 1)), { id: stayId });
    await until(() => two.codes.includes(TEXT_CLOSE.denied));
    one.text.insert(0, 'Slepeni: ');
    await vi.waitFor(async () => expect(await stored(one.provider.roomname)).toBe('Slepeni: Kopīgi'));
    expect(two.text.toJSON()).toBe('Kopīgi');
  });

  it('a day that is over is read; what is written there is refused and the client is told', async () => {
    const before = await synced(anna);
    before.text.insert(0, 'Vakar');
    const room = before.provider.roomname;
    await vi.waitFor(async () => expect(await stored(room)).toBe('Vakar'));
    before.provider.disconnect();
    service.clock.offsetMs = 3 * 86_400_000;
    const [later, other] = [await service.signIn('anna'), await service.signIn('berta')];
    expect((await opened(later)).access).toBe('read');
    const [one, two] = [await synced(later), await synced(other)];
    expect(one.text.toJSON()).toBe('Vakar');
    expect(one.refusals).toEqual([]);
    one.text.insert(0, 'Pārrakstīts ');
    await until(() => one.refusals.includes(TEXT_REFUSED));
    two.text.delete(0, 1);
    await until(() => two.refusals.includes(TEXT_REFUSED));
    expect(await stored(room)).toBe('Vakar');
    expect(two.text.toJSON()).toBe('akar');
    expect((await entries('refused', room)).map(({ envelope }) => envelope.result)).toContain('read-only');
    // A day that nobody wrote about is not begun afterwards.
    expect((await ask(later, { ...log, day: addDays(log.day, 1) })).status).toBe(404);
  });

  it('who is there is said by the service: no client names himself another or speaks for others', async () => {
    const [one, two] = [await synced(anna), await synced(berta)];
    one.provider.awareness.setLocalState({
      user: { name: 'Direktore', color: '#fff' },
      cursor: { anchor: 1 },
      secret: 'x',
    });
    const seen = (writer: Writer, of: Writer): unknown =>
      writer.provider.awareness.getStates().get(of.doc.clientID);
    await until(() => seen(two, one) !== undefined);
    await until(() => JSON.stringify(seen(two, one)).includes('anchor'));
    expect(seen(two, one)).toEqual({ user: { name: 'Darbinieks anna' }, cursor: { anchor: 1 } });
    // A third speaks for the first: dropped, the first stays as he is.
    const { ws, messages } = await socketOf(berta);
    const forged = encoding.encode((to) => {
      encoding.writeVarUint(to, TEXT_MESSAGE.awareness);
      encoding.writeVarUint8Array(
        to,
        encoding.encode((inner) => {
          encoding.writeVarUint(inner, 1);
          encoding.writeVarUint(inner, one.doc.clientID);
          encoding.writeVarUint(inner, 99);
          encoding.writeVarString(inner, 'null');
        }),
      );
    });
    ws.send(forged);
    ws.send(encoding.encode((to) => encoding.writeVarUint(to, TEXT_MESSAGE.queryAwareness)));
    await until(() => messages.length > 2);
    expect(Buffer.from(messages.at(-1) ?? []).toString('utf8')).toContain('Darbinieks anna');
    expect(seen(two, one)).toBeDefined();
    // Nor does he write in the first one's name, which would make the first one's next words vanish.
    const fake = new Y.Doc();
    fake.clientID = one.doc.clientID;
    fake.getText('text').insert(0, 'viltots');
    ws.send(updateMessage(Y.encodeStateAsUpdate(fake)));
    await until(() => ws.readyState === ws.CLOSED);
    expect(await stored(one.provider.roomname)).toBe('');
    one.provider.disconnect();
    await until(() => seen(two, one) === undefined);
  });

  it.each([
    ['the user is disabled', { disabled: true }, TEXT_CLOSE.ended],
    ['the role is another', { role: 'catering' }, TEXT_CLOSE.denied],
    ['the site is another', { siteIds: [] }, TEXT_CLOSE.denied],
  ] as const)('when %s, the room closes within a second and nothing is taken', async (_what, to, code) => {
    const [one, two] = [await synced(anna), await synced(berta)];
    const siteIds =
      'siteIds' in to ? { siteIds: [await service.put('site', { name: 'Cits', code: 'C', order: 2 })] } : {};
    const final: number[] = [];
    let closedAt = 0;
    one.provider.on('closed', (event) => {
      final.push(event.code);
      closedAt = performance.now();
    });
    await change({ id: anna.tokens.user.id, ...to, ...siteIds });
    const since = performance.now();
    await until(() => final.length > 0);
    expect(closedAt - since).toBeLessThan(1_000);
    expect(final).toEqual([code]);
    one.text.insert(0, 'vairs ne');
    two.text.insert(0, 'tālāk');
    await vi.waitFor(async () => expect(await stored(one.provider.roomname)).toBe('tālāk'));
    expect(one.provider.shouldConnect).toBe(false);
  });

  it('a right that is gone is not used, even before the room has closed', async () => {
    const one = await socketOf(anna);
    const row = await service.store.read((tx) => tx.user(anna.tokens.user.id));
    if (row === undefined) throw new Error('nobody');
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'vairs ne');
    await service.store.write((tx) => tx.putUser({ ...row, role: 'catering' }));
    // Nobody can look at the open sockets: the transaction itself asks.
    const blind = vi.spyOn(service.store, 'read').mockRejectedValue(new Error('busy'));
    one.ws.send(updateMessage(Y.encodeStateAsUpdate(doc)));
    expect(await one.closed).toBe(TEXT_CLOSE.denied);
    blind.mockRestore();
    expect(await stored(one.room)).toBe('');
  });

  it('a text that cannot be loaded is refused, never shown empty', async () => {
    const one = await synced(anna);
    one.text.insert(0, 'Vērtīgs');
    await vi.waitFor(async () => expect(await stored(one.provider.roomname)).toBe('Vērtīgs'));
    one.provider.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const read = service.store.read.bind(service.store);
    const broken = vi.spyOn(service.store, 'read').mockImplementation((work) =>
      read((tx) =>
        work({
          ...tx,
          textContent: async () => ({ seq: 1, loose: 1, updates: [Uint8Array.of(1, 2, 3)] }),
        }),
      ),
    );
    const two = await write(berta);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(two.provider.synced).toBe(false);
    broken.mockRestore();
    await until(() => two.provider.synced);
    expect(two.text.toJSON()).toBe('Vērtīgs');
  });

  it('what the store does not take is shown to nobody, and comes again by itself', async () => {
    const [one, two] = [await synced(anna), await synced(berta)];
    const failing = vi.spyOn(service.store, 'write').mockRejectedValue(new Error('disk full'));
    one.text.insert(0, 'Nezūd');
    await until(() => one.codes.includes(TEXT_CLOSE.notStored));
    expect(two.text.toJSON()).toBe('');
    failing.mockRestore();
    await until(() => two.text.toJSON() === 'Nezūd');
    expect(await stored(one.provider.roomname)).toBe('Nezūd');
  });

  it('words typed before the service has asked are not lost', async () => {
    const { ws, room, messages } = await socketOf(anna);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getText('text').insert(0, 'bezsaistē ');
    doc.getText('text').insert(10, 'tiešsaistē');
    // The second builds on the first, which the service gets only with the answer to its question.
    ws.send(updateMessage(updates[1] ?? new Uint8Array()));
    ws.send(
      encoding.encode((to) => {
        encoding.writeVarUint(to, TEXT_MESSAGE.sync);
        encoding.writeVarUint(to, 1);
        encoding.writeVarUint8Array(to, Y.encodeStateAsUpdate(doc));
      }),
    );
    await vi.waitFor(async () => expect(await stored(room)).toBe('bezsaistē tiešsaistē'));
    // And a gap after that is asked for.
    const before = messages.length;
    doc.getText('text').insert(0, 'a');
    doc.getText('text').insert(1, 'b');
    ws.send(updateMessage(updates[3] ?? new Uint8Array()));
    await until(() => messages.slice(before).some(([type, kind]) => type === 0 && kind === 0));
  });

  it('many updates become a snapshot; the text stays the same', async () => {
    const one = await synced(anna);
    const room = one.provider.roomname;
    for (let at = 0; at < SERVICE_LIMITS.textCompact + 30; at += 1) {
      one.text.insert(one.text.length, `${at} `);
      const { seq } = (await service.store.read((tx) => tx.text(room))) ?? { seq: 0 };
      if (seq <= at)
        await vi.waitFor(
          async () => expect((await service.store.read((tx) => tx.text(room)))?.seq).toBeGreaterThan(at),
          { interval: 2, timeout: 20_000 },
        );
    }
    const content = await service.store.read((tx) => tx.textContent(room, 0));
    expect(content.loose).toBeLessThan(SERVICE_LIMITS.textCompact);
    expect(await stored(room)).toBe(one.text.toJSON());
  });

  it.each([
    ['no message', Uint8Array.of(9, 9, 9), TEXT_CLOSE.malformed],
    ['half a message', Uint8Array.of(0, 2, 200), TEXT_CLOSE.malformed],
    ['an update that is none', updateMessage(Uint8Array.of(1, 2, 3)), TEXT_CLOSE.malformed],
    ['a question that is none', askMessage(Uint8Array.of(255, 255)), TEXT_CLOSE.malformed],
    ['text', 'text', TEXT_CLOSE.malformed],
    ['too large an update', updateMessage(new Uint8Array(LIMITS.textUpdateBytes + 1)), TEXT_CLOSE.tooLarge],
  ] as const)('%s closes the socket for good', async (_what, message, code) => {
    const { ws, closed } = await socketOf(anna);
    ws.send(message);
    expect(await closed).toBe(code);
  });

  it('a text does not grow beyond its limit, a socket not beyond its messages, a desk not beyond its rooms', async () => {
    const big = await socketOf(anna);
    const doc = new Y.Doc();
    for (let at = 0; at * 200_000 <= LIMITS.textBytes; at += 1) {
      const before = Y.encodeStateVector(doc);
      doc.getText('text').insert(0, 'x'.repeat(200_000));
      big.ws.send(updateMessage(Y.encodeStateAsUpdate(doc, before)));
    }
    expect(await big.closed).toBe(TEXT_CLOSE.tooLarge);
    expect((await stored(big.room)).length).toBeLessThanOrEqual(LIMITS.textBytes);
    const loud = await socketOf(berta);
    for (let at = 0; at < SERVICE_LIMITS.textMessagesBurst * 2; at += 1) loud.ws.send(Uint8Array.of(3));
    expect(await loud.closed).toBe(TEXT_CLOSE.tooMany);
    const days = Array.from({ length: LIMITS.deviceRooms }, () => socketOf(anna));
    const rooms = await Promise.all(days);
    expect(rooms.every(({ ws }) => ws.readyState === ws.OPEN)).toBe(true);
    expect(await (await socketOf(anna)).closed).toBe(TEXT_CLOSE.tooMany);
  });

  it('a socket lives on with a new ticket in band', async () => {
    const { ws, closed } = await socketOf(anna);
    const renew = (ticket: string): void =>
      ws.send(
        encoding.encode((to) => {
          encoding.writeVarUint(to, TEXT_MESSAGE.renew);
          encoding.writeVarString(to, ticket);
        }),
      );
    const { ticket } = await opened(anna);
    renew(ticket);
    renew(ticket);
    expect(await closed).toBe(TEXT_CLOSE.ended);
  });
});
