import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { parse as parseToml } from 'smol-toml';
import { SERVICE_LIMITS } from '../limits.ts';

/** A mistake in the settings: the program ends with exit code 2 and says which key. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

type Value = string | number | boolean | readonly string[];
type Source = 'flag' | 'environment' | 'file' | 'default';

interface Setting<T extends Value> {
  readonly default: T;
  readonly help: string;
  /** Never shown: it carries a password. */
  readonly secret?: true;
  read(raw: unknown): T | undefined;
}

const text = (value: string, help: string): Setting<string> => ({
  default: value,
  help,
  read: (raw) => (typeof raw === 'string' ? raw : undefined),
});
const whole = (value: number, low: number, high: number, help: string): Setting<number> => ({
  default: value,
  help,
  read: (raw) => {
    const number = typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : raw;
    return typeof number === 'number' && Number.isInteger(number) && number >= low && number <= high
      ? number
      : undefined;
  },
});
const flag = (value: boolean, help: string): Setting<boolean> => ({
  default: value,
  help,
  read: (raw) =>
    typeof raw === 'boolean'
      ? raw
      : raw === 'true' || raw === '1'
        ? true
        : raw === 'false' || raw === '0'
          ? false
          : undefined,
});
const choice = <const T extends string>(
  value: NoInfer<T>,
  values: readonly T[],
  help: string,
): Setting<T> => ({
  default: value,
  help,
  read: (raw) => values.find((one) => one === raw),
});
const texts = (help: string): Setting<readonly string[]> => ({
  default: [],
  help,
  read: (raw) => {
    const list =
      typeof raw === 'string'
        ? raw
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : raw;
    return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : undefined;
  },
});

const secret = (help: string): Setting<string> => ({ ...text('', help), secret: true });

