import { createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';
import {
  checkpointText,
  continuedHead,
  continuesLine,
  openCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts';
import { judgeLink, NO_EVENT } from './deviceChain.ts';
import {
  consistencySubtrees,
  inclusionSubtrees,
  rangeSubtrees,
  rootOf,
  rootOfRange,
  treeHasher,
  verifyConsistency,
  verifyInclusion,
  type Subtree,
} from './merkle.ts';
import {
  addSignatures,
  COSIGNATURE_KEY,
  cosignatureLine,
  cosignedAt,
  cosignedMessage,
  formatKey,
  isSignedBy,
  makeKey,
  NOTE_KEY,
  parseKey,
  parseNote,
} from './note.ts';
import { SLICE_FORMAT, sliceProof, verifySlice } from './slice.ts';
import { buildTestLog } from './testLog.ts';
import {
  bundlePath,
  createTileTree,
  makeBundle,
  splitBundle,
  tileHashes,
  tileLevels,
  tilePath,
  tilesAt,
} from './tiles.ts';
import { verifyLog } from './verifyLog.ts';

const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');
const hasher = treeHasher(sha256);
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const check = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  verify(
    null,
    message,
    createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }),
    signature,
  );

function keyPair(name: string, type: number = NOTE_KEY) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    key: makeKey(sha256, name, type, raw),
    sign: (message: Uint8Array): Uint8Array => sign(null, message, privateKey),
  };
}

