import { newId } from '@sivis/shared/ids/ids.ts';
import type { Change, Op } from '@sivis/shared/docs/op.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { PullResponse, PushRowResult, WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import { describe, expect, it } from 'vitest';
import { createArrivals } from './arrivals.ts';
import { rebase, type LocalDoc } from './localDoc.ts';
import { createPullHandler, type PullPorts } from './pullHandler.ts';
import { createPushHandler, type PushPorts } from './pushHandler.ts';
import { giveUp, waitInVain } from './reconcile.ts';
import {
  afterRemoval,
  filedWhole,
  withEarlier,
  type ConflictRecord,
  type OutboxRecord,
  type SentRecord,
} from './records.ts';
import { requeueAll } from './requeue.ts';

const SITE = newId();
const AT = '2026-11-21T10:00:00.000Z';

function op(kind: string, changes: Op['changes'], extra: Partial<Op> = {}): Op {
  return { opId: newId(), kind, at: AT, actor: newId(), device: newId(), changes, ...extra };
}
const name = (before: string | null, after: string): Op =>
  op(before === null ? 'create' : 'edit', { givenName: { before, after } });

function doc(change: Partial<LocalDoc> = {}): LocalDoc {
  return {
    id: newId(),
    kind: 'person',
    siteId: SITE,
    rev: 1,
    deleted: false,
    base: {},
    ops: [],
    attempt: 0,
    ...change,
  };
}
const wire = (id: string, rev: number, fields: WireDoc['fields'] = {}): WireDoc => ({
  id,
  kind: 'person',
  siteId: rev === 0 ? '' : SITE,
  rev,
  deleted: rev === 0,
  fields,
});

function pulling(pages: readonly Partial<PullResponse>[], local: () => readonly LocalDoc[] = () => []) {
  const asked: (string | null)[] = [];
  const parked: string[] = [];
  const questions: number[] = [];
  let turn = 0;
  const ports: PullPorts = {
    fetch: (_, { checkpoint }) => {
      asked.push(checkpoint);
      if (checkpoint === 'gone') return Promise.reject(new SivisError('BAD_CHECKPOINT'));
      const page = pages[turn++] ?? {};
      return Promise.resolve({
        documents: [],
        checkpoint: `c${turn}`,
        more: false,
        removals: 0,
        held: 0,
        resync: 'no',
        serverTime: AT,
        ...page,
      });
    },
    local: (_, ids) => Promise.resolve(local().filter((entry) => ids.includes(entry.id))),
    highWater: () => Promise.resolve(null),
    setHighWater: () => Promise.resolve(),
    consentToRemoval: (_, removals) => {
      questions.push(removals);
      return Promise.resolve();
    },
    resync: () => Promise.resolve(),
    received: () => Promise.resolve(),
    parked: (_, ids) => {
      parked.push(...ids);
    },
  };
  return { ports, asked, parked, questions };
}

function pushing(answer: (row: { id: string; ops: readonly Op[] }) => PushRowResult) {
  const filed: OutboxRecord[] = [];
  const ports: PushPorts = {
    send: (_, rows) => Promise.resolve({ rows: rows.map(answer), serverTime: AT }),
    file: (records) => {
      filed.push(...records);
      return Promise.resolve();
    },
    docsOfGroup: () => Promise.resolve([]),
    filedWhole: () => Promise.resolve(new Set()),
    parked: () => undefined,
    now: () => AT,
  };
  return { ports, filed };
}

const clash = (field: string) => ({
  field,
  base: null,
  mine: 'm',
  theirs: 't',
  theirsBy: '',
  theirsAt: '',
  theirsDevice: '',
  theirsDeviceName: '',
});