/** Every setting of the service, once. */
export const SETTINGS = {
  port: whole(4310, 0, 65_535, 'Port; 0 takes a free one.'),
  host: text('127.0.0.1', 'Address to listen on.'),
  static: text('', 'Folder of the built workstation; empty serves none.'),
  demo: flag(false, 'Keep a demonstration centre in an own, marked store.'),
  open_enrolment: choice(
    'demo',
    ['demo', 'never'],
    'demo: in a demonstration an unknown workstation is enrolled by its first sign-in; never: only by a code.',
  ),
  totp: choice(
    'standard',
    ['standard', 'off', 'privileged', 'all'],
    'Who must have a second factor; standard: IT, duty managers and auditors, in a demonstration nobody.',
  ),
  oidc_issuer: text('', 'Issuer of the identity provider (OpenID Connect); empty for none.'),
  oidc_client_id: text('', 'Client id at the identity provider.'),
  oidc_client_secret: secret(
    'Client secret at the identity provider; better by SIVIS_OIDC_CLIENT_SECRET_FILE.',
  ),
  oidc_label: text('Iestādes konts', 'What the sign-in at the identity provider is called.'),
  oidc_group_claim: text('groups', 'Claim that names the groups of a user.'),
  oidc_roles: texts('Groups and their roles: group=role or group=role@SITE+SITE (codes of sites).'),
  oidc_acr: text('', 'Authentication context (acr) that the provider must assert.'),
  public_url: text('', 'Origin by which workstations call the service when a proxy stands before it.'),
  tls_cert: text('', 'Certificate with its chain, PEM: the service speaks TLS itself. Read anew on SIGHUP.'),
  tls_key: text('', 'Private key of the certificate, PEM, readable by the service only.'),
  metrics_port: whole(0, 0, 65_535, 'Port of /metrics for Prometheus; 0 has none.'),
  metrics_host: text('127.0.0.1', 'Address of /metrics; this computer only.'),
  log_level: text('info', 'trace, debug, info, warn, error or fatal.'),
  trusted_proxies: texts('Addresses of proxies whose X-Forwarded-For is believed.'),
  database_url: secret(
    'PostgreSQL: postgresql://LOMA:PAROLE@SERVERIS/DATUBĀZE; tukšs lieto SQLite datu mapē.',
  ),
  database_owner_url: secret(
    'Tā pati datubāze ar tabulu īpašnieka lomu; vajadzīga tikai migrate un restore.',
  ),
  sign_ins_per_minute: whole(
    SERVICE_LIMITS.addressAttempts,
    1,
    100_000,
    'Sign-ins from one address in a minute.',
  ),
  offline_hours: whole(
    SERVICE_LIMITS.offlineMs / 3_600_000,
    24,
    336,
    'Hours that a workstation works without the service; the policy of a computer may shorten it.',
  ),
  audit_origin: text('', 'Name of the audit log, sivis.AGENCY/audit/ENVIRONMENT.'),
  audit_signer: text('', 'Socket of a signer that runs under an account of its own; empty starts one.'),
  audit_witness_url: text('', 'Outside witness of the audit log (C2SP tlog-witness); empty has none.'),
  audit_witness_key: text('', 'Verifier key of the outside witness.'),
  audit_retention_months: whole(18, 1, 240, 'Months that audit entries are kept.'),
  audit_retention_basis: text(
    'MK 25.06.2025. noteikumi Nr. 397; Fizisko personu datu apstrādes likuma 37. panta otrā daļa',
    'Legal basis of that time, as it stands in the entry that removes.',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Config = {
  -readonly [K in SettingName]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

export interface LoadedConfig {
  readonly values: Config;
  readonly sources: Readonly<Record<SettingName, string>>;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];

/** Variables that begin with SIVIS_ and are not settings of the service: the data folder, and the workstation's. */
const OTHER_VARIABLES = new Set(['SIVIS_DATA', 'SIVIS_SERVICE_URL', 'SIVIS_DESK']);

function unknownKey(key: string, where: string, known: readonly string[]): ConfigError {
  const near = closest(key, [...known]);
  const hint = distance(key, near) <= Math.max(2, key.length / 2) ? ` Vai domājāt “${near}”?` : '';
  return new ConfigError(`${where}: nav tāda iestatījuma “${key}”.${hint}`);
}

const variableOf = (name: SettingName): string => `SIVIS_${name.toUpperCase()}`;

function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Map<SettingName, [unknown, string]> {
  const found = new Map<SettingName, [unknown, string]>();
  // The name by which hosts hand out databases.
  if (env['DATABASE_URL'] !== undefined) found.set('database_url', [env['DATABASE_URL'], 'DATABASE_URL']);
  const known = NAMES.flatMap((name) => [variableOf(name), `${variableOf(name)}_FILE`]);
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('SIVIS_') || OTHER_VARIABLES.has(variable) || value === undefined) continue;
    if (!known.includes(variable)) throw unknownKey(variable, 'Vides mainīgais', known);
    const name = NAMES.find((one) => variable === variableOf(one) || variable === `${variableOf(one)}_FILE`);
    if (name === undefined) continue;
    if (!variable.endsWith('_FILE')) found.set(name, [value, variable]);
    else if (env[variableOf(name)] === undefined) {
      try {
        found.set(name, [readFileSync(value, 'utf8').trim(), variable]);
      } catch {
        throw new ConfigError(`${variable}: datni neizdevās nolasīt.`);
      }
    }
  }
  return found;
}

function fromFile(dataDir: string): Map<SettingName, [unknown, string]> {
  const file = path.join(dataDir, 'server.toml');
  return existsSync(file)
    ? settingsIn(readFileSync(file, 'utf8'), file)
    : new Map<SettingName, [unknown, string]>();
}

/** The settings of a TOML text. Throws ConfigError when it is none, or names a setting that there is not. */
export function settingsIn(text: string, file: string): Map<SettingName, [unknown, string]> {
  const found = new Map<SettingName, [unknown, string]>();
  let table: Record<string, unknown>;
  try {
    table = parseToml(text);
  } catch {
    throw new ConfigError(`${file}: TOML nav nolasāms.`);
  }
  for (const [key, value] of Object.entries(table)) {
    if (!Object.hasOwn(SETTINGS, key)) throw unknownKey(key, file, NAMES);
    found.set(key as SettingName, [value, file]);
  }
  return found;
}

/** The value of a setting. Throws ConfigError for one of the wrong kind. */
export function readSetting(name: SettingName, raw: unknown, source: string): Value {
  const setting: Setting<Value> = SETTINGS[name];
  const value = setting.read(raw);
  if (value === undefined) throw new ConfigError(`${source}: nederīga vērtība. ${setting.help}`);
  return value;
}

/**
 * The settings: flags before environment (`SIVIS_PORT`, `SIVIS_PORT_FILE`) before `DATA/server.toml` before defaults.
 * Throws ConfigError for an unknown key (naming the nearest one) and for a value of the wrong kind.
 */
export function loadConfig(
  dataDir: string,
  flags: Readonly<Partial<Record<SettingName, unknown>>>,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const layers: [Source, Map<SettingName, [unknown, string]>][] = [
    [
      'flag',
      new Map(
        NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, [flags[name], `--${name}`]]),
      ),
    ],
    ['environment', fromEnvironment(env)],
    ['file', fromFile(dataDir)],
  ];
  const values: Partial<Record<SettingName, Value>> = {};
  const sources: Partial<Record<SettingName, string>> = {};
  for (const name of NAMES) {
    const layer = layers.map(([, map]) => map.get(name)).find((entry) => entry !== undefined);
    const setting: Setting<Value> = SETTINGS[name];
    if (layer === undefined) {
      values[name] = setting.default;
      sources[name] = 'default';
      continue;
    }
    values[name] = readSetting(name, layer[0], layer[1]);
    sources[name] = layer[1];
  }
  return { values: values as Config, sources: sources as Record<SettingName, string> };
}

/** A setting as it may be shown. */
export function shown(name: SettingName, value: Value): Value {
  const setting: Setting<Value> = SETTINGS[name];
  return setting.secret === true && value !== '' ? '***' : value;
}

/** True for an address that only this computer reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
