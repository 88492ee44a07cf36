import { createECDH, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { createAuditLog } from '../../sync-service/src/audit/auditLog.ts';
import { importPending } from '../../sync-service/src/exchange/pendingImport.ts';
import { loadKeys } from '../../sync-service/src/identity/keys.ts';
import { createOidc } from '../../sync-service/src/identity/oidc.ts';
import { plainCode } from '../../sync-service/src/identity/oneTimeCode.ts';
import { recoveryPublicKey } from '../../sync-service/src/identity/recovery.ts';
import { beginTotp, checkTotp, confirmTotp, readTotp } from '../../sync-service/src/identity/totp.ts';
import { openHouse } from '../../sync-service/src/sync/testKit.ts';
import { sealTo } from '../../desktop/src/renderer/data/keys/sealTo.ts';
import { bytesOf, jsonText, textOf, wordOf, type Target } from '../lib/target.ts';
import { AT, ID } from './requests.ts';

const NOW = Date.parse(AT);
const MOST = 1_048_576;
const FORMAT = 'sivis-pending/1';
const coded = (value: unknown): string => Buffer.from(jsonText(value)).toString('base64url');

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function parsed(input: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(textOf(input)));
  } catch {
    return {};
  }
}

/** Codes that people type: of the phone, for recovery, for enrolment. */
function codeTargets(): Target[] {
  const key = Buffer.alloc(32, 5);
  const user = { id: ID, user: 'anna' };
  const begun = beginTotp(key, user, readTotp(undefined));
  const phone = new TOTP({ secret: Secret.fromBase32(begun.secret), digits: 6, period: 30 });
  const active = confirmTotp(key, ID, begun.state, phone.generate({ timestamp: NOW - 60_000 }), NOW - 60_000);
  if (active === undefined) throw new TypeError('the first code was not taken');
  const code = phone.generate({ timestamp: NOW });
  const [recovery = ''] = begun.recoveryCodes;
  return [
    {
      name: 'code of the second factor',
      door: 'a person, the sign-in',
      seeds: [code, `${code.slice(0, 3)} ${code.slice(3)}`, recovery, recovery.toLowerCase()].map(bytesOf),
      json: false,
      limit: 80,
      run(input) {
        const typed = textOf(input);
        const taken = checkTotp(key, ID, active, typed, NOW);
        confirmTotp(key, ID, begun.state, typed, NOW);
        if (taken === undefined) return 'refused';
        const known = begun.recoveryCodes.map(plainCode);
        if (taken.by === 'recovery' && !known.includes(plainCode(typed)))
          throw new TypeError('a code that nobody was given was taken');
        return `taken ${taken.by}`;
      },
    },
  ];
}

/** The file of unsent edits: as it is, or sealed and signed anew so that changes reach what is inside. */
async function pendingTargets(): Promise<Target[]> {
  const house = await openHouse();
  const actor = house.desk('reception').actor;
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-fuzz-'));
  const keys = loadKeys(folder);
  const publicKey = recoveryPublicKey(keys.recovery);
  const { privateKey, publicKey: own } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = own.export({ format: 'jwk' });
  const jwk = { kty, crv, x, y };
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  const file = path.join(folder, 'unsent.sivis');
  await house.store.write(async (tx) => {
    await tx.putUser({
      id: actor.subject.userId,
      user: 'anna',
      name: 'Anna',
      role: 'reception',
      siteIds: [house.siteId],
      passwordHash: '',
      disabled: false,
      createdAt: AT,
      lastSignInAt: null,
    });
    await tx.putDevice({
      id: actor.deviceId,
      name: 'Reģistratūra 1',
      createdAt: AT,
      lastSeenAt: null,
      lastUserId: null,
      appVersion: '',
      revoked: true,
      keyThumbprint: thumbprint,
    });
  });
  const { id, kind, siteId, ops } = house
    .desk('reception')
    .create('person', { familyName: 'Liepa', givenName: 'Ilze' });
  const payload = {
    version: 1,
    deviceId: actor.deviceId,
    exportedAt: AT,
    rows: [{ id, kind, siteId, ops: ops.map((op) => ({ ...op, device: actor.deviceId })) }],
  };
  const signed = (text: string): string =>
    JSON.stringify({
      payload: text,
      jwk,
      signature: sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
        'base64',
      ),
    });
  const context = {
    store: house.store,
    audit: createAuditLog(Buffer.alloc(32, 2)),
    clock: { now: () => NOW },
    dataDir: folder,
    accessChanged: () => undefined,
    say: () => undefined,
  };
  return [
    {
      name: 'file of unsent edits',
      door: 'a file, the command line',
      seeds: [
        bytesOf({ payload }),
        bytesOf({ signed: JSON.parse(signed(JSON.stringify(payload))) as unknown }),
        bytesOf(await sealTo(publicKey, FORMAT, signed(JSON.stringify(payload)))),
        bytesOf({
          format: FORMAT,
          key: createECDH('secp384r1').generateKeys('base64'),
          iv: '',
          body: '',
        }),
      ],
      json: true,
      limit: MOST,
      async run(input) {
        const open = parsed(input);
        let text = textOf(input);
        if ('payload' in open) text = await sealTo(publicKey, FORMAT, signed(jsonText(open['payload'])));
        else if ('signed' in open) text = await sealTo(publicKey, FORMAT, jsonText(open['signed']));
        writeFileSync(file, text);
        const { exit, value } = await importPending(context, { file });
        return exit === 1 ? String(objectOf(objectOf(value)['error'])['code']) : 'taken';
      },
    },
  ];
}