describe('pull and push beside one another', () => {
  const mine = doc({ ops: [name('A', 'B')] });
  const answers = (rev: number) =>
    pushing((row) => ({
      id: row.id,
      outcome: 'accepted',
      ops: row.ops.map(({ opId }) => ({ opId, outcome: 'accepted' })),
      master: wire(row.id, rev),
    }));

  it.each([
    [2, 3, 3],
    [4, 3, 4],
    [2, 0, 0],
  ])('keep the newer: answer %i, page %i', async (answered, paged, kept) => {
    const arrivals = createArrivals();
    const { ports } = pulling([{ documents: [wire(mine.id, paged)] }], () => [mine]);
    const push = createPushHandler('people', answers(answered).ports, arrivals);
    await createPullHandler('people', ports, arrivals)(null, 10);
    const [master] = await push.push([mine]);
    expect(master?.rev).toBe(kept);
    expect(push.resolve(mine, { ...mine, ops: [], rev: answered })).toMatchObject({ rev: kept, ops: [] });
  });

  it('hands a document over again that RxDB passed over, and not once it is here', async () => {
    let now = [mine];
    const { ports, parked } = pulling([{ documents: [wire(mine.id, 3)] }], () => now);
    const pull = createPullHandler('people', ports);
    expect((await pull(null, 10)).documents).toMatchObject([{ rev: 3, ops: mine.ops }]);
    expect(parked).toEqual([mine.id]);
    now = [{ ...mine, rev: 2, ops: [] }];
    expect(await pull({ cp: 'c1' }, 10)).toMatchObject({
      documents: [{ rev: 3, ops: [] }],
      checkpoint: { cp: 'c2' },
    });
    now = [{ ...mine, rev: 3, ops: [] }];
    expect((await pull({ cp: 'c2' }, 10)).documents).toEqual([]);
    expect((await pull({ cp: 'c2' }, 10)).documents).toEqual([]);
  });

  it('reads the unanswered operations when everything else is done', async () => {
    let now = [mine];
    const { ports, parked } = pulling([{ documents: [wire(mine.id, 2)] }], () => now);
    const received = async (): Promise<void> => {
      await Promise.resolve();
      now = [{ ...mine, rev: 2, ops: [] }];
    };
    const { documents } = await createPullHandler('people', { ...ports, received })(null, 10);
    expect(documents).toMatchObject([{ rev: 2, ops: [] }]);
    expect(parked).toEqual([]);
  });

  it('begin anew with the revisions of a restored service', async () => {
    const arrivals = createArrivals();
    const { ports } = pulling(
      [{ documents: [wire(mine.id, 9)] }, { resync: 'epoch', documents: [wire(mine.id, 2)] }],
      () => [mine],
    );
    const pull = createPullHandler('people', ports, arrivals);
    await pull(null, 10);
    await pull({ cp: 'c1' }, 10);
    expect(arrivals.newest(doc({ id: mine.id, rev: 3 })).rev).toBe(3);
  });
});

describe('pull', () => {
  it('begins from the start when the service does not know the checkpoint', async () => {
    const id = newId();
    const { ports, asked } = pulling([{ documents: [wire(id, 1)] }]);
    const pushedAgain: string[] = [];
    const resync = (collection: string): Promise<void> => {
      pushedAgain.push(collection);
      return Promise.resolve();
    };
    const pull = createPullHandler('people', { ...ports, resync });
    expect(await pull({ cp: 'gone' }, 10)).toMatchObject({ documents: [{ id }], checkpoint: { cp: 'c1' } });
    expect(asked).toEqual(['gone', null]);
    // It may be another service, restored from a backup without its keys: it is told again what it may lack.
    expect(pushedAgain).toEqual(['people']);
    await pull({ cp: 'c1' }, 10);
    expect(pushedAgain).toEqual(['people']);
  });

  it('asks about a large removal, but not after other rights', async () => {
    const many = { removals: 30, held: 40, documents: [wire(newId(), 0)] };
    const plain = pulling([many]);
    await createPullHandler('people', plain.ports)(null, 10);
    expect(plain.questions).toEqual([30]);
    const rights = pulling([{ ...many, resync: 'rights', more: true }, many, many]);
    const pull = createPullHandler('people', rights.ports);
    await pull(null, 10);
    await pull({ cp: 'c1' }, 10);
    expect(rights.questions).toEqual([]);
    await pull({ cp: 'c2' }, 10);
    expect(rights.questions).toEqual([30]);
  });
});

describe('a removal under unanswered operations', () => {
  const ops = [name('A', 'B')];
  it('keeps the site by which the service judges them', () => {
    const blank = doc({ rev: 0, deleted: true, siteId: '' });
    expect(rebase(blank, doc({ ops }))).toMatchObject({ siteId: SITE, deleted: false, ops });
    const row = { id: blank.id, kind: 'person', siteId: SITE, ops };
    const change = requeueAll([{ type: 'sent', id: newId(), at: AT, collection: 'people', rows: [row] }]).get(
      blank.id,
    );
    expect(change?.(blank)).toMatchObject({ siteId: SITE, deleted: false, ops });
  });
});

