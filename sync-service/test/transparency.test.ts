import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogHead, LogState } from '@sivis/shared/protocol/messages/log.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { LOG_PREFIX, PATHS } from '@sivis/shared/protocol/paths.ts';
import { fromBase64, fromHex, textOf, toBase64, utf8 } from '@sivis/shared/tlog/bytes.ts';
import {
  continuedHead,
  continuesLine,
  openCheckpoint,
  parseCheckpoint,
} from '@sivis/shared/tlog/checkpoint.ts';
import { verifyConsistency, verifyInclusion } from '@sivis/shared/tlog/merkle.ts';
import {
  COSIGNATURE_KEY,
  cosignatureLine,
  cosignedMessage,
  formatKey,
  makeKey,
  parseKey,
  parseNote,
} from '@sivis/shared/tlog/note.ts';
import { verifySlice, type Slice } from '@sivis/shared/tlog/slice.ts';
import { verifyLog } from '@sivis/shared/tlog/verifyLog.ts';
import { logInMemory } from '../src/audit/logFiles.ts';
import { ed25519Verify, hasher, rawPublicKey, sha256 } from '../src/audit/nodeCrypto.ts';
import { createPublisher, storedHead, storeRoot, type PublisherAlarm } from '../src/audit/publisher.ts';
import { erasePayloads, monthsBefore, runRetention } from '../src/audit/retention.ts';
import { localSigner } from '../src/audit/signer/client.ts';
import { createSigner, type Signer, type SignerMemory } from '../src/audit/signer/signer.ts';
import { serviceWho } from '../src/audit/auditLog.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/open.ts';
import { createAuditLog } from '../src/audit/auditLog.ts';
import { deviceId, NOW, openService, type TestService } from './serviceKit.ts';

const ORIGIN = 'sivis.test/audit/unit';
const audit = createAuditLog(Buffer.alloc(32, 1));

