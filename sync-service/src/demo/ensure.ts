import { randomUUID } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rigaDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import { DEMO_META } from '../cli/seam.ts';
import { hashPassword, randomPassword } from '../identity/passwords.ts';
import type { ReadTx, Store, WriteTx } from '../store/store.ts';
import { generateCentre, type Centre, type DemoUser } from './centre.ts';
import type { CentreSizeName } from './sizes.ts';

export interface DemoAccount {
  readonly role: string;
  readonly user: string;
  readonly password: string;
  readonly name: string;
}

export interface DemoOptions {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly size?: CentreSizeName;
}

export const DEMO_ACCOUNTS_FILE = 'demo-accounts.json';

/** Raised when the generator makes other documents; a centre of another version is left as it is. */
const GENERATOR_VERSION = '1';
const SEED = 20_261_121;

/** What the store remembers of its invented centre. */
const META = {
  /** The day around which it was made. */
  day: 'demo-day',
  /** The head sequence right after it was written: any other head means that somebody has worked in it. */
  head: 'demo-head',
  version: 'demo-version',
  /** How often it was written; the revision of all its documents. */
  round: 'demo-round',
  size: 'demo-size',
} as const;

interface DemoState {
  readonly isDemo: boolean;
  readonly isEmpty: boolean;
  readonly needsRebuild: boolean;
  readonly round: number;
  readonly size: CentreSizeName;
}

async function stateOf(tx: ReadTx, today: PlainDate): Promise<DemoState> {
  const isDemo = (await tx.meta(DEMO_META)) === '1';
  const head = await tx.headSeq();
  const untouched =
    (await tx.meta(META.head)) === String(head) && (await tx.meta(META.version)) === GENERATOR_VERSION;
  return {
    isDemo,
    isEmpty: !isDemo && head === 0 && (await tx.users()).length === 0,
    needsRebuild: isDemo && untouched && (await tx.meta(META.day)) !== today,
    round: Number((await tx.meta(META.round)) ?? '0'),
    size: (await tx.meta(META.size)) === 'small' ? 'small' : 'full',
  };
}

/** True when the invented centre is of another day and nobody has worked in it (decision 21). */
export async function demoNeedsRebuild(store: Store, today: PlainDate): Promise<boolean> {
  return (await store.read((tx) => stateOf(tx, today))).needsRebuild;
}

/** Writes the whole centre in one transaction: it is there with everything or not at all. */
async function writeCentre(
  tx: WriteTx,
  centre: Centre,
  today: PlainDate,
  round: number,
  size: CentreSizeName,
): Promise<void> {
  if (round > 1) {
    // All nights move by days: first every holder lets go, or neighbours would stand in each other's way.
    for (const { holderId } of centre.nights) await tx.releaseNights(holderId);
  }
  for (const doc of centre.docs) await tx.putDoc({ ...doc, rev: round });
  for (const { holderId, nights } of centre.nights) {
    const taken = await tx.holdNights(holderId, nights);
    if (taken.length > 0) throw new Error('the invented centre holds a bed twice');
  }
  await tx.setMeta(DEMO_META, '1');
  await tx.setMeta(META.day, today);
  await tx.setMeta(META.version, GENERATOR_VERSION);
  await tx.setMeta(META.round, String(round));
  await tx.setMeta(META.size, size);
  await tx.setMeta(META.head, String(await tx.headSeq()));
}

async function readAccounts(file: string): Promise<DemoAccount[] | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DemoAccount[];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function saveAccounts(file: string, accounts: readonly DemoAccount[]): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

const accountOf = ({ role, user, name }: DemoUser): DemoAccount => ({
  role,
  user,
  name,
  password: randomPassword(),
});

/** Gives the users their passwords. The file stands before the users can sign in, so that no password is lost. */
async function writeUsers(
  store: Store,
  users: readonly DemoUser[],
  accounts: readonly DemoAccount[],
  hashes: readonly string[],
  file: string,
  nowMs: number,
): Promise<void> {
  await saveAccounts(file, accounts);
  await store.write(async (tx) => {
    for (const [index, user] of users.entries()) {
      await tx.putUser({
        ...user,
        passwordHash: hashes[index] ?? '',
        disabled: false,
        createdAt: toInstant(nowMs),
        lastSignInAt: null,
      });
    }
  });
}

/**
 * The demonstration centre of a data folder: made when the store is empty, rolled forward to today while nobody has
 * worked in it, otherwise left alone. Gives its accounts; passwords are random per data folder and stand in
 * `DATA/demo-accounts.json`, which its owner alone may read. A store with other data in it is not touched: no accounts.
 */
export async function ensureDemo(store: Store, options: DemoOptions): Promise<{ accounts: DemoAccount[] }> {
  const nowMs = options.clock.now();
  const today = rigaDate(nowMs);
  const file = path.join(options.dataDir, DEMO_ACCOUNTS_FILE);
  const state = await store.read((tx) => stateOf(tx, today));
  if (!state.isDemo && !state.isEmpty) return { accounts: [] };
  const known = state.isDemo ? await readAccounts(file) : undefined;
  const size = state.isDemo ? state.size : (options.size ?? 'full');
  if (known !== undefined && !state.needsRebuild) return { accounts: known };

  const centre = generateCentre(SEED, today, size);
  const accounts = known ?? centre.users.map(accountOf);
  // The hashes take other threads while the documents are written.
  const hashing =
    known === undefined ? Promise.all(accounts.map(({ password }) => hashPassword(password))) : undefined;
  if (state.isEmpty || state.needsRebuild) {
    await store.write((tx) => writeCentre(tx, centre, today, state.round + 1, size));
  }
  if (hashing !== undefined) await writeUsers(store, centre.users, accounts, await hashing, file, nowMs);
  return { accounts };
}
