import { randomUUID } from 'node:crypto';
import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { AuditPage, AuditQuery, Tokens } from '@sivis/shared/protocol/messages.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
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
  /** Every live document that this user may hold, by id. */
  everything(): Promise<ReadonlyMap<string, WireDoc>>;
  audit(query: Partial<AuditQuery>): Promise<AuditPage>;
  post(path: string, body: unknown): Promise<unknown>;
}

const PAGE = 1_000;

async function call(url: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const reply = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
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
  const tokens = (await call(serviceUrl, PATHS.login, {
    user: account.user,
    password: account.password,
    device: { id: randomUUID(), name: 'Pārbaude' },
  })) as Tokens;
  const post = (path: string, body: unknown): Promise<unknown> =>
    call(serviceUrl, path, body, tokens.accessToken);
  return {
    userId: tokens.user.id,
    post,
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