function memory(): SignerMemory & { forget(): void } {
  let kept: ReturnType<SignerMemory['load']>;
  return {
    load: () => kept,
    save: (state) => {
      kept = state;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

async function write(store: SqliteStore, count: number, more: { nowMs?: number; personId?: string } = {}) {
  await store.write(async (tx) => {
    for (let at = 0; at < count; at += 1)
      await audit.recordAudit(tx, serviceWho(more.nowMs ?? NOW, '1'), {
        action: 'view',
        kind: 'person',
        objectId: '',
        personIds: more.personId === undefined ? [] : [more.personId],
        result: 'ok',
        detail: { at },
      });
  });
}

describe('the publisher', () => {
  let store: SqliteStore;
  let files: Map<string, Uint8Array>;
  let alarms: PublisherAlarm[];
  const { privateKey } = generateKeyPairSync('ed25519');
  const kept = memory();
  let signer: Signer;
  const clock = { nowMs: NOW };

  beforeEach(async () => {
    store = await openSqliteStore({ file: ':memory:' });
    files = new Map();
    alarms = [];
    kept.forget();
    signer = createSigner(privateKey, ORIGIN, [], kept);
    clock.nowMs = NOW;
  });
  afterEach(() => store.close());

  const publisherOn = (on = store, by = signer, witness?: Parameters<typeof createPublisher>[0]['witness']) =>
    createPublisher({
      store: on,
      files: logInMemory(files),
      signer: localSigner(by),
      clock: { now: () => clock.nowMs },
      ...(witness === undefined ? {} : { witness }),
      alarmed: (alarm) => alarms.push(alarm),
    });
  const verify = () =>
    verifyLog({ read: async (file) => files.get(file) }, { sha256, verify: ed25519Verify, key: signer.key });

  it('publishes files that verify alone, however the log grows, and goes on after a restart', async () => {
    let publisher = publisherOn();
    expect(await publisher.publish()).toBeUndefined();
    let size = 0;
    for (const more of [1, 4, 250, 1, 1, 255, 300]) {
      await write(store, more);
      size += more;
      if (more === 255) publisher = publisherOn();
      const published = await publisher.publish();
      expect(published?.checkpoint.size).toBe(size);
      expect(await verify()).toMatchObject({ verdict: 'ok', size, entries: size });
      expect(toBase64(await storeRoot(store, size))).toBe(
        toBase64(published?.checkpoint.root ?? hasher.empty),
      );
    }
    // The key lies beside the files, the last checkpoint in the store; partial tiles that are full now are gone.
    expect(textOf(files.get('key') ?? new Uint8Array())?.trim()).toBe(formatKey(signer.key));
    expect(storedHead(await store.read((tx) => tx.meta('auditCheckpoint')))?.size).toBe(size);
    expect([...files.keys()].filter((file) => file.startsWith('tile/0/000.p'))).toEqual([]);
    expect(alarms).toEqual([]);
  });

  it('builds lost or damaged files anew from the store', async () => {
    await write(store, 600);
    await publisherOn().publish();
    files.delete('tile/0/002.p/88');
    await write(store, 1);
    await publisherOn().publish();
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 601 });
    files.clear();
    await publisherOn().publish();
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 601 });
  });

  it('signs after a thousand entries or a minute, and not when nothing was written', async () => {
    const publisher = publisherOn();
    await write(store, 1);
    await publisher.tick();
    const size = () => publisher.latest()?.checkpoint.size;
    expect(size()).toBe(1);
    await write(store, 10);
    await publisher.tick();
    clock.nowMs += 59_000;
    await publisher.tick();
    expect(size()).toBe(1);
    clock.nowMs += 1_000;
    await publisher.tick();
    expect(size()).toBe(11);
    await write(store, 1_000);
    await publisher.tick();
    expect(size()).toBe(1_011);
    const at = publisher.latest()?.at;
    clock.nowMs += 600_000;
    await publisher.tick();
    expect(publisher.latest()?.at).toBe(at);
  });

  it('gets no signature for a tree that was cut or changed, and says so', async () => {
    await write(store, 300);
    await publisherOn().publish();
    const cut = await openSqliteStore({ file: ':memory:' });
    await write(cut, 299);
    const publisher = publisherOn(cut);
    await publisher.publish();
    expect(publisher.alarm()).toBe('rolledBack');
    // As many entries and more, but others: the files are lost, so only the signer can know.
    files.clear();
    await write(cut, 10);
    expect(await publisherOn(cut).publish()).toBeUndefined();
    expect(alarms).toEqual(['rolledBack', 'refused']);
    await cut.close();
    expect(signer.state().size).toBe(300);
  });

  it('gets none for an entry that is not what was hashed', async () => {
    await write(store, 3);
    await store.write((tx) =>
      tx.appendAudit('{"action":"view"}', '00'.repeat(32), null, null, {
        at: '',
        happenedAt: '',
        actorId: '',
        deviceId: '',
        action: '',
        siteId: '',
        subjectRefs: [],
        personal: false,
      }),
    );
    const publisher = publisherOn();
    expect(await publisher.publish()).toBeUndefined();
    expect(publisher.alarm()).toBe('entry');
  });

  it('asks an outside witness for its cosignature, from the size that the witness knows', async () => {
    const pair = generateKeyPairSync('ed25519');
    const key = makeKey(sha256, 'witness.test/w1', COSIGNATURE_KEY, rawPublicKey(pair.publicKey));
    let known = { size: 0, root: hasher.empty };
    const asked: string[] = [];
    const original = globalThis.fetch;
    // A witness as C2SP tlog-witness says it.
    globalThis.fetch = (async (url: string, init: { body: string }) => {
      asked.push(url);
      const [head = '', note = ''] = [
        init.body.slice(0, init.body.indexOf('\n\n')),
        init.body.slice(init.body.indexOf('\n\n') + 2),
      ];
      const [old = '', ...proof] = head.split('\n');
      const parsed = parseNote(note);
      const checkpoint = parseCheckpoint(parsed?.text ?? '');
      if (parsed === undefined || checkpoint === undefined) return new Response('', { status: 400 });
      if (old !== `old ${known.size}`)
        return new Response(`${known.size}\n`, {
          status: 409,
          headers: { 'content-type': 'text/x.tlog.size' },
        });
      const hashes = proof.map((line) => fromBase64(line) ?? new Uint8Array());
      if (!verifyConsistency(hasher, known.size, known.root, checkpoint.size, checkpoint.root, hashes))
        return new Response('', { status: 422 });
      known = { size: checkpoint.size, root: Uint8Array.from(checkpoint.root) };
      const signature = signBytes(null, cosignedMessage(parsed.text, 1_800_000_000), pair.privateKey);
      return new Response(cosignatureLine(key, 1_800_000_000, signature));
    }) as unknown as typeof fetch;
    try {
      const witness = { url: 'https://witness.test/', key };
      await write(store, 5);
      const first = publisherOn(store, signer, witness);
      expect((await first.publish())?.note.split('\n— ')).toHaveLength(3);
      await write(store, 5);
      // A restarted service does not remember what the witness knows.
      const second = await publisherOn(store, signer, witness).publish();
      expect(second?.note).toContain('— witness.test/w1 ');
      expect(asked).toHaveLength(3);
      expect(await verify()).toMatchObject({ verdict: 'ok', size: 10 });
    } finally {
      globalThis.fetch = original;
    }
  });

  it('of an instance without the signer takes over what another one signs, and misses it after minutes', async () => {
    await write(store, 300);
    const first = publisherOn();
    await first.publish();
    const there = files;
    files = new Map();
    const other = createSigner(generateKeyPairSync('ed25519').privateKey, ORIGIN, [], memory());
    const second = publisherOn(store, other);
    expect((await second.publish())?.note).toBe(first.latest()?.note);
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 300 });
    await write(store, 5);
    await second.publish();
    expect([second.latest()?.checkpoint.size, second.alarm()]).toEqual([300, null]);
    clock.nowMs += 301_000;
    await second.publish();
    expect(second.alarm()).toBe('signer');
    const here = files;
    files = there;
    await publisherOn().publish();
    files = here;
    expect((await second.publish())?.checkpoint.size).toBe(305);
    expect(second.alarm()).toBeNull();
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 305 });
  });

  it('removes whole bundles whose time is over, by an entry; the rest still verifies', async () => {
    const old = Date.parse('2025-01-31T10:00:00.000Z');
    const rule = { months: 18, basis: 'noteikumi' };
    await write(store, 700, { nowMs: old });
    await write(store, 100);
    const publisher = publisherOn();
    await publisher.publish();
    expect(await runRetention(store, audit, rule, NOW, '1', true)).toMatchObject({ removed: 512, upTo: 512 });
    expect(await runRetention(store, audit, rule, NOW, '1')).toMatchObject({ removed: 512, upTo: 512 });
    expect(await runRetention(store, audit, rule, NOW, '1')).toMatchObject({ removed: 0 });
    const [row] = await store.read((tx) => tx.auditRange(800, 1));
    expect(JSON.parse(row?.envelope ?? '')).toMatchObject({ action: 'retentionExecuted', object: '1-512' });
    expect(JSON.parse(row?.payload ?? '')).toMatchObject({ detail: { months: 18, basis: 'noteikumi' } });
    // The files go when the order is signed.
    expect(files.has('tile/entries/000')).toBe(true);
    await publisher.publish();
    expect(files.has('tile/entries/000')).toBe(false);
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 801, removedTo: 512, entries: 289 });
    files.clear();
    await publisherOn().publish();
    expect(await verify()).toMatchObject({ verdict: 'ok', size: 801, removedTo: 512 });
    expect(monthsBefore(Date.parse('2026-08-31T10:00:00.000Z'), 6)).toBe('2026-02-28T10:00:00.000Z');
  });

  it('still verifies when payloads were erased', async () => {
    await write(store, 20, { personId: 'p1' });
    await write(store, 20, { personId: 'p2' });
    const who = serviceWho(NOW, '1');
    expect(await erasePayloads(store, audit, who, { personId: 'p1' }, 'Tiesas spriedums')).toBe(20);
    expect(await erasePayloads(store, audit, who, { seqs: [25] }, 'Kļūda')).toBe(1);
    const rows = await store.read((tx) => tx.auditRange(0, 100));
    expect(rows.filter((row) => row.payload === null)).toHaveLength(21);
    expect(rows.slice(40).map((row) => (JSON.parse(row.envelope) as { action: string }).action)).toEqual([
      'payloadErased',
      'payloadErased',
    ]);
    await publisherOn().publish();
    expect((await verify()).verdict).toBe('ok');
  });
});

