import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBase64, toBase64, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '@sivis/shared/tlog/checkpoint.ts';
import {
  consistencySubtrees,
  inclusionSubtrees,
  verifyConsistency,
  verifyInclusion,
} from '@sivis/shared/tlog/merkle.ts';
import {
  COSIGNATURE_KEY,
  cosignedAt,
  formatKey,
  makeKey,
  NOTE_KEY,
  parseKey,
  parseNote,
} from '@sivis/shared/tlog/note.ts';
import {
  commitmentOf,
  SLICE_FORMAT,
  sliceProof,
  sliceSchema,
  verifySlice,
} from '@sivis/shared/tlog/slice.ts';
import { buildTestLog } from '@sivis/shared/tlog/testLog.ts';
import {
  bundlePath,
  CHECKPOINT_FILE,
  splitBundle,
  splitTile,
  tileHashes,
  tilePath,
} from '@sivis/shared/tlog/tiles.ts';
import { verifyLog } from '@sivis/shared/tlog/verifyLog.ts';
import { cosign } from '../../sync-service/src/audit/cosign.ts';
import { PROOF_HEADER, verifyPath } from '../../sync-service/src/audit/offline.ts';
import { ed25519Verify, hasher, rawPublicKey, sha256 } from '../../sync-service/src/audit/nodeCrypto.ts';
import { bytesOf, textOf, wordOf, type Target } from '../lib/target.ts';

const SIZE = 7;
const MOST = 1_048_576;
const SALT = 'ab'.repeat(32);
const DOOR = 'a file or an answer of the audit log';

