import type { SentRecord } from '../core/records.ts';
import type { UnsentRecord } from '../core/unsent.ts';
import type { Outbox } from '../db/outbox.ts';
import type { OutboxKind } from '../db/schema.ts';
import type { DeskJournal } from './deskJournal.ts';

/** What of the outbox a person made and nobody else has. */
const OWN_KINDS = ['conflict', 'rejection', 'draft', 'intent'] as const satisfies readonly OutboxKind[];

/** Says that the browser's storage is the one in which this user worked before. */
const MARK = 'store';

/** The records of the outbox that the journal keeps. */
export async function ownRecords(outbox: Outbox): Promise<UnsentRecord[]> {
  const kinds = await Promise.all(
    OWN_KINDS.map(async (kind) =>
      (await outbox.all<object>(kind)).map(({ id, data }) => ({ id, kind, data })),
    ),
  );
  return kinds.flat();
}

/** Operations that the service has answered, as far as this desk remembers. */
export async function answeredOps(outbox: Outbox): Promise<ReadonlySet<string>> {
  const sent = await outbox.all<SentRecord>('sent');
  return new Set(sent.flatMap(({ data }) => data.rows.flatMap((row) => row.ops.map((op) => op.opId))));
}

/**
 * Puts the outbox records of the journal back when the browser's storage is a new one: what is in a known one is later
 * than the journal's.
 * @returns true when the storage had been lost
 */
export async function restoreRecords(outbox: Outbox, journal: DeskJournal): Promise<boolean> {
  if ((await outbox.get(MARK)) !== null) return false;
  const { records } = journal.found;
  const own = records.flatMap(({ id, kind, data }) => {
    const known = OWN_KINDS.find((name) => name === kind);
    return known === undefined ? [] : [{ id, kind: known, data }];
  });
  await outbox.put(own);
  // Last: a crash before it repeats all of this.
  await outbox.put([{ id: MARK, kind: 'mark', data: { made: true } }]);
  return journal.known;
}