describe('the signer', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const head = (size: number) => {
    const leaves = Array.from({ length: size }, (_, at) => hasher.leaf(utf8(String(at))));
    return { size, leaves };
  };

  it('knows only sizes and roots, and refuses what does not contain the last one it signed', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    await store.close();
    const continues = continuesLine({ origin: 'sivis.test/before', size: 9, root: hasher.empty });
    const signer = createSigner(privateKey, ORIGIN, [continues], memory());
    const { leaves } = head(2);
    const one = toBase64(leaves[0] ?? hasher.empty);
    const first = signer.sign({ size: 1, root: one, proof: [] });
    if (!('note' in first)) throw new Error('refused');
    const opened = await openCheckpoint(ed25519Verify, signer.key, first.note);
    expect('problem' in opened ? opened.problem : continuedHead(opened.checkpoint)?.size).toBe(9);
    expect(signer.sign({ size: 1, root: one, proof: [] })).toEqual(first);
    const other = toBase64(leaves[1] ?? hasher.empty);
    expect(signer.sign({ size: 1, root: other, proof: [] })).toEqual({ refused: 'inconsistent', size: 1 });
    expect(signer.sign({ size: 2, root: other, proof: [one] })).toEqual({ refused: 'inconsistent', size: 1 });
    expect(signer.sign({ size: 2, root: 'x', proof: [] })).toEqual({ refused: 'malformed', size: 1 });
    const both = hasher.node(leaves[0] ?? hasher.empty, leaves[1] ?? hasher.empty);
    expect(signer.sign({ size: 2, root: toBase64(both), proof: [other] })).toHaveProperty('note');
    expect(signer.sign({ size: 1, root: one, proof: [] })).toEqual({ refused: 'smaller', size: 2 });
  });
});

