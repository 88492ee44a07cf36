import { collectionOf, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import { mergeOp } from '@sivis/shared/docs/op.ts';
import type { OpResult, PushRow, WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import type { SyncCalls } from './syncPorts.ts';

/** For tests: as much of the service as the desk's sync talks to. `refuse` says which operations it rejects. */
export function testService(
  refuse: (row: PushRow, op: PushRow['ops'][number]) => string | null = () => null,
) {
  const docs = new Map<string, WireDoc & { seq: number }>();
  const answers = new Map<string, OpResult>();
  const log: string[] = [];
  let seq = 0;
  const serverTime = '2026-11-21T10:00:00.000Z';

  const put = (doc: Omit<WireDoc, 'rev' | 'deleted'> & Partial<WireDoc>): void => {
    const rev = (docs.get(doc.id)?.rev ?? 0) + 1;
    docs.set(doc.id, { rev, deleted: false, ...doc, seq: (seq += 1) });
  };
  const blank = (id: string, kind: string): WireDoc => ({
    id,
    kind,
    siteId: '',
    rev: 0,
    deleted: true,
    fields: {},
  });
  const wire = ({ seq: _seq, ...doc }: WireDoc & { seq: number }): WireDoc => doc;

  function applyOp(row: PushRow, op: PushRow['ops'][number]): OpResult {
    const known = answers.get(op.opId);
    if (known !== undefined) return known;
    const code = refuse(row, op);
    let result: OpResult;
    if (code !== null) {
      result = {
        opId: op.opId,
        outcome: 'rejected',
        rejection: { rule: 'T1', code, params: {}, message: code },
      };
    } else {
      const merged = mergeOp(docs.get(row.id)?.fields ?? {}, op);
      const missing = referencesOf(row.kind as Kind, merged.fields).some(({ id }) => !docs.has(id));
      if (missing) return { opId: op.opId, outcome: 'waits' };
      put({ id: row.id, kind: row.kind, siteId: row.siteId, fields: merged.fields as WireDoc['fields'] });
      const clashes = merged.clashes.map((clash) => ({
        ...clash,
        theirsBy: 'other',
        theirsAt: serverTime,
        theirsDevice: 'other-desk',
        theirsDeviceName: 'Galds 2',
      })) as NonNullable<OpResult['clashes']>;
      result = {
        opId: op.opId,
        outcome: clashes.length > 0 ? 'conflict' : 'accepted',
        ...(clashes.length > 0 ? { clashes } : {}),
      };
    }
    answers.set(op.opId, result);
    return result;
  }

  const calls: SyncCalls = {
    pull(collection, request) {
      log.push(`pull ${collection}`);
      const after = request.checkpoint === null ? 0 : Number(request.checkpoint);
      const all = [...docs.values()].filter((doc) => collectionOf(doc.kind as Kind) === collection);
      const later = all.filter((doc) => doc.seq > after).sort((a, b) => a.seq - b.seq);
      const page = later.slice(0, request.limit);
      const more = later.length > page.length;
      return Promise.resolve({
        documents: page.map(wire),
        checkpoint: String(more ? (page.at(-1)?.seq ?? after) : seq),
        more,
        removals: page.filter((doc) => doc.deleted).length,
        held: all.filter((doc) => !doc.deleted).length,
        resync: 'no',
        serverTime,
      });
    },
    push(collection, rows) {
      log.push(`push ${collection} ${rows.length}`);
      const results = rows.map((row) => {
        const ops = row.ops.map((op) => applyOp(row, op));
        const doc = docs.get(row.id);
        return {
          id: row.id,
          outcome: ops[0]?.outcome ?? 'accepted',
          ops,
          master: doc === undefined ? blank(row.id, row.kind) : wire(doc),
        };
      });
      return Promise.resolve({ rows: results, serverTime });
    },
    ids(collection: Collection) {
      const own = [...docs.values()].filter(
        (doc) => !doc.deleted && collectionOf(doc.kind as Kind) === collection,
      );
      return Promise.resolve(new Set(own.map((doc) => doc.id)));
    },
  };
  return { calls, docs, put, log, blank };
}