/** Notes, checkpoints, tiles, proofs and slices: what a witness, an auditor or a desk reads and does not trust. */
export async function logTargets(): Promise<Target[]> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = makeKey(sha256, 'sivis.lv/audit/fuzz', NOTE_KEY, rawPublicKey(publicKey));
  const entries = Array.from({ length: SIZE }, (_, at) =>
    JSON.stringify({
      action: 'view',
      seq: at,
      kind: 'person',
      payloadCommit: commitmentOf(sha256, SALT, '{}'),
    }),
  );
  const log = await buildTestLog(entries, sha256, key, (message) => sign(null, message, privateKey));
  const note = log.files.get(CHECKPOINT_FILE) ?? new Uint8Array();
  const reader = { read: async (file: string) => log.files.get(file) };
  const leaves = entries.map((entry) => hasher.leaf(utf8(entry)));
  const half = await buildTestLog(entries.slice(0, 4), sha256, key, (message) =>
    sign(null, message, privateKey),
  );
  const bundleFile = bundlePath(0, SIZE);
  const tileFile = tilePath({ level: 0, index: 0, width: SIZE });
  const options = { sha256, verify: ed25519Verify, key };
  const tiles = tileHashes(hasher, reader, SIZE);
  const inclusion = (await tiles.proof(inclusionSubtrees(2, SIZE))).map(toBase64);
  const consistency = (await tiles.proof(consistencySubtrees(4, SIZE))).map(toBase64);
  const slice = {
    format: SLICE_FORMAT,
    key: formatKey(key),
    checkpoint: textOf(note),
    first: 2,
    entries: entries.slice(1, 4).map((envelope) => ({ envelope, salt: SALT, payload: '{}' })),
    proof: await sliceProof(tiles, 2, 3, SIZE),
  };
  const target = (
    name: string,
    seeds: readonly Uint8Array[],
    run: Target['run'],
    json = false,
    limit = MOST,
  ): Target => ({ name, door: DOOR, seeds, json, limit, run });
  const said = (taken: boolean): string => (taken ? 'taken' : 'refused');
  const json = (input: Uint8Array): unknown => {
    try {
      return JSON.parse(textOf(input)) as unknown;
    } catch {
      return undefined;
    }
  };
  const hashesOf = (value: unknown): Uint8Array[] =>
    Array.isArray(value) ? value.map((one) => fromBase64(wordOf(one)) ?? new Uint8Array()) : [];
  interface ProofLike {
    readonly at?: unknown;
    readonly size?: unknown;
    readonly root?: unknown;
    readonly proof?: unknown;
  }
  const proofOf = (input: Uint8Array): ProofLike => {
    const value = json(input);
    return typeof value === 'object' && value !== null ? value : {};
  };
  const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

  const proofFile = path.join(mkdtempSync(path.join(tmpdir(), 'sivis-fuzz-')), 'proof');
  const proofText = [
    PROOF_HEADER,
    `extra ${toBase64(utf8(entries[2] ?? ''))}`,
    'index 2',
    ...inclusion,
    '',
    textOf(note),
  ].join('\n');
  const outside = generateKeyPairSync('ed25519');
  const witness = {
    url: 'https://witness.example',
    key: makeKey(sha256, 'witness.example', COSIGNATURE_KEY, rawPublicKey(outside.publicKey)),
  };

  return [
    target('file with a proof', [bytesOf(proofText)], async (input) => {
      writeFileSync(proofFile, input);
      const { verdict } = await verifyPath(proofFile, { key: formatKey(key) });
      return verdict === 'ok' ? 'taken' : verdict;
    }),
    target(
      'answer of a witness',
      [bytesOf({ status: 409, text: '4\n' }), bytesOf({ status: 200, text: '— witness.example AAAA\n' })],
      async (input) => {
        const given = json(input);
        const { status, text } = (typeof given === 'object' && given !== null ? given : {}) as {
          status?: unknown;
          text?: unknown;
        };
        const code = Math.min(599, Math.max(200, Math.trunc(number(status)) || 200));
        const body = [204, 205, 304].includes(code) ? null : wordOf(text);
        const answered = await cosign(
          witness,
          textOf(note),
          0,
          SIZE,
          () => Promise.resolve([]),
          () => Promise.resolve(new Response(body, { status: code })),
        );
        if ('note' in answered) throw new TypeError('a cosignature that nobody made was taken');
        return 'failed' in answered ? `taken ${answered.failed}` : 'taken refused';
      },
      true,
    ),
    target('signed note', [note], async (input) => {
      const parsed = parseNote(textOf(input));
      if (parsed === undefined) return 'refused';
      const seconds = await cosignedAt(ed25519Verify, key, parsed);
      return seconds === undefined ? 'taken' : 'taken cosigned';
    }),
    target('signed checkpoint', [note], async (input) => {
      const opened = await openCheckpoint(ed25519Verify, key, textOf(input));
      return 'problem' in opened ? opened.problem : 'taken';
    }),
    target('checkpoint text', [bytesOf(textOf(note).split('\n\n')[0] + '\n')], (input) =>
      said(parseCheckpoint(textOf(input)) !== undefined),
    ),
    target('verifier key', [bytesOf(formatKey(key))], (input) =>
      said(parseKey(sha256, textOf(input)) !== undefined),
    ),
    target('tile', [log.files.get(tileFile) ?? note], (input) => said(splitTile(input, SIZE) !== undefined)),
    target('bundle', [log.files.get(bundleFile) ?? note], (input) =>
      said(splitBundle(input, SIZE) !== undefined),
    ),
    target(
      'proof of inclusion',
      [bytesOf({ at: 2, size: SIZE, root: toBase64(log.root), proof: inclusion })],
      (input) => {
        const { at, size, root, proof } = proofOf(input);
        const leaf = leaves[2] ?? log.root;
        return said(
          verifyInclusion(
            hasher,
            leaf,
            number(at),
            number(size),
            fromBase64(wordOf(root)) ?? leaf,
            hashesOf(proof),
          ),
        );
      },
      true,
    ),
    target(
      'proof of consistency',
      [bytesOf({ at: 4, size: SIZE, root: toBase64(log.root), proof: consistency })],
      (input) => {
        const { at, size, root, proof } = proofOf(input);
        return said(
          verifyConsistency(
            hasher,
            number(at),
            half.root,
            number(size),
            fromBase64(wordOf(root)) ?? half.root,
            hashesOf(proof),
          ),
        );
      },
      true,
    ),
    target(
      'slice of the log',
      [bytesOf(slice)],
      async (input) => {
        const parsed = sliceSchema.safeParse(json(input));
        if (!parsed.success) return 'malformed';
        const { verdict } = await verifySlice(parsed.data, options);
        return verdict === 'ok' ? 'taken' : verdict;
      },
      true,
    ),
    target(
      'files of the log',
      [
        bytesOf({
          [CHECKPOINT_FILE]: Buffer.from(note).toString('latin1'),
          [bundleFile]: Buffer.from(log.files.get(bundleFile) ?? note).toString('latin1'),
        }),
      ],
      async (input) => {
        const value = json(input);
        const files = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
        const { verdict } = await verifyLog(
          {
            read: async (file) => {
              const text: unknown = files.get(file);
              return typeof text === 'string' ? Buffer.from(text, 'latin1') : log.files.get(file);
            },
          },
          options,
        );
        return verdict === 'ok' ? 'taken' : verdict;
      },
      true,
    ),
  ];
}
