import { randomUUID } from 'node:crypto';
import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { AuditPage, AuditQuery } from '@sivis/shared/protocol/messages/audit.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { type DeskKey, newDeskKey, proven } from '../../../sync-service/test/deskKey.ts';
import type { Account } from './service.ts';

/** A document as the service sends it. */
export interface WireDoc {
  readonly id: string;
  readonly kind: string;
  readonly siteId: string;
  readonly rev: number;
  readonly deleted: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the service answers to a user who asks it without the product: a desk with an empty store. */
export interface ServiceClient {
  readonly userId: string;
  readonly deviceId: string;
  /** Every live document that this user may hold, by id. */
  everything(): Promise<ReadonlyMap<string, WireDoc>>;
  audit(query: Partial<AuditQuery>): Promise<AuditPage>;
  post(path: string, body: unknown): Promise<unknown>;
  /** The desk's signature of a text. */
  signed: DeskKey['signed'];
  get(path: string): Promise<unknown>;
}

const PAGE = 1_000;

async function call(
  url: string,
  path: string,
  body: unknown,
  key: DeskKey,
  token?: string,
): Promise<unknown> {
  const method = body === undefined ? 'GET' : 'POST';
  const { ok, status, text } = await proven(
    key,
    { method, url: `${url}${path}`, token },
    async (proof) => {
      const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...proof };
      const reply = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const { ok, status } = reply;
      return { ok, status, text: await reply.text(), nonce: reply.headers.get('dpop-nonce') };
    },
    ({ status, text, nonce }) => ({ status, nonce, body: JSON.parse(text) as unknown }),
  );
  if (!ok) throw new Error(`${path}: ${status} ${text}`);
  return JSON.parse(text) as unknown;
}

interface PullReply {
  readonly documents: readonly WireDoc[];
  readonly checkpoint: string;
  readonly more: boolean;
}

async function pullAll(
  ask: (path: string, body: unknown) => Promise<unknown>,
  collection: Collection,
): Promise<WireDoc[]> {
  const all: WireDoc[] = [];
  let checkpoint: string | null = null;
  for (;;) {
    const page = (await ask(pullPath(collection), { checkpoint, limit: PAGE })) as PullReply;
    all.push(...page.documents);
    checkpoint = page.checkpoint;
    if (!page.more) return all;
  }
}

/** Signs in at the service as a workstation that nobody has used yet. */
export async function clientOf(serviceUrl: string, account: Account): Promise<ServiceClient> {
  const key = newDeskKey();
  const { user, password } = account;
  const deviceId = randomUUID();
  const login = { user, password, device: { id: deviceId, name: 'Pārbaude' } };
  const tokens = (await call(serviceUrl, PATHS.login, login, key)) as Tokens;
  const post = (path: string, body: unknown): Promise<unknown> =>
    call(serviceUrl, path, body, key, tokens.accessToken);
  return {
    userId: tokens.user.id,
    deviceId,
    post,
    signed: key.signed,
    get: (path) => post(path, undefined),
    async everything() {
      const docs = new Map<string, WireDoc>();
      for (const collection of COLLECTIONS) {
        for (const doc of await pullAll(post, collection)) {
          if (doc.deleted) docs.delete(doc.id);
          else docs.set(doc.id, doc);
        }
      }
      return docs;
    },
    audit: async (query) => (await post(PATHS.auditQuery, { limit: 200, ...query })) as AuditPage,
  };
}