describe('a restored service', () => {
  const sent = (...ops: readonly Op[]): SentRecord => ({
    type: 'sent',
    id: newId(),
    at: AT,
    collection: 'people',
    rows: [{ id: 'd', kind: 'person', siteId: SITE, ops }],
  });

  it('gets the operations of a document in the order in which they were made', () => {
    const [one, two, three, open] = [name(null, 'A'), name('A', 'B'), name('B', 'C'), name('C', 'D')];
    const change = requeueAll([sent(one), sent(two), sent(two, three)]).get('d');
    expect(change?.(undefined)?.ops).toEqual([one, two, three]);
    expect(change?.(doc({ ops: [open] }))?.ops).toEqual([one, two, three, open]);
    expect(change?.(doc({ ops: [one, two, three] }))).toBeUndefined();
  });

  it('gets what makes a document first, also from a desk whose clock was set back between two answers', () => {
    const [one, two, open] = [name(null, 'A'), name('A', 'B'), name('B', 'C')];
    expect(requeueAll([sent(two), sent(one)]).get('d')?.(undefined)?.ops).toEqual([one, two]);
    expect(requeueAll([sent(two)]).get('d')?.(doc({ ops: [one, open] }))?.ops).toEqual([one, two, open]);
  });

  const accepting = (): ReturnType<typeof pushing> =>
    pushing((row) => ({
      id: row.id,
      outcome: 'accepted',
      ops: row.ops.map(({ opId }) => ({ opId, outcome: 'accepted' })),
      master: wire(row.id, 2),
    }));

  it('is asked anew about what it had answered when that is not written yet', async () => {
    const arrivals = createArrivals();
    const mine = doc({ ops: [name('A', 'B')] });
    const push = createPushHandler('people', accepting().ports, arrivals);
    const [master] = await push.push([mine]);
    arrivals.forget();
    expect(master === undefined ? null : push.resolve(mine, master).ops).toEqual(mine.ops);
  });

  it('is asked anew when it comes back while an answer is under way', async () => {
    const arrivals = createArrivals();
    const { ports, filed } = accepting();
    const parked: string[] = [];
    const mine = doc({ ops: [name('A', 'B')] });
    const push = createPushHandler(
      'people',
      {
        ...ports,
        send: async (collection, rows) => {
          arrivals.forget();
          return ports.send(collection, rows);
        },
        parked: (_, ids) => void parked.push(...ids),
      },
      arrivals,
    );
    expect(await push.push([mine])).toEqual([]);
    expect(parked).toEqual([mine.id]);
    expect(filed.map(({ type }) => type)).toEqual(['sent']);
  });

  it('is asked once more after a document without operations when it comes back meanwhile', async () => {
    const arrivals = createArrivals();
    const { ports } = accepting();
    const parked: string[] = [];
    const asked: string[][] = [];
    const [silent, mine] = [doc({ id: 'silent' }), doc({ ops: [name('A', 'B')] })];
    const push = createPushHandler(
      'people',
      {
        ...ports,
        send: async (collection, rows) => {
          if (asked.length === 0) arrivals.forget();
          asked.push(rows.map(({ id }) => id));
          return ports.send(collection, rows);
        },
        parked: (_, ids) => void parked.push(...ids),
      },
      arrivals,
    );
    expect((await push.push([silent, mine])).map(({ id }) => id)).toEqual(['silent']);
    expect(asked).toEqual([['silent', mine.id], ['silent']]);
    expect(parked).toEqual([mine.id]);
  });

  it('drops no operation that it tells to wait, whatever it said of it before', async () => {
    const mine = doc({ ops: [name('A', 'B'), name('B', 'C')] });
    const says = ['accepted', 'waits'] as const;
    let turn = 0;
    const { ports } = pushing((row) => {
      const first = says[turn] ?? 'waits';
      turn += 1;
      return {
        id: row.id,
        outcome: 'waits',
        ops: row.ops.map(({ opId }, index) => ({ opId, outcome: index === 0 ? first : 'accepted' })),
        master: wire(row.id, 2),
      };
    });
    const push = createPushHandler('people', ports);
    await push.push([mine]);
    const [master] = await push.push([mine]);
    expect(master === undefined ? null : push.resolve(mine, master).ops).toEqual([mine.ops[0]]);
  });

  it('gets of an edit that clashed the fields that were taken', async () => {
    const edit = op('edit', { note: { before: null, after: 'n' }, dietCode: { before: 'A', after: 'B' } });
    const { ports, filed } = pushing((row) => ({
      id: row.id,
      outcome: 'conflict',
      ops: [{ opId: edit.opId, outcome: 'conflict', clashes: [clash('dietCode')] }],
      master: wire(row.id, 2),
    }));
    const push = createPushHandler('lodging', ports);
    await push.push([doc({ ops: [edit] })]);
    const record = filed.find((entry) => entry.type === 'sent');
    expect(record?.rows[0]?.ops).toEqual([{ ...edit, changes: { note: { before: null, after: 'n' } } }]);
    filed.length = 0;
    await push.push([doc({ ops: [...(record?.rows[0]?.ops ?? [])] })]);
    expect(filed.map((entry) => entry.type)).toEqual(['sent']);
  });
});