/** The leaves and roots with which implementations of RFC 6962 are compared. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaf = (at: number): Uint8Array => hasher.leaf(utf8(`entry ${at}`));
const leaves = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => leaf(at));
const subtree = (all: readonly Uint8Array[], { from, to }: Subtree): Uint8Array =>
  rootOf(hasher, all.slice(from, to));

describe('the tree', () => {
  it('has the roots of RFC 6962', () => {
    expect(toHex(hasher.empty)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const known = LEAVES.map((text) => hasher.leaf(fromHex(text) ?? new Uint8Array()));
    for (const [at, root] of ROOTS.entries()) {
      expect(toHex(rootOf(hasher, known.slice(0, at + 1)))).toBe(root);
    }
  });

  it('proves inclusion, consistency and ranges for every tree up to 40 leaves, and nothing else', () => {
    const all = leaves(40);
    for (let size = 1; size <= 40; size += 1) {
      const root = rootOf(hasher, all.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionSubtrees(index, size).map((range) => subtree(all, range));
        expect(verifyInclusion(hasher, leaf(index), index, size, root, proof)).toBe(true);
        expect(verifyInclusion(hasher, leaf(index + 1), index, size, root, proof)).toBe(false);
        expect(verifyInclusion(hasher, leaf(index), index, size, root, [...proof, root])).toBe(false);
        if (size > 1)
          expect(verifyInclusion(hasher, leaf(index), (index + 1) % size, size, root, proof)).toBe(false);
        if (proof.length > 0)
          expect(verifyInclusion(hasher, leaf(index), index, size, root, proof.slice(1))).toBe(false);
      }
      for (let old = 0; old <= size; old += 1) {
        const oldRoot = old === 0 ? hasher.empty : rootOf(hasher, all.slice(0, old));
        const proof = consistencySubtrees(old, size).map((range) => subtree(all, range));
        expect(verifyConsistency(hasher, old, oldRoot, size, root, proof)).toBe(true);
        if (old > 0) {
          expect(verifyConsistency(hasher, old, leaf(99), size, root, proof)).toBe(false);
          expect(verifyConsistency(hasher, old, oldRoot, size, leaf(99), proof)).toBe(false);
          expect(verifyConsistency(hasher, old, oldRoot, size, root, [...proof, root])).toBe(false);
        }
      }
      for (const [first, end] of [
        [0, size],
        [Math.floor(size / 3), Math.max(Math.floor(size / 3) + 1, Math.floor(size / 2))],
      ] as const) {
        const proof = rangeSubtrees(first, end, size).map((range) => subtree(all, range));
        expect(rootOfRange(hasher, all.slice(first, end), first, size, proof)).toEqual(root);
      }
    }
    expect(verifyConsistency(hasher, 2, leaf(0), 1, leaf(0), [])).toBe(false);
    expect(verifyInclusion(hasher, leaf(0), -1, 1, leaf(0), [])).toBe(false);
  });
});

describe('tiles', () => {
  it('have the paths of tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('tile/1/000.p/17');
    expect(bundlePath(273, 112)).toBe('tile/entries/273.p/112');
    // The example of the specification: a tree of 70 000 leaves.
    expect([tilesAt(0, 70_000), tilesAt(1, 70_000), tilesAt(2, 70_000), tileLevels(70_000)]).toEqual([
      { full: 273, partial: 112 },
      { full: 1, partial: 17 },
      { full: 0, partial: 1 },
      3,
    ]);
    expect([tilesAt(0, 256), tilesAt(1, 256)]).toEqual([
      { full: 1, partial: 0 },
      { full: 0, partial: 1 },
    ]);
  });

  it('keep entries of any length up to two bytes', () => {
    const entries = ['', 'ā', 'x'.repeat(65_535)];
    const bundle = makeBundle(entries);
    expect(splitBundle(bundle, 3)?.map((entry) => Buffer.from(entry).toString('utf8'))).toEqual(entries);
    expect(splitBundle(bundle, 2)).toBeUndefined();
    expect(splitBundle(bundle.subarray(0, -1), 3)).toBeUndefined();
    expect(() => makeBundle(['x'.repeat(65_536)])).toThrow(RangeError);
  });

  it('give every proof, and go on where they ended', async () => {
    const size = 66_001;
    const all = Array.from({ length: size }, (_, at) => hasher.leaf(utf8(`e${at}`)));
    const files = new Map<string, Uint8Array>();
    const tree = createTileTree(hasher, (tile, hashes) => files.set(tilePath(tile), concat(...hashes)));
    // Taken up again from the partial tiles of a smaller size.
    for (const hash of all.slice(0, 65_900)) tree.append(hash);
    const edge: Uint8Array[][] = Array.from({ length: 3 }, () => []);
    for (const { tile, hashes } of tree.partials()) edge[tile.level] = [...hashes];
    const again = createTileTree(
      hasher,
      (tile, hashes) => files.set(tilePath(tile), concat(...hashes)),
      65_900,
      edge,
    );
    for (const hash of all.slice(65_900)) again.append(hash);
    for (const { tile, hashes } of again.partials()) files.set(tilePath(tile), concat(...hashes));
    const root = rootOf(hasher, all);
    expect(toHex(again.root())).toBe(toHex(root));

    const tiles = tileHashes(hasher, { read: async (path) => files.get(path) }, size);
    for (const index of [0, 255, 256, 65_535, 65_536, 66_000]) {
      const proof = await tiles.proof(inclusionSubtrees(index, size));
      expect(verifyInclusion(hasher, all[index] ?? root, index, size, root, proof)).toBe(true);
    }
    for (const old of [1, 255, 256, 257, 65_536, 65_999]) {
      const before = await tiles.subtree({ from: 0, to: old });
      const proof = await tiles.proof(consistencySubtrees(old, size));
      expect(verifyConsistency(hasher, old, before, size, root, proof)).toBe(true);
    }
    await expect(
      tileHashes(hasher, { read: async () => undefined }, size).subtree({ from: 0, to: 1 }),
    ).rejects.toMatchObject({ code: 'TILE_MISSING' });
  }, 30_000);
});

describe('notes', () => {
  // The example of golang.org/x/mod/sumdb/note.
  const NAMED = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const TEXT =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const SIGNED =
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  it('are those of the Go checksum database', async () => {
    const key = parseKey(sha256, NAMED);
    const note = parseNote(`${TEXT}\n${SIGNED}`);
    if (key === undefined || note === undefined) throw new Error('not read');
    expect([formatKey(key), note.text]).toEqual([NAMED, TEXT]);
    expect(await isSignedBy(check, key, note)).toBe(true);
    expect(await isSignedBy(check, key, { ...note, text: TEXT.replace('answer', 'Answer') })).toBe(false);
    expect(await isSignedBy(check, { ...key, name: 'Other' }, note)).toBe(false);
  });

  it('are refused when they are malformed', () => {
    for (const wrong of [
      TEXT,
      `${TEXT}\n`,
      `${TEXT}\n${SIGNED.trimEnd()}`,
      `${TEXT}\n${SIGNED.replace('— ', '- ')}`,
      `${TEXT}\n${SIGNED.replace('x08g', 'x08')}`,
      `${TEXT}\u0007\n${SIGNED}`,
      `${TEXT}\n${SIGNED}${'x'.repeat(70_000)}`,
    ])
      expect(parseNote(wrong)).toBeUndefined();
    expect(parseKey(sha256, NAMED.replace('c74f20a3', 'c74f20a4'))).toBeUndefined();
    expect(parseKey(sha256, 'PeterNeumann')).toBeUndefined();
  });

  it('carry checkpoints and cosignatures with their time', async () => {
    const log = keyPair('sivis.test/audit/unit');
    const witness = keyPair('witness.test/w1', COSIGNATURE_KEY);
    const built = await buildTestLog(['a', 'b'], sha256, log.key, log.sign);
    const signed = Buffer.from(built.files.get('checkpoint') ?? []).toString('utf8');
    const opened = await openCheckpoint(check, log.key, signed);
    if ('problem' in opened) throw new Error(opened.problem);
    expect(opened.checkpoint).toMatchObject({ origin: 'sivis.test/audit/unit', size: 2 });
    const line = cosignatureLine(
      witness.key,
      1_679_315_147,
      witness.sign(cosignedMessage(opened.note.text, 1_679_315_147)),
    );
    const both = addSignatures(addSignatures(signed, line), line);
    expect(both.split('— ')).toHaveLength(3);
    const note = parseNote(both);
    if (note === undefined) throw new Error('not read');
    expect(await cosignedAt(check, witness.key, note)).toBe(1_679_315_147);
    expect(await cosignedAt(check, witness.key, { ...note, text: `${note.text}x\n` })).toBeUndefined();
    expect(await isSignedBy(check, log.key, note)).toBe(true);
    const other = keyPair('sivis.test/audit/unit');
    expect(await openCheckpoint(check, other.key, signed)).toEqual({ problem: 'signature' });
    expect(await openCheckpoint(check, { ...log.key, name: 'sivis.test/other' }, signed)).toEqual({
      problem: 'origin',
    });
    expect(await openCheckpoint(check, log.key, 'x')).toEqual({ problem: 'malformed' });
  });

  it('name what a restored log continues', () => {
    const head = { origin: 'sivis.test/audit/unit', size: 7, root: leaf(1) };
    const text = checkpointText({
      ...head,
      origin: 'sivis.test/audit/unit/2',
      extensions: [continuesLine(head)],
    });
    const read = parseCheckpoint(text);
    const continued = read === undefined ? undefined : continuedHead(read);
    expect({ ...continued, root: toHex(continued?.root ?? new Uint8Array()) }).toEqual({
      ...head,
      root: toHex(head.root),
    });
    const hash = toBase64(leaf(1));
    for (const wrong of ['', 'a\n1\n', `a\n01\n${hash}\n`, `a\n-1\n${hash}\n`, `a\n1\nAA==\n`, `${text}\n`])
      expect(parseCheckpoint(wrong)).toBeUndefined();
    expect(parseCheckpoint(text.trimEnd())).toBeUndefined();
  });

  it('write base64 in one way only', () => {
    const bytes = concat(leaf(1), leaf(2), Uint8Array.of(1));
    expect(equalBytes(fromBase64(toBase64(bytes)) ?? new Uint8Array(), bytes)).toBe(true);
    for (const wrong of ['AB==', 'A', 'AA=', 'A-_A']) expect(fromBase64(wrong)).toBeUndefined();
  });
});

describe('verification of files', () => {
  const log = keyPair('sivis.test/audit/unit');
  const entries = Array.from({ length: 700 }, (_, at) => JSON.stringify({ action: 'view', n: at }));
  const options = { sha256, verify: check, key: log.key };
  const build = (list: readonly string[] = entries) => buildTestLog(list, sha256, log.key, log.sign);
  const run = (
    files: ReadonlyMap<string, Uint8Array>,
    known: Parameters<typeof verifyLog>[1]['known'] = [],
  ) => verifyLog({ read: async (path) => files.get(path) }, { ...options, known });

  it('finds a clean log clean and tells how far it is', async () => {
    const { files, root } = await build();
    const seen: number[] = [];
    const result = await verifyLog(
      { read: async (path) => files.get(path) },
      { ...options, progress: (done) => seen.push(done) },
    );
    expect(result).toEqual({
      verdict: 'ok',
      origin: log.key.name,
      size: 700,
      root: toHex(root),
      entries: 700,
      removedTo: 0,
      deviceAlarms: 0,
      problems: [],
    });
    expect(seen).toEqual([256, 512, 700]);
  });

  it('finds a changed entry, tile and checkpoint, and missing files', async () => {
    const found = async (change: (files: Map<string, Uint8Array>) => void) => {
      const { files } = await build();
      change(files);
      const { verdict, problems } = await run(files);
      return [verdict, problems[0]?.kind];
    };
    const flip = (path: string, at: number) => (files: Map<string, Uint8Array>) => {
      const bytes = Uint8Array.from(files.get(path) ?? []);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      files.set(path, bytes);
    };
    expect(await found(flip('tile/entries/001', 20))).toEqual(['tampered', 'entry']);
    expect(await found(flip('tile/0/001', 20))).toEqual(['tampered', 'entry']);
    expect(await found(flip('tile/1/000.p/2', 20))).toEqual(['tampered', 'tile']);
    expect(await found(flip('checkpoint', 25))).toMatchObject(['tampered', expect.anything()]);
    expect(await found((files) => files.delete('tile/entries/001'))).toEqual([
      'incomplete',
      'missingEntries',
    ]);
    expect(await found((files) => files.delete('tile/0/000'))).toEqual(['incomplete', 'missingTile']);
    expect(await found((files) => files.delete('checkpoint'))).toEqual(['incomplete', 'missingCheckpoint']);
  });

  it('accepts removed entries only when the log itself says so', async () => {
    const removal = JSON.stringify({ action: 'retentionExecuted', kind: 'audit', object: '1-256' });
    const { files } = await build([...entries, removal]);
    files.delete('tile/entries/000');
    expect(await run(files)).toMatchObject({ verdict: 'ok', removedTo: 256, entries: 701 - 256 });
    files.delete('tile/entries/001');
    expect(await run(files)).toMatchObject({ verdict: 'incomplete' });
  });

  it('compares with what a witness has seen', async () => {
    const before = await build(entries.slice(0, 300));
    const after = await build();
    const fork = await build([...entries.slice(0, 299), 'other', ...entries.slice(300)]);
    const head = { origin: log.key.name, size: 300, root: before.root };
    expect((await run(after.files, [head])).verdict).toBe('ok');
    expect((await run(fork.files, [head])).problems).toEqual([{ kind: 'forked', where: '300' }]);
    const later = { origin: log.key.name, size: 700, root: after.root };
    expect((await run(before.files, [later])).problems).toEqual([{ kind: 'rolledBack', where: '700' }]);
  });

  it('follows the sequences of desks', async () => {
    const event = (n: number, hash: string, prev: string, more: object = {}): string =>
      JSON.stringify({
        action: 'view',
        device: 'd',
        actor: 'u',
        deviceChain: 'c',
        deviceSeq: n,
        deviceHash: hash,
        prevDeviceSeq: prev,
        ...more,
      });
    const [a, b, c] = ['a', 'b', 'c'].map((char) => char.repeat(64)) as [string, string, string];
    const verdict = async (list: string[]) => {
      const { files } = await build(list);
      const { verdict: said, problems, deviceAlarms } = await run(files);
      return [said, problems.map(({ where }) => where), deviceAlarms];
    };
    expect(await verdict([event(1, a, NO_EVENT), event(2, b, a), event(3, c, b)])).toEqual(['ok', [], 0]);
    expect(await verdict([event(1, a, NO_EVENT), event(3, c, b)])).toEqual(['tampered', ['2'], 0]);
    expect(await verdict([event(1, a, NO_EVENT), event(3, c, b, { chainAlarm: 'gap' })])).toEqual([
      'ok',
      [],
      1,
    ]);
    expect(await verdict([event(1, a, NO_EVENT), event(1, b, NO_EVENT)])).toEqual(['tampered', ['2'], 0]);
  });

  it('accepts a slice with its proof and payloads, and no other', async () => {
    const salt = 'ab'.repeat(32);
    const commit = toHex(sha256(concat(fromHex(salt) ?? new Uint8Array(), utf8('{"p":1}'))));
    const list = [...entries, JSON.stringify({ payloadCommit: commit })];
    const { files } = await build(list);
    const size = list.length;
    const tiles = tileHashes(hasher, { read: async (path) => files.get(path) }, size);
    const slice = {
      format: SLICE_FORMAT,
      key: formatKey(log.key),
      checkpoint: Buffer.from(files.get('checkpoint') ?? []).toString('utf8'),
      first: 650,
      entries: list
        .slice(649)
        .map((envelope, at) => (at === 51 ? { envelope, salt, payload: '{"p":1}' } : { envelope })),
      proof: await sliceProof(tiles, 650, 52, size),
    } as const;
    expect(await verifySlice(slice, options)).toMatchObject({ verdict: 'ok', entries: 52, size });
    const kinds = async (changed: object) =>
      (await verifySlice({ ...slice, ...changed }, options)).problems.map(({ kind }) => kind);
    expect(await kinds({ first: 649 })).toEqual(['proof']);
    expect(await kinds({ entries: slice.entries.slice(1) })).toEqual(['proof']);
    expect(
      await kinds({
        entries: slice.entries.map((entry, at) => (at === 51 ? { ...entry, payload: '{"p":2}' } : entry)),
      }),
    ).toEqual(['payload']);
    expect(await kinds({ checkpoint: slice.checkpoint.replace('701', '700') })).toEqual(['signature']);
  });
});

describe('the sequence of a desk', () => {
  const head = { id: 'c', n: 5, hash: 'a'.repeat(64) };
  it.each([
    ['the next event', head, { id: 'c', n: 6, prev: head.hash }, undefined, null, true],
    ['the first event', undefined, { id: 'c', n: 1, prev: NO_EVENT }, undefined, null, true],
    ['a beginning in the middle', undefined, { id: 'c', n: 2, prev: head.hash }, undefined, 'gap', true],
    ['a missing event', head, { id: 'c', n: 7, prev: head.hash }, undefined, 'gap', true],
    ['another past', head, { id: 'c', n: 6, prev: NO_EVENT }, undefined, 'fork', true],
    ['a place that is taken', head, { id: 'c', n: 5, prev: NO_EVENT }, 'b', 'reuse', false],
    ['a place that was empty', head, { id: 'c', n: 4, prev: NO_EVENT }, undefined, 'late', false],
    ['a new beginning', head, { id: 'd', n: 1, prev: NO_EVENT }, undefined, 'restart', true],
    ['an old sequence', head, { id: 'd', n: 9, prev: head.hash }, undefined, 'late', false],
  ] as const)('%s', (_, before, link, taken, alarm, leads) => {
    expect(judgeLink(before, link, taken)).toEqual({ alarm, leads });
  });
});
