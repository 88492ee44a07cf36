import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';
import { collectionOf, isKind, type Kind } from '@sivis/shared/docs/kinds.ts';
import { idField, instantField, wholeText } from '@sivis/shared/docs/fieldTypes.ts';
import { opSchema, type Op } from '@sivis/shared/docs/op.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import { serviceWho } from '../audit/auditLog.ts';
import type { CommandContext, CommandResult } from '../cli/seam.ts';
import { VERSION } from '../cli/version.ts';
import { loadKeys } from '../identity/keys.ts';
import { openRecoveryFile } from '../identity/recovery.ts';
import type { WriteTx } from '../store/store.ts';
import { contentOf } from '../sync/opContent.ts';
import { holdBack, QUARANTINED, type HeldRow } from '../sync/quarantine.ts';
import { refused as answered } from '../sync/rejection.ts';
import { personsOf } from '../sync/relations.ts';

export const IMPORT_PENDING = 'import pending';

const payloadSchema = z.strictObject({
  version: z.literal(1),
  deviceId: idField,
  exportedAt: instantField,
  rows: z
    .array(
      z.strictObject({
        id: idField,
        kind: wholeText.refine(isKind),
        siteId: idField,
        ops: z.array(opSchema).min(1),
      }),
    )
    .max(100_000),
});

const WORDS = {
  unreadable: 'Datne nav nolasāma vai ir domāta citam servisam. Nekas nav mainīts.',
  'unknown-device': 'Datni nav parakstījusi neviena zināma darbstacija. Nekas nav mainīts.',
} as const;

function refused(context: CommandContext, code: keyof typeof WORDS): CommandResult {
  context.say(WORDS[code]);
  return { exit: 1, value: { error: { code } } };
}

/** What is decided together: the operations of a group, or those of one row. */
function unitsOf(rows: readonly HeldRow[]): HeldRow[][] {
  const units = new Map<string, HeldRow[]>();
  for (const row of rows) {
    for (const op of row.ops) {
      const name = op.group?.id ?? row.id;
      units.set(name, [...(units.get(name) ?? []), { ...row, ops: [op] }]);
    }
  }
  return [...units.values()];
}

/**
 * Takes the edits that a desk could not push (decision 18) out of its file, which is encrypted to the service and signed
 * by the desk. They are not applied: each waits for a supervisor, as one that came too late. What the service has already
 * is left out, so that a file can be taken twice.
 */
export async function importPending(
  context: CommandContext,
  args: Readonly<Record<string, Json>>,
): Promise<CommandResult> {
  const { store, audit, clock } = context;
  let thumbprint: string;
  let payload: z.infer<typeof payloadSchema>;
  try {
    const { recovery } = loadKeys(context.dataDir);
    const opened = openRecoveryFile(recovery, await readFile(z.string().parse(args['file']), 'utf8'));
    payload = payloadSchema.parse(JSON.parse(opened.payload));
    thumbprint = await calculateJwkThumbprint(opened.jwk, 'sha256');
  } catch {
    return refused(context, 'unreadable');
  }
  const nowMs = clock.now();
  const who = serviceWho(nowMs, VERSION);
  const { deviceId } = payload;

  const counts = await store.write(async (tx) => {
    const device = await tx.device(deviceId);
    if (device?.keyThumbprint !== thumbprint) return null;
    let held = 0;
    let known = 0;
    let foreign = 0;
    const fresh: HeldRow[] = [];
    for (const row of payload.rows) {
      const ops: Op[] = [];
      for (const op of row.ops) {
        if ((await tx.op(op.opId)) !== undefined) known += 1;
        else if (op.device !== deviceId || (await tx.user(op.actor)) === undefined) foreign += 1;
        else ops.push(op);
      }
      if (ops.length > 0) fresh.push({ ...row, ops });
    }
    for (const unit of unitsOf(fresh)) {
      await holdUnit(tx, deviceId, nowMs, unit);
      for (const row of unit) for (const op of row.ops) await record(tx, row, op);
      held += unit.reduce((sum, { ops }) => sum + ops.length, 0);
    }
    await audit.recordAudit(tx, who, {
      action: 'import',
      kind: 'quarantine',
      objectId: deviceId,
      personIds: [],
      personal: false,
      result: 'ok',
      detail: { source: 'pending', held, known, foreign },
    });
    return { held, known, foreign };
  });
  if (counts === null) return refused(context, 'unknown-device');
  context.say(
    `Gaida vadītāja lēmumu: ${counts.held}. Jau zināmas: ${counts.known}. Nederīgas: ${counts.foreign}.`,
  );
  return { exit: counts.foreign > 0 ? 4 : 0, value: counts };

  /** Remembered like a refused push: when the desk may push again some day, it gets this answer. */
  async function record(tx: WriteTx, row: HeldRow, op: Op): Promise<void> {
    await tx.putOp({
      opId: op.opId,
      docId: row.id,
      deviceId,
      actorId: op.actor,
      opKind: op.kind,
      content: JSON.stringify(contentOf(op)),
      result: JSON.stringify(answered(op.opId, QUARANTINED)),
    });
    const stored = await tx.doc(row.id);
    const after = Object.fromEntries(
      Object.entries(op.changes).map(([field, { after: value }]) => [field, value]),
    );
    await audit.recordAudit(tx, who, {
      action: 'quarantine',
      kind: row.kind,
      objectId: row.id,
      siteId: stored?.siteId ?? row.siteId,
      personIds: personsOf(row.kind as Kind, row.id, stored?.fields ?? after),
      happenedAt: op.at,
      result: 'rights',
      offline: true,
      changes: Object.entries(op.changes).map(([field, change]) => ({ field, ...change })),
      detail: { op: op.kind, opId: op.opId, author: op.actor, device: deviceId },
    });
  }
}

async function holdUnit(
  tx: WriteTx,
  deviceId: string,
  nowMs: number,
  unit: readonly HeldRow[],
): Promise<void> {
  // A unit that reaches over collections cannot be applied as one; each collection is decided about by itself.
  const collections = new Map<string, HeldRow[]>();
  for (const row of unit) {
    const name = collectionOf(row.kind as Kind);
    collections.set(name, [...(collections.get(name) ?? []), row]);
  }
  for (const rows of collections.values()) {
    const actorId = rows[0]?.ops[0]?.actor ?? '';
    await holdBack(tx, { actorId, deviceId, source: 'file' }, { nowMs, newId }, rows);
  }
}
