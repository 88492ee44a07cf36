import { z } from 'zod';
import { parseServerAddress } from './server-address.ts';

/** Windows writes a boolean as the number 0 or 1. */
const flag = z.union([z.boolean(), z.literal([0, 1]).transform((n) => n === 1)]);

const serverUrl = z.string().transform((text, context) => {
  const address = parseServerAddress(text);
  if (address.ok) return address.origin;
  context.addIssue({ code: 'custom', message: address.reason });
  return z.NEVER;
});

/**
 * Every policy this program reads, with its default. A key stands here when something obeys it.
 *
 * | key                  | obeyed by                                   |
 * |----------------------|---------------------------------------------|
 * | ServerUrl            | content policy, request guard, the renderer |
 * | LockAfterMinutes     | lock-events.ts, the renderer's idle lock    |
 * | OfflineSignInDays    | the renderer's lease                        |
 * | AllowPrint           | print.ts                                    |
 * | AllowDevTools        | window.ts, menu.ts                          |
 * | HardwareAcceleration | index.ts, before the app is ready           |
 *
 * `lower`: of several values of one level the lowest holds, whichever was read last.
 */
export const POLICIES = {
  ServerUrl: { schema: serverUrl, default: null },
  LockAfterMinutes: { schema: z.number().int().min(1).max(60), default: 5, lower: true },
  // The service's own lease is 72 hours unless it is set; this can only shorten it (decision of 24 h to 14 days).
  OfflineSignInDays: { schema: z.number().int().min(1).max(14), default: 14, lower: true },
  AllowPrint: { schema: z.enum(['allow', 'deny']), default: 'allow' },
  AllowDevTools: { schema: flag, default: false },
  HardwareAcceleration: { schema: flag, default: true },
} as const satisfies Record<string, { schema: z.ZodType; default: unknown; lower?: true }>;

export type PolicyKey = keyof typeof POLICIES;

/**
 * Where a value may come from; the first that has a good one wins. mandatory: set by the administration.
 * development: environment of an unpackaged program. user: the user's own setting. recommended: proposed by
 * the administration.
 */
export const LEVELS = ['mandatory', 'development', 'user', 'recommended'] as const;
export type Level = (typeof LEVELS)[number];

/** One place that was read: a file, the registry, the environment. */
export interface PolicySource {
  readonly level: Level;
  /** A path or a name, for the log and the policy page. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What the user may set; the rest is the administration's and of no effect from there. */
const USER_KEYS: readonly string[] = ['ServerUrl'] satisfies PolicyKey[];

type Value<K extends PolicyKey> = z.output<(typeof POLICIES)[K]['schema']> | (typeof POLICIES)[K]['default'];

/** A value in force and where it comes from. */
export interface Effective<K extends PolicyKey> {
  readonly value: Value<K>;
  readonly level: Level | 'default';
  readonly source: string;
}

export interface PolicyProblem {
  readonly source: string;
  readonly key: string;
  readonly problem: 'unknown-key' | 'bad-value' | 'not-for-this-level';
}

export interface Policies {
  readonly effective: { readonly [K in PolicyKey]: Effective<K> };
  readonly problems: readonly PolicyProblem[];
}

function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(POLICIES, key);
}

function problemOf(source: PolicySource, key: string, value: unknown): PolicyProblem['problem'] | undefined {
  if (!isPolicyKey(key)) return 'unknown-key';
  if (source.level === 'user' && !USER_KEYS.includes(key)) return 'not-for-this-level';
  return POLICIES[key].schema.safeParse(value).success ? undefined : 'bad-value';
}

function effectiveOf<K extends PolicyKey>(key: K, ranked: readonly PolicySource[]): Effective<K> {
  const good = ranked
    .filter(({ values }) => Object.hasOwn(values, key))
    .filter((source) => problemOf(source, key, source.values[key]) === undefined)
    .map((source): Effective<K> => {
      const value = POLICIES[key].schema.parse(source.values[key]) as Value<K>;
      return { value, level: source.level, source: source.name };
    });
  const [first] = good;
  if (first === undefined) return { value: POLICIES[key].default, level: 'default', source: 'default' };
  if (!('lower' in POLICIES[key])) return first;
  const equals = good.filter(({ level }) => level === first.level);
  return equals.reduce((least, one) => (Number(one.value) < Number(least.value) ? one : least));
}

/**
 * Decides which value of each policy is in force. A value of the wrong type or range is as if it were not
 * there: it is named in `problems`, and the next source is asked. Not configured is not `false`.
 * @param sources in the order they were read; of two with one level the later wins, or the lower where the table says so
 */
export function resolvePolicies(sources: readonly PolicySource[]): Policies {
  const ranked = LEVELS.flatMap((level) => sources.filter((s) => s.level === level).reverse());
  const keys = Object.keys(POLICIES) as PolicyKey[];
  const effective = Object.fromEntries(keys.map((key) => [key, effectiveOf(key, ranked)]));
  const problems = sources.flatMap((source) =>
    Object.entries(source.values).flatMap(([key, value]) => {
      const problem = problemOf(source, key, value);
      return problem === undefined ? [] : [{ source: source.name, key, problem }];
    }),
  );
  return { effective: effective as unknown as Policies['effective'], problems };
}