/**
 * What an identity provider, or somebody in its place, answers: its description, and an identity token whose parts stand
 * open, so that changes reach what is behind base64 and signature. Times of claims are seconds from now.
 */
function oidcTargets(): Target[] {
  const issuer = 'https://id.example';
  const settings = {
    issuer,
    clientId: 'sivis',
    clientSecret: 'secret',
    label: 'Konts',
    groupClaim: 'groups',
    roles: ['sivis-reception=reception@DUB', 'sivis-it=it'],
    acr: '',
  };
  const way = {
    state: 'state-1',
    nonce: 'nonce-1',
    verifier: 'v'.repeat(43),
    redirect: 'https://sivis.example/api/auth/oidc/callback',
  };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const description = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  const json = (value: unknown): Response =>
    new Response(jsonText(value), { headers: { 'content-type': 'application/json' } });

  /** Runs with a network in which only the provider is. */
  async function online<T>(answer: (url: string) => Response, work: () => Promise<T>): Promise<T> {
    const real = globalThis.fetch;
    globalThis.fetch = async (url) => answer(url instanceof Request ? url.url : String(url));
    try {
      return await work();
    } finally {
      globalThis.fetch = real;
    }
  }
  const provider = (reply: unknown) => (url: string) => {
    if (url.endsWith('/token')) return json(reply);
    return json(url.endsWith('/jwks') ? jwks : description);
  };

  const idToken = ({ header, claims, signature }: Readonly<Record<string, unknown>>): string => {
    const now = Math.floor(Date.now() / 1_000);
    const timed = Object.fromEntries(
      Object.entries(objectOf(claims)).map(([name, value]) => [
        name,
        typeof value === 'number' ? now + value : value,
      ]),
    );
    const text = `${coded(header)}.${coded(timed)}`;
    const own = signature === undefined;
    return `${text}.${own ? sign('sha256', Buffer.from(text), privateKey).toString('base64url') : wordOf(signature)}`;
  };
  const header = { alg: 'RS256', kid: 'k1', typ: 'JWT' };
  const claims = {
    iss: issuer,
    sub: 'person-1',
    aud: 'sivis',
    iat: 0,
    exp: 600,
    auth_time: -10,
    nonce: way.nonce,
    name: 'Anna Liepa',
    preferred_username: 'anna@id.example',
    groups: ['sivis-it', 'other'],
  };
  const reply = { access_token: 'a', token_type: 'Bearer', expires_in: 60 };
  const query = `code=abc&state=${way.state}`;
  const known = createOidc(settings);
  return [
    {
      name: 'answer of the identity provider',
      door: 'the redirect and the provider',
      seeds: [
        { query, reply, token: { header, claims } },
        { query: 'error=access_denied&state=state-1', reply, token: { header, claims } },
        { query, reply, token: { header: { alg: 'none' }, claims, signature: '' } },
        { query, reply, token: { header: { alg: 'HS256' }, claims, signature: 'c2ln' } },
        { query, reply, token: { header, claims, signature: 'c2ln' } },
      ].map(bytesOf),
      json: true,
      limit: MOST,
      async run(input) {
        const open = parsed(input);
        const token = objectOf(open['token']);
        const tokens = { ...objectOf(open['reply']), id_token: idToken(token) };
        const person = await online(provider(tokens), () =>
          // Whatever it is refused with is “the sign-in failed” to the service.
          known.finish(way, wordOf(open['query'])).catch(() => null),
        );
        if (person === null) return 'refused';
        if (token['signature'] !== undefined) throw new TypeError('a token that nobody signed was taken');
        const rights = known.rightsOf(person.groups);
        return rights === undefined ? 'taken without rights' : 'taken';
      },
    },
    {
      name: 'description of the identity provider',
      door: 'the provider',
      seeds: [bytesOf(description)],
      json: true,
      limit: MOST,
      async run(input) {
        const begun = await online(
          () => new Response(Buffer.from(input), { headers: { 'content-type': 'application/json' } }),
          () =>
            createOidc(settings)
              .begin(way.redirect)
              .catch(() => null),
        );
        return begun === null ? 'refused' : 'taken';
      },
    },
    {
      name: 'rights by groups',
      door: 'the settings',
      seeds: [bytesOf('sivis-reception=reception@DUB+SLO'), bytesOf('a=b=it')],
      json: false,
      limit: MOST,
      run(input) {
        const line = textOf(input);
        try {
          createOidc({ ...settings, roles: [line] }).rightsOf([line]);
          return 'taken';
        } catch (error) {
          // It becomes the words of a ConfigError at the start.
          if (error instanceof Error && error.message.startsWith('oidc_roles')) return 'refused';
          throw error;
        }
      },
    },
  ];
}

/** What says who somebody is: codes, the provider's answers, and the signed file of a desk that may not sign in. */
export async function identityTargets(): Promise<Target[]> {
  return [...codeTargets(), ...(await pendingTargets()), ...oidcTargets()];
}
