import { z } from 'zod';
import type { ChannelName } from './channels.ts';

/** Most that a key slot holds, and the longest password; anything longer is not what it says it is. */
export const CONTRACT_LIMITS = {
  keyBytes: 65_536,
  passwordChars: 1_024,
  urlChars: 2_048,
  /** Of one record or snapshot of the journal; its reader takes as much (journal/record.ts). */
  journalBytes: 33_554_432,
  journalRecords: 1_000,
  outsideChars: 8_192,
} as const;

/**
 * What a derivation may cost. Least: ASVS 5.0 11.4.4 (19 MiB, two passes with one lane; 46 MiB, one pass).
 * Most: a page must not be able to take the computer's memory.
 */
const kdfCost = z.strictObject({
  memoryKiB: z.number().int().min(19_456).max(1_048_576),
  iterations: z.number().int().min(1).max(16),
  parallelism: z.number().int().min(1).max(8),
});
export type KdfCost = z.infer<typeof kdfCost>;

function bytes(least: number, most: number): z.ZodType<Uint8Array<ArrayBuffer>> {
  return z.custom<Uint8Array<ArrayBuffer>>(
    (v) => v instanceof Uint8Array && v.byteLength >= least && v.byteLength <= most,
    'bytes of another length expected',
  );
}

function state<const S extends string>(name: S) {
  return z.strictObject({ state: z.literal(name) });
}

const nothing = z.undefined();
/** Also a file name: no dot, no slash, no case that a file system could fold. */
const slot = z.strictObject({ slot: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/) });
/** Name of a user on this desk: a salted hash and a number; also the name of a folder. */
const place = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);
const journalBytes = bytes(1, CONTRACT_LIMITS.journalBytes);
const kept = z.union([state('written'), state('refused')]);
const page = z.strictObject({ landscape: z.boolean() });

const unreadableReason = z.enum([
  /** The store that encrypted it is not the one in use now. */
  'backend-changed',
  /** The operating system's key store does not answer, perhaps only for now. */
  'no-secure-storage',
  /** It answers, and cannot decrypt this. */
  'decrypt-failed',
  /** The file is not what was written. */
  'damaged',
]);
export type UnreadableReason = z.infer<typeof unreadableReason>;

const refusal = z.enum([
  'no-secure-storage',
  /** Something is in the slot that cannot be read now; it is never written over. */
  'unreadable-exists',
  'failed',
]);

const unreadable = z.strictObject({ state: z.literal('unreadable'), reason: unreadableReason });
const refused = z.strictObject({ state: z.literal('refused'), reason: refusal });

/**
 * Everything the renderer may ask of main: arguments and result of each channel. Main validates by it, the
 * bridge and the host are typed by it.
 */
export const CONTRACT = {
  info: {
    args: nothing,
    result: z.strictObject({
      version: z.string(),
      platform: z.string(),
      /** Origin of the sync service; null as long as nobody has given one. */
      serverUrl: z.string().nullable(),
      /** Set by the administration: the user does not change it. */
      serverUrlManaged: z.boolean(),
      lockAfterMinutes: z.number().int(),
      /** Longest work without the service; its own lease may be shorter. */
      offlineSignInDays: z.number().int(),
      printing: z.enum(['allow', 'deny']),
    }),
  },
  setServerUrl: {
    args: z.strictObject({ url: z.string().max(CONTRACT_LIMITS.urlChars) }),
    result: z.union([
      /** The window is loaded anew, because its content policy names the server. */
      state('saved'),
      z.strictObject({
        state: z.literal('refused'),
        reason: z.enum(['managed', 'not-an-address', 'not-secure', 'declined', 'failed']),
      }),
    ]),
  },
  deviceSecret: {
    args: nothing,
    result: z.union([z.strictObject({ state: z.literal('ok'), value: bytes(32, 32) }), unreadable, refused]),
  },
  keyRead: {
    args: slot,
    result: z.union([
      state('absent'),
      unreadable,
      z.strictObject({ state: z.literal('ok'), value: bytes(0, CONTRACT_LIMITS.keyBytes) }),
    ]),
  },
  keyWrite: {
    args: slot.extend({ value: bytes(1, CONTRACT_LIMITS.keyBytes) }),
    result: z.union([state('written'), refused]),
  },
  keySetAside: { args: slot, result: z.union([state('moved'), state('absent')]) },
  keyDestroy: { args: slot, result: state('gone') },
  keyDestroyAll: { args: nothing, result: state('gone') },
  deriveKey: {
    args: z.strictObject({
      password: z.string().min(1).max(CONTRACT_LIMITS.passwordChars),
      salt: bytes(16, 64),
      cost: kdfCost,
    }),
    result: z.union([
      z.strictObject({ state: z.literal('ok'), key: bytes(32, 32) }),
      /** This runtime has no Argon2: the renderer's worker does it. */
      state('unavailable'),
    ]),
  },
  journalAppend: {
    args: z.strictObject({
      place,
      records: z.array(journalBytes).min(1).max(CONTRACT_LIMITS.journalRecords),
    }),
    /** `written`: on the disk, a loss of power does not take it back. */
    result: kept,
  },
  journalRead: {
    args: z.strictObject({ place }),
    result: z.strictObject({
      /** The newest first. */
      snapshots: z.array(z.strictObject({ from: z.number().int(), state: journalBytes })),
      /** In the order they were written. */
      records: z.array(z.strictObject({ segment: z.number().int(), record: journalBytes })),
      /** Bytes that are no whole record; 0 when nothing is damaged or torn. */
      lost: z.number().int(),
    }),
  },
  journalTurn: { args: z.strictObject({ place }), result: z.strictObject({ from: z.number().int() }) },
  journalSnapshot: {
    args: z.strictObject({ place, from: z.number().int().min(1), state: journalBytes }),
    result: kept,
  },
  /** `null`: of everybody on this desk. */
  journalErase: { args: z.strictObject({ place: place.nullable() }), result: state('gone') },
  /** `null` where the system does not tell. */
  diskFree: { args: nothing, result: z.strictObject({ bytes: z.number().nullable() }) },
  outsideListen: {
    args: nothing,
    result: z.union([z.strictObject({ state: z.literal('ok'), redirect: z.string() }), state('failed')]),
  },
  outsideOpen: {
    args: z.strictObject({ url: z.string().max(CONTRACT_LIMITS.outsideChars) }),
    result: z.union([
      z.strictObject({ state: z.literal('ok'), query: z.string().max(CONTRACT_LIMITS.outsideChars) }),
      /** It is no sign-in that comes back here, or the person did not want it. */
      state('refused'),
      state('timeout'),
    ]),
  },
  print: {
    args: page,
    result: z.union([state('printed'), state('cancelled'), state('denied'), state('failed')]),
  },
  printToPdf: {
    args: page,
    result: z.union([
      z.strictObject({ state: z.literal('ok'), pdf: bytes(1, Number.MAX_SAFE_INTEGER) }),
      state('denied'),
      state('failed'),
    ]),
  },
} as const satisfies Record<ChannelName, { args: z.ZodType; result: z.ZodType }>;

export type Args<N extends ChannelName> = z.infer<(typeof CONTRACT)[N]['args']>;
export type Result<N extends ChannelName> = z.infer<(typeof CONTRACT)[N]['result']>;