describe('a document that RxDB calls unsent and nobody changed', () => {
  it('is asked after: a crash came between its writing and the note of it, and pages were passed over', async () => {
    const asked: (readonly Op[])[] = [];
    const { ports, filed } = pushing((row) => {
      asked.push(row.ops);
      return { id: row.id, outcome: 'accepted', ops: [], master: wire(row.id, 7) };
    });
    const mine = doc({ rev: 3 });
    const push = createPushHandler('people', ports);
    const [master] = await push.push([mine]);
    expect(asked).toEqual([[]]);
    expect(master === undefined ? null : push.resolve(mine, master)).toMatchObject({ rev: 7, ops: [] });
    expect(filed).toEqual([]);
  });
});

describe('a member of a group that is alone on the desk', () => {
  const member = op('stay.swap', { note: { before: 'a', after: 'b' } }, { group: { id: newId(), size: 2 } });
  const told = (attempt: number, onFile: readonly OutboxRecord[] = [], others: readonly LocalDoc[] = []) => {
    const mine = doc({ ops: [member], attempt });
    const { ports, filed } = pushing((row) => ({
      id: row.id,
      outcome: 'waits',
      ops: row.ops.map(({ opId }) => ({ opId, outcome: 'waits' })),
      master: wire(row.id, 2),
    }));
    const push = createPushHandler('lodging', {
      ...ports,
      filedWhole: (opIds) => Promise.resolve(filedWhole(onFile, opIds)),
      docsOfGroup: () => Promise.resolve([mine, ...others]),
    });
    return { mine, push, filed };
  };

  it('is given up with its content when it waits again: the rest was answered and nobody pushes it any more', async () => {
    const { mine, push, filed } = told(1);
    const [master] = await push.push([mine]);
    expect(filed).toMatchObject([{ type: 'rejection', op: member, rejection: { code: 'groupFailed' } }]);
    expect(master === undefined ? null : push.resolve(mine, master).ops).toEqual([]);
  });

  it('is given up without a second record when its clash is on file already', async () => {
    const { mine, push, filed } = told(1, [{ ...conflict('b', member.opId), op: member }]);
    const [master] = await push.push([mine]);
    expect(filed).toEqual([]);
    expect(master === undefined ? null : push.resolve(mine, master).ops).toEqual([]);
  });

  it('waits on its first way, and as long as the rest is here', async () => {
    const other = doc({ ops: [{ ...member, opId: newId() }] });
    for (const { mine, push, filed } of [told(0), told(1, [], [other])]) {
      expect(await push.push([mine])).toEqual([]);
      expect(filed).toEqual([]);
    }
  });
});

const conflict = (mine: string, opId: string): ConflictRecord => ({
  type: 'conflict',
  id: 'd.note',
  docId: 'd',
  kind: 'stay',
  siteId: SITE,
  field: 'note',
  base: 'base',
  mine,
  theirs: 'theirs',
  mineAt: AT,
  theirsBy: '',
  theirsAt: '',
  theirsDevice: '',
  theirsDeviceName: '',
  opId,
});

