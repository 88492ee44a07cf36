/** A fault put into the product's code on purpose, by replacing a text that stands in its file exactly once. */
export interface Mutant {
  readonly name: string;
  /** What a user would lose by it. */
  readonly harm: string;
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

const PUSH = 'sync-service/src/sync/push.ts';
const PULL = 'sync-service/src/sync/pull.ts';
const DESK_PUSH = 'desktop/src/renderer/data/core/pushHandler.ts';

/** The faults that the simulation has to find (`npm run sim:mutants`). */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the service forgets its answers',
    harm: 'A request that arrives twice is carried out twice, or refused the second time.',
    file: PUSH,
    text: 'parsed.op === undefined ? undefined : await tx.op(parsed.opId);',
    instead: '(parsed.op, undefined as Awaited<ReturnType<typeof tx.op>>);',
  },
  {
    name: 'two stays on one bed',
    harm: 'The second guest is told that the bed is hers.',
    file: 'sync-service/src/store/sql/writeTx.ts',
    text: 'if (taken.length > 0) return taken.map(toNight);',
    instead: 'if (taken.length > 0) return [];',
  },
  {
    name: 'the later value wins',
    harm: 'An edit overwrites what its author never saw.',
    file: 'shared/src/docs/op.ts',
    text: 'if (!jsonEqual(now, change.before)) {',
    instead: 'if (false as boolean) {',
  },
  {
    name: 'half a group is taken',
    harm: 'Of a swap one guest moves and the other stays.',
    file: PUSH,
    text: "group === null ? result.outcome === 'rejected' : result.outcome !== 'accepted',",
    instead: "result.outcome === 'rejected' && group === null,",
  },
  {
    name: 'a page in the middle ends the pull',
    harm: 'Documents after the first page never come.',
    file: PULL,
    text: 'const seq = more ? (rows.at(-1)?.seq ?? after) : head;',
    instead: 'const seq = head;',
  },
  {
    name: 'nobody notes what a desk holds',
    harm: 'Who lost the right keeps the documents.',
    file: PULL,
    text: 'if (result.deliveredIds.length > 0) await tx.markHeld(desk, result.deliveredIds);',
    instead: '',
  },
  {
    name: 'every role sees every field',
    harm: 'Hidden fields are handed out.',
    file: 'sync-service/src/sync/wire.ts',
    text: 'redact(role, doc.kind, doc.fields) as WireFields',
    instead: '(role, redact, doc.fields) as WireFields',
  },
  {
    name: 'an answer is read without an entry',
    harm: 'What a push hands back is missing in the audit log.',
    file: 'sync-service/src/sync/service.ts',
    text: 'await noteMasters(tx, actor, results, deps);',
    instead: '(noteMasters, actor);',
  },
  {
    name: 'a restored service keeps its epoch',
    harm: 'What was answered after the backup is gone for good.',
    file: 'sync-service/src/audit/newOrigin.ts',
    text: "await tx.setMeta('epoch', epoch);",
    instead: '',
  },
  {
    name: 'a desk keeps no sent operations',
    harm: 'After a restored backup nobody has them any more.',
    file: DESK_PUSH,
    text: 'if (taken.length > 0)',
    instead: 'if (taken.length < 0)',
  },
  {
    name: 'a conflict is not filed',
    harm: 'The value that lost a clash disappears.',
    file: DESK_PUSH,
    text: 'if (records.length > 0) await ports.file(records);',
    instead: '',
  },
  {
    name: 'an answer takes everything unsent with it',
    harm: 'What was typed while a push was under way is gone.',
    file: DESK_PUSH,
    text: 'local.ops.filter((op) => !done.has(op.opId))',
    instead: '[]',
  },
  {
    name: 'a repeated answer tells what was hidden',
    harm: 'Who lost the right reads in an old clash what others have written.',
    file: 'sync-service/src/sync/pushAnswer.ts',
    text: '(isTold(clash.field) ? clash : { ...clash, ...UNTOLD })',
    instead: '(isTold, UNTOLD, clash)',
  },
  {
    name: 'an edit is sent again before what makes its document',
    harm: 'After a restore it waits for ever.',
    file: 'desktop/src/renderer/data/core/requeue.ts',
    text: 'return [...ops.filter(makes), ...ops.filter((op) => !makes(op))];',
    instead: 'return [...ops.filter((op) => makes(op) || !makes(op))];',
  },
  {
    name: 'rights given back are no change',
    harm: 'What a desk gave up meanwhile never comes back to it.',
    file: PULL,
    text: '[...siteIds].sort(), changes]',
    instead: '[...siteIds].sort(), changes * 0]',
  },
  {
    name: 'a group is judged in the order of its rows',
    harm: 'A stay that comes before its reservation waits for ever.',
    file: PUSH,
    text: 'inOrderOfReference(membersOf(group, groupId));',
    instead: '(inOrderOfReference, membersOf(group, groupId));',
  },
  {
    name: 'a service without its keys is told nothing again',
    harm: 'What was answered after its backup is gone for good.',
    file: 'desktop/src/renderer/data/core/pullHandler.ts',
    text: "if (page.resync === 'epoch' || isStrange) {",
    instead: "if (page.resync === 'epoch') {",
  },
  {
    name: 'an interrupted command is forgotten',
    harm: 'A booking without its guest: one half of a command was saved.',
    file: 'desktop/src/renderer/data/core/command.ts',
    text: 'await disk.kept()',
    instead: 'await disk.kept().then(() => [])',
  },
  {
    name: 'half of what was held back is applied',
    harm: 'A supervisor accepts a booking and gets a reservation without a stay.',
    file: 'sync-service/src/http/quarantine.ts',
    text: "if (results.some(({ outcome }) => outcome !== 'accepted')) throw new NotApplied(results);",
    instead: '(results, NotApplied);',
  },
];
