import { collectionOf, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { OpWrite } from './unsent.ts';

/** Groups of the documents of one command: those of one collection carry one group, because a push goes by collection. */
export function groupsOf(
  drafts: readonly { readonly kind: Kind }[],
): ReadonlyMap<Collection, NonNullable<Op['group']>> {
  const sizes = new Map<Collection, number>();
  for (const { kind } of drafts) {
    const collection = collectionOf(kind);
    sizes.set(collection, (sizes.get(collection) ?? 0) + 1);
  }
  return new Map(
    [...sizes].filter(([, size]) => size > 1).map(([name, size]) => [name, { id: newId(), size }]),
  );
}

/** A command over several collections, as a whole. */
export interface Intent {
  readonly id: string;
  readonly writes: readonly OpWrite[];
}

export interface CommandDisk {
  /** Writes operations, collection after collection; those that a document has already it leaves out. */
  write(writes: readonly OpWrite[]): Promise<void>;
  /** Keeps an intent durably. */
  keep(intent: Intent): Promise<void>;
  kept(): Promise<readonly Intent[]>;
  forget(id: string): Promise<void>;
}

/**
 * Writes the operations of one command. No transaction spans several collections, so a command that needs one is written
 * down as a whole first, and finished after a crash (`finishCommands`).
 */
export async function writeCommand(disk: CommandDisk, writes: readonly OpWrite[]): Promise<void> {
  const several = new Set(writes.map((entry) => collectionOf(entry.kind))).size > 1;
  if (!several) {
    await disk.write(writes);
    return;
  }
  const id = newId();
  await disk.keep({ id, writes });
  await disk.write(writes);
  await disk.forget(id);
}

/** Finishes commands that a crash interrupted; what the service has answered meanwhile it answers alike. */
export async function finishCommands(disk: CommandDisk): Promise<void> {
  for (const { id, writes } of await disk.kept()) {
    await disk.write(writes);
    await disk.forget(id);
  }
}
