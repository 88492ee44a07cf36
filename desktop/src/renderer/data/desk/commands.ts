import type { Subject } from '@sivis/shared/access/can.ts';
import { jsonEqual, type Fields, type Json } from '@sivis/shared/docs/json.ts';
import { collectionOf } from '@sivis/shared/docs/kinds.ts';
import { applyOp, type Op } from '@sivis/shared/docs/op.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { patchDraft, reverseDraft, type Draft } from '@sivis/shared/lodging/commands.ts';
import { claimsAgainst, type BedClaim } from '@sivis/shared/lodging/rules.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { judge } from '@sivis/shared/rules/judge.ts';
import { violation, type Violation } from '@sivis/shared/rules/violation.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import { formatDate, rigaDate } from '@sivis/shared/time/plainDate.ts';
import { finishCommands, groupsOf, writeCommand, type CommandDisk, type Intent } from '../core/command.ts';
import type { OpWrite } from '../core/unsent.ts';
import type { DocStore } from '../db/docStore.ts';
import type { Outbox } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import { liveValue, type Live } from '../live.ts';
import type { ReadOnly } from '../readOnly.ts';
import { refusedByRights } from './access.ts';
import type { Desk } from './desk.ts';
import { deskWorld, type Planned } from './world.ts';

/** What breaks a rule, and in which draft of the command. */
export interface DraftViolation {
  readonly draft: number;
  readonly violation: Violation;
}

export type CommandResult =
  | { readonly ok: true; readonly opIds: readonly string[]; readonly docIds: readonly string[] }
  | {
      readonly ok: false;
      /** `rules`: see the violations. `stale`: the document changed since; look again. `nothing`: no change is left. */
      readonly reason: 'rules' | 'stale' | 'nothing';
      readonly violations: readonly DraftViolation[];
    };

export interface CommandOptions {
  /** In the user's words, for undo: "Pārvietot uz 214-B". */
  readonly label: string;
  /** True unless said otherwise; a new person, for one, cannot be taken back. */
  readonly undoable?: boolean;
}

export interface UndoState {
  readonly undo: string | null;
  readonly redo: string | null;
}

/** Everything that writes goes through here. */
export interface Commands {
  /** Judges drafts without writing; what screens ask while somebody drags or types. */
  check(drafts: readonly Draft[]): readonly DraftViolation[];
  /**
   * Judges the drafts as one command and writes them: rights, rules and bed claims first; when `ok` comes back, all is
   * on disk. Drafts of one collection form a group that the service takes wholly or not at all.
   */
  execute(drafts: readonly Draft[], options: CommandOptions): Promise<CommandResult>;
  readonly undoState: Live<UndoState>;
  /** Takes the last own act of the last ten minutes back, by a compensating one. */
  undo(): Promise<{ result: CommandResult; label: string } | null>;
  redo(): Promise<{ result: CommandResult; label: string } | null>;
  /** Finishes commands over several collections that a crash interrupted. */
  finishInterrupted(): Promise<void>;
  /** Drops entries of undo that are too old. */
  tick(): void;
}

export interface CommandPorts {
  readonly desk: Desk;
  readonly store: DocStore;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly subject: Subject;
  readonly deviceId: string;
  /** Why nothing may be changed now; `null` as a rule. */
  readonly readOnly: () => ReadOnly | null;
}

type PlannedDraft = Draft & { readonly undoes?: string };