describe('the log for signed-in desks', () => {
  let service: TestService;
  const tokens: Record<string, Tokens> = {};
  beforeEach(async () => {
    service = await openService();
    for (const [at, role] of (['reception', 'dutyManager', 'auditor'] as const).entries()) {
      await service.user(role.toLowerCase(), role);
      tokens[role] = await service.signIn(role.toLowerCase(), at + 1);
    }
  });
  afterEach(() => service.close());
  const call = (role: string, path: string, body: object) => service.call(tokens[role] ?? null, path, body);
  const witness = async (role: string, seen: object | null): Promise<LogHead> =>
    (await call(role, PATHS.logWitness, { seen })).json<LogHead>();
  const open = async ({ key, checkpoint }: { key: string; checkpoint: string }) => {
    const parsed = parseKey(sha256, key);
    const opened = parsed === undefined ? undefined : await openCheckpoint(ed25519Verify, parsed, checkpoint);
    if (opened === undefined || 'problem' in opened) throw new Error('no checkpoint');
    return opened.checkpoint;
  };

  it('gives each desk the head with the proof that it contains what the desk saw', async () => {
    const before = await open(await witness('reception', null));
    await call('auditor', PATHS.auditQuery, { limit: 5 });
    await service.deps.transparency?.publisher.publish();
    const seen = { origin: before.origin, size: before.size, root: toBase64(before.root) };
    const reply = await witness('reception', seen);
    const now = await open(reply);
    const proof = reply.proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
    expect(now.size).toBeGreaterThan(before.size);
    expect(verifyConsistency(hasher, before.size, before.root, now.size, now.root, proof)).toBe(true);
    const state = (await call('auditor', PATHS.logState, {})).json<LogState>();
    expect(state).toMatchObject({ alarm: null, alarms: [], removedTo: 0, retention: { months: 18 } });
    expect(state.witnesses).toMatchObject([{ name: 'Galds 1', kind: 'desk', size: now.size, sameLog: true }]);
  });

  it('gives the alarm once when a desk has seen another log', async () => {
    const head = await open(await witness('reception', null));
    const seen = { origin: head.origin, size: head.size, root: toBase64(head.root) };
    const wrong = { ...seen, root: toBase64(hasher.empty) };
    for (let at = 0; at < 2; at += 1) expect((await witness('reception', wrong)).proof).toEqual([]);
    await witness('dutyManager', { ...seen, size: head.size + 100 });
    await witness('auditor', { ...seen, origin: 'sivis.test/audit/before' });
    const alarms = await service.entries('logAlarm');
    expect(alarms.map(({ result, device }) => [result, device])).toEqual([
      ['forked', deviceId(1)],
      ['rolledBack', deviceId(2)],
      ['restarted', deviceId(3)],
    ]);
    const state = (await call('auditor', PATHS.logState, {})).json<LogState>();
    expect(state.alarms.map(({ code }) => code)).toEqual(['restarted', 'rolledBack', 'forked']);
  });

  it('proves that an entry is in it, at once after it was written', async () => {
    const size = await service.store.read((tx) => tx.auditSize());
    const row = await service.store.read((tx) => tx.auditRow(size));
    const reply = (await call('reception', PATHS.logInclusion, { seq: size })).json<LogHead>();
    const head = await open(reply);
    const proof = reply.proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
    const leaf = fromHex(row?.leafHash ?? '') ?? new Uint8Array();
    expect(verifyInclusion(hasher, leaf, size - 1, head.size, head.root, proof)).toBe(true);
    expect((await call('reception', PATHS.logInclusion, { seq: size + 999 })).statusCode).toBe(404);
    expect((await call('reception', PATHS.logConsistency, { from: 1, to: head.size })).statusCode).toBe(200);
    expect((await call('reception', PATHS.logConsistency, { from: 2, to: 1 })).statusCode).toBe(400);
  });

  it('hands parts with their proof to the auditor only, with their content only for a reason', async () => {
    await service.deps.transparency?.publisher.publish();
    const ask = (role: string, more: object = {}) =>
      call(role, PATHS.logSlice, { purpose: 'export', withPayload: false, ...more });
    expect((await ask('dutyManager')).statusCode).toBe(403);
    expect((await ask('auditor', { withPayload: true })).statusCode).toBe(400);
    const reply = await ask('auditor', { first: 2, withPayload: true, reason: 'CERT.LV pieprasījums' });
    const { slice, last } = reply.json<{ slice: Slice; last: number }>();
    expect(last).toBe(slice.entries.length + 1);
    const key = parseKey(sha256, slice.key);
    if (key === undefined) throw new Error('no key');
    const options = { sha256, verify: ed25519Verify, key };
    expect(await verifySlice(slice, options)).toMatchObject({ verdict: 'ok' });
    const [entry] = await service.entries('auditExport');
    expect(entry).toMatchObject({
      object: `2-${last}`,
      hasReason: true,
      personal: true,
      purpose: 'oversight',
    });
    const later = await ask('auditor', { from: '2030-01-01T00:00:00.000Z' });
    expect(later.statusCode).toBe(404);
    const day = await ask('auditor', { from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z' });
    expect(day.json<{ slice: Slice }>().slice.first).toBe(1);
  });

  it('serves its files as tlog-tiles: hashes to every desk, entries to the auditor', async () => {
    const get = (role: string | null, path: string) =>
      service.call(role === null ? null : (tokens[role] ?? null), `${LOG_PREFIX}/${path}`);
    const note = await get('reception', 'checkpoint');
    expect([note.statusCode, note.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    const size = parseCheckpoint(parseNote(note.body)?.text ?? '')?.size ?? 0;
    const tile = await get('reception', `tile/0/000.p/${size}`);
    expect([tile.statusCode, tile.rawPayload.length]).toEqual([200, size * 32]);
    expect((await get('reception', `tile/entries/000.p/${size}`)).statusCode).toBe(403);
    expect((await get('auditor', `tile/entries/000.p/${size}`)).statusCode).toBe(200);
    expect(await service.entries('auditVerify')).toHaveLength(1);
    for (const path of ['tile/0/999', 'tile/x/000', 'tile/0/../../key', 'tile/0/000.p/1/../2'])
      expect((await get('auditor', path)).statusCode).toBe(404);
    expect((await get(null, 'checkpoint')).statusCode).toBe(401);
  });
});
