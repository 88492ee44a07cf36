/** A desk without a browser: it signs in, pushes, pulls and listens as the protocol says. */
import type { Account } from '../../desktop/e2e/support/service.ts';
import type { DeskKey } from '../../sync-service/test/deskKey.ts';
import { clientOf } from '../../desktop/e2e/support/serviceClient.ts';
import { newId } from '../../shared/src/ids/ids.ts';
import type { Op } from '../../shared/src/docs/op.ts';
import type { Collection } from '../../shared/src/docs/kinds.ts';
import type { PullResponse, PushResponse, PushRow } from '../../shared/src/protocol/messages/sync.ts';
import { LIVE_SUBPROTOCOL } from '../../shared/src/protocol/messages/live.ts';
import { PATHS, pullPath, pushPath } from '../../shared/src/protocol/paths.ts';

export interface BenchDesk {
  readonly userId: string;
  readonly deviceId: string;
  signed: DeskKey['signed'];
  post(path: string, body: unknown): Promise<unknown>;
  push(collection: Collection, rows: readonly PushRow[]): Promise<PushResponse>;
  pull(collection: Collection, checkpoint: string | null): Promise<PullResponse>;
  op(kind: string, changes: Op['changes']): Op;
  /** Opens the live socket; `changed` gets every notice of changes. Resolves when the service said hello. */
  listen(changed: (collections: readonly string[]) => void): Promise<() => void>;
}

export async function signIn(url: string, account: Account): Promise<BenchDesk> {
  const { userId, deviceId, post, signed } = await clientOf(url, account);
  return {
    userId,
    signed,
    deviceId,
    post,
    push: async (collection, rows) => (await post(pushPath(collection), { rows })) as PushResponse,
    pull: async (collection, checkpoint) =>
      (await post(pullPath(collection), { checkpoint, limit: 1_000 })) as PullResponse,
    op: (kind, changes) => ({
      opId: newId(),
      kind,
      at: new Date().toISOString(),
      actor: userId,
      device: deviceId,
      changes,
    }),
    async listen(changed) {
      const { ticket } = (await post(PATHS.ticket, {})) as { ticket: string };
      const socket = new WebSocket(`${url.replace('http', 'ws')}${PATHS.live}`, [
        LIVE_SUBPROTOCOL,
        `ticket.${ticket}`,
      ]);
      await new Promise<void>((resolve, reject) => {
        socket.onmessage = () => resolve();
        socket.onerror = () => reject(new Error('no live socket'));
      });
      socket.onmessage = ({ data }) => {
        const notice = JSON.parse(data as string) as { type: string; collections?: string[] };
        if (notice.type === 'changed') changed(notice.collections ?? []);
      };
      return () => socket.close();
    },
  };
}