describe('records', () => {
  it('a command that clashes is kept whole, an edit by field', async () => {
    const command = op('stay.checkOut', {
      state: { before: 'in_house', after: 'departed' },
      departDate: { before: '2026-11-25', after: '2026-11-21' },
    });
    const member = op('edit', { note: { before: 'a', after: 'b' } }, { group: { id: newId(), size: 2 } });
    const edit = op('edit', { note: { before: 'a', after: 'b' } });
    const { ports, filed } = pushing((row) => ({
      id: row.id,
      outcome: 'conflict',
      ops: row.ops.map(({ opId, changes }) => ({
        opId,
        outcome: 'conflict',
        clashes: [clash(Object.keys(changes).at(-1) ?? '')],
      })),
      master: wire(row.id, 4),
    }));
    await createPushHandler('lodging', ports).push([command, member, edit].map((one) => doc({ ops: [one] })));
    const conflicts = filed.filter((entry) => entry.type === 'conflict');
    expect(conflicts.map((entry) => entry.op)).toEqual([command, member, undefined]);
    expect(filed.some((entry) => entry.type === 'sent')).toBe(false);
  });

  it('keep every unsettled value of a field', () => {
    const [one, two] = [conflict('1', 'one'), conflict('2', 'two')];
    const both = withEarlier(one, two);
    expect(both).toMatchObject({ mine: '2', earlier: [{ mine: '1', opId: 'one' }] });
    expect(withEarlier(both, two)).toEqual(both);
    expect(withEarlier(both, one)).toBe(both);
    expect(withEarlier(both, conflict('3', 'three')).earlier?.map(({ mine }) => mine)).toEqual(['1', '2']);
  });

  it('keep of a removed document what is the user’s own', () => {
    const gone = (_: string, id: string): boolean => id === 'd';
    expect(afterRemoval(conflict('1', 'one'), gone)).toMatchObject({ mine: '1', theirs: null });
    const other = { ...conflict('1', 'one'), docId: 'other' };
    expect(afterRemoval(other, gone)).toBe(other);
    const refused = name('A', 'B');
    const rejection = { rule: 'T', code: 'c', params: {}, message: 'm' };
    const record = {
      type: 'rejection' as const,
      id: 'r',
      docId: 'd',
      kind: 'person',
      siteId: SITE,
      op: refused,
    };
    expect(
      afterRemoval({ ...record, view: { givenName: 'B', familyName: 'foreign' }, rejection }, gone)?.view,
    ).toEqual({ givenName: 'B' });
    const rows = ['d', 'e'].map((id) => ({ id, kind: 'person', siteId: SITE, ops: [refused] }));
    const sent: SentRecord = { type: 'sent', id: 's', at: AT, collection: 'people', rows };
    expect(afterRemoval(sent, gone)?.rows.map(({ id }) => id)).toEqual(['e']);
    expect(afterRemoval({ ...sent, rows: rows.slice(0, 1) }, gone)).toBeNull();
  });
});

describe('what waits in vain', () => {
  it('loses only the operations that were filed', () => {
    const [old, late] = [name('A', 'B'), name('B', 'C')];
    const at = (): boolean => true;
    expect(giveUp(doc({ ops: [old, late] }), new Set([old.opId]), at).ops).toEqual([late]);
    expect(giveUp(doc({ ops: [old] }), new Set([old.opId]), at)).toMatchObject({ deleted: false, ops: [] });
    expect(giveUp(doc({ ops: [old] }), new Set([old.opId]), () => false).deleted).toBe(true);
  });

  const inBed = (bedId: string | null): Change['after'] => (bedId === null ? null : [{ bedId }]);
  const moved = (kind: string, from: string | null, to: string): Op =>
    op(kind, { segments: { before: inBed(from), after: inBed(to) } });
  const [known, foreign] = [newId(), newId()];
  const lists =
    (...ids: readonly string[]) =>
    (id: string): boolean =>
      ids.includes(id);

  it('is an operation whose reference nobody lists, though a later one sets another', () => {
    const stay = doc({
      ...{ kind: 'stay', rev: 0, attempt: 1 },
      ops: [moved('create', null, foreign), moved('stay.move', foreign, known)],
    });
    expect(waitInVain([stay], lists(known))).toEqual([stay]);
    expect(waitInVain([stay], lists(known, foreign))).toEqual([]);
    expect(waitInVain([{ ...stay, attempt: 0 }], lists(known))).toEqual([]);
  });

  it('is a change of a document that is there, when it refers to nothing; what it referred to before does not count', () => {
    const stay = doc({ kind: 'stay', attempt: 1, base: { personId: newId(), segments: inBed(known) } });
    const gone = { ...stay, ops: [moved('stay.move', known, foreign)] };
    expect(waitInVain([gone], lists(stay.id, known))).toEqual([gone]);
    const dated = { ...stay, ops: [op('edit', { note: { before: null, after: 'x' } })] };
    expect(waitInVain([dated], lists(stay.id))).toEqual([]);
  });
});