interface Done {
  readonly label: string;
  readonly atMs: number;
  readonly writes: readonly OpWrite[];
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export function createCommands(ports: CommandPorts): Commands {
  const { desk, store, outbox, clock, subject, deviceId } = ports;
  const stacks: { undo: readonly Done[]; redo: readonly Done[] } = { undo: [], redo: [] };
  const undoState = liveValue<UndoState>({ undo: null, redo: null });
  /** One command at a time: each is judged on what the one before it wrote. */
  let queue: Promise<unknown> = Promise.resolve();

  const fieldsOf = (draft: Pick<Draft, 'kind' | 'id'>): Fields | undefined =>
    desk.get(draft.kind, draft.id)?.fields as Fields | undefined;

  function afterOf(draft: Draft, before: Fields | undefined): Fields {
    return applyOp(before ?? {}, { changes: draft.changes } as unknown as Op);
  }

  const changesAnything = (draft: Draft): boolean =>
    Object.keys(draft.changes).length > 0 || draft.op === 'create';

  function isStale(draft: Draft): boolean {
    const before = fieldsOf(draft);
    if ((before === undefined) !== (draft.op === 'create')) return true;
    return Object.entries(draft.changes).some(([name, change]) => !jsonEqual(before?.[name], change.before));
  }

  function check(drafts: readonly PlannedDraft[]): DraftViolation[] {
    const readOnly = ports.readOnly();
    if (readOnly !== null)
      return drafts.map((_, draft) => ({ draft, violation: violation('desk', readOnly) }));
    const planned = planOf(drafts);
    const world = deskWorld(desk, rigaDate(clock.now()), planned);
    const found: DraftViolation[] = [];
    for (const [index, draft] of drafts.entries()) {
      const before = fieldsOf(draft);
      const after = planned[index]?.fields ?? {};
      const refused = refusedByRights(
        subject,
        desk,
        { ...draft, fields: before ?? after },
        {
          creating: draft.op === 'create',
          fields: Object.keys(draft.changes),
          override: draft.override ?? [],
          reason: draft.reason ?? '',
        },
      );
      const add = (entry: Violation): void => {
        found.push({ draft: index, violation: entry });
      };
      if (refused !== undefined) {
        add(refused);
        continue;
      }
      const op = {
        kind: draft.op,
        ...(draft.override === undefined ? {} : { override: [...draft.override] }),
        ...(draft.undoes === undefined ? {} : { undoes: draft.undoes }),
      };
      const deed = {
        kind: draft.kind,
        id: draft.id,
        op,
        before,
        after,
        touched: new Set(Object.keys(draft.changes)),
      };
      judge(deed, world).forEach(add);
      if (draft.kind === 'stay') newClaims(draft, before, after, world).forEach(add);
    }
    return found;
  }

  /** Beds that somebody else holds: only claims that this draft makes new (old ones are somebody's task already). */
  function newClaims(
    draft: Draft,
    before: Fields | undefined,
    after: Fields,
    world: ReturnType<typeof deskWorld>,
  ): Violation[] {
    if (!('segments' in draft.changes) && !('state' in draft.changes)) return [];
    const key = (claim: BedClaim): string => `${claim.bedId}/${claim.holder.id}`;
    const stayOf = (fields: Fields): Stay | null =>
      Array.isArray(fields['segments']) ? (fields as unknown as Stay) : null;
    const was = before === undefined ? null : stayOf(before);
    const now = stayOf(after);
    if (now === null) return [];
    const known = new Set(
      was === null ? [] : claimsAgainst(draft.id, was, deskWorld(desk, world.today)).map(key),
    );
    return claimsAgainst(draft.id, now, world)
      .filter((claim) => !known.has(key(claim)))
      .map((claim) => {
        const params = { bed: bedLabel(claim.bedId), from: formatDate(claim.from), to: formatDate(claim.to) };
        return claim.holderKind === 'stay'
          ? violation('I1', 'bedTaken', params)
          : violation('I1', 'bedBlocked', { ...params, reason: textOf(claim.holder.fields['reason']) });
      });
  }

  function bedLabel(bedId: string): string {
    const bed = desk.get('bed', bedId);
    const room = bed === undefined ? undefined : desk.get('room', bed.fields.roomId);
    return `${room?.fields.number ?? '?'} ${bed?.fields.label ?? '?'}`;
  }

  /** The documents after the drafts, one after the other: two drafts may touch one document. */
  function planOf(drafts: readonly Draft[]): Planned[] {
    const latest = new Map<string, Fields>();
    return drafts.map((draft) => {
      const fields = afterOf(draft, latest.get(draft.id) ?? fieldsOf(draft));
      latest.set(draft.id, fields);
      return { id: draft.id, kind: draft.kind, fields };
    });
  }

  /** Operations of the drafts. */
  function opsOf(drafts: readonly PlannedDraft[]): OpWrite[] {
    const at = toInstant(clock.now());
    const groups = groupsOf(drafts);
    return drafts.map((draft) => {
      const group = groups.get(collectionOf(draft.kind));
      const op: Op = {
        opId: newId(),
        kind: draft.op,
        at,
        actor: subject.userId,
        device: deviceId,
        changes: draft.changes,
        ...(draft.reason === undefined ? {} : { reason: draft.reason }),
        ...(draft.override === undefined || draft.override.length === 0
          ? {}
          : { override: [...draft.override] }),
        ...(group === undefined ? {} : { group }),
        ...(draft.undoes === undefined ? {} : { undoes: draft.undoes }),
      };
      return { id: draft.id, kind: draft.kind, siteId: draft.siteId, op };
    });
  }

  const disk: CommandDisk = {
    write: (writes) => store.write(writes),
    keep: ({ id, writes }) => outbox.put([{ id, kind: 'intent', data: { writes } }]),
    kept: async () =>
      (await outbox.all<Pick<Intent, 'writes'>>('intent')).map(({ id, data }) => ({
        id,
        writes: data.writes,
      })),
    forget: (id) => outbox.remove([id]),
  };

  async function run(
    drafts: readonly PlannedDraft[],
  ): Promise<{ result: CommandResult; writes: readonly OpWrite[] }> {
    const real = drafts.filter(changesAnything);
    const fail = (reason: 'rules' | 'stale' | 'nothing', violations: readonly DraftViolation[] = []) => ({
      result: { ok: false, reason, violations } as const,
      writes: [],
    });
    if (real.length === 0) return fail('nothing');
    const first = real.filter((draft, index) => real.findIndex((other) => other.id === draft.id) === index);
    if (first.some(isStale)) return fail('stale');
    const violations = check(real);
    if (violations.length > 0) return fail('rules', violations);
    const writes = opsOf(real);
    await writeCommand(disk, writes);
    return {
      result: {
        ok: true,
        opIds: writes.map((entry) => entry.op.opId),
        docIds: writes.map((entry) => entry.id),
      },
      writes,
    };
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  function fresh(entries: readonly Done[]): Done[] {
    const oldest = clock.now() - DESK_LIMITS.undoMs;
    return entries.filter((entry) => entry.atMs >= oldest);
  }

  function publish(): void {
    stacks.undo = fresh(stacks.undo);
    stacks.redo = fresh(stacks.redo);
    const next = { undo: stacks.undo.at(-1)?.label ?? null, redo: stacks.redo.at(-1)?.label ?? null };
    const now = undoState.get();
    if (next.undo !== now.undo || next.redo !== now.redo) undoState.set(next);
  }

  /** The drafts that take writes back, last first; `null` when one of them cannot be taken back. */
  function reverse(writes: readonly OpWrite[]): PlannedDraft[] | null {
    const drafts: PlannedDraft[] = [];
    for (const { id, kind, siteId, op } of [...writes].reverse()) {
      if (op.kind !== 'create') {
        const name = op.kind === 'edit' ? 'edit' : 'undo';
        drafts.push({ ...reverseDraft({ kind, id, siteId }, op.changes, name), undoes: op.opId });
        continue;
      }
      const fields = fieldsOf({ kind, id });
      if (fields === undefined) return null;
      const ended: Readonly<Record<string, Record<string, Json>>> = {
        stay: { state: 'cancelled' },
        reservation: { state: 'cancelled' },
        block: { state: 'released' },
        task: { state: 'dismissed' },
      };
      const patch = ended[kind];
      if (patch === undefined) return null;
      drafts.push({ ...patchDraft(kind, { id, siteId, fields }, 'undo', patch), undoes: op.opId });
    }
    return drafts;
  }

  async function takeBack(from: 'undo' | 'redo'): Promise<{ result: CommandResult; label: string } | null> {
    publish();
    const entry = stacks[from].at(-1);
    const drafts = entry === undefined ? null : reverse(entry.writes);
    if (entry === undefined || drafts === null) return null;
    const { result, writes } = await run(drafts);
    // What cannot be taken back now will not be later either: somebody else went on from it.
    if (ports.readOnly() === null) stacks[from] = stacks[from].filter((other) => other !== entry);
    const to = from === 'undo' ? 'redo' : 'undo';
    if (result.ok) stacks[to] = [...stacks[to], { label: entry.label, atMs: clock.now(), writes }];
    publish();
    return { result, label: entry.label };
  }

  return {
    check: (drafts) => check(drafts.filter(changesAnything)),
    execute: (drafts, options) =>
      inTurn(async () => {
        const { result, writes } = await run(drafts);
        if (result.ok) {
          stacks.redo = [];
          if (options.undoable !== false && reverse(writes) !== null) {
            stacks.undo = [...stacks.undo, { label: options.label, atMs: clock.now(), writes }];
          }
          publish();
        }
        return result;
      }),
    undoState,
    undo: () => inTurn(() => takeBack('undo')),
    redo: () => inTurn(() => takeBack('redo')),
    finishInterrupted: () => finishCommands(disk),
    tick: publish,
  };
}
