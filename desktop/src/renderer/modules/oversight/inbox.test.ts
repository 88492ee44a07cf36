import { describe, expect, it } from 'vitest';
import type { ConflictRecord, RejectionRecord } from '../../data/core/records.ts';
import { createDesk } from '../../data/desk/desk.ts';
import { testStore } from '../../data/desk/testStore.ts';
import { conflictOptions, restOfCommand } from './conflictOptions.ts';
import { NO_NAMES } from './names.ts';
import { inboxItems, nextItem } from './inboxItems.ts';
import { causeOf, refusalWords, ruleNumber } from './refusal.ts';
import { repairDraft, repairFields } from './repair.ts';

const SITE = '01900000-0000-7000-8000-000000000001';
const PERSON = '01900000-0000-7000-8000-000000000002';

const conflict: ConflictRecord = {
  type: 'conflict',
  id: 'c1',
  docId: PERSON,
  kind: 'person',
  siteId: SITE,
  field: 'familyName',
  base: 'Ozola',
  mine: 'Ozola-Kalna',
  theirs: 'Kalna',
  mineAt: '2026-11-21T08:00:00.000Z',
  theirsBy: 'u',
  theirsAt: '2026-11-21T07:00:00.000Z',
  theirsDevice: 'd',
  theirsDeviceName: 'Galds 2',
  opId: 'o1',
};
const rejection: RejectionRecord = {
  type: 'rejection',
  id: 'r1',
  docId: PERSON,
  kind: 'person',
  siteId: SITE,
  op: {
    opId: 'o2',
    kind: 'edit',
    at: '2026-11-21T07:30:00.000Z',
    actor: 'u',
    device: 'd',
    changes: {
      birthDate: { before: '1985-07-14', after: '2031-01-01' },
      alerts: { before: null, after: ['walker'] },
    },
  },
  view: { familyName: 'Ozola', givenName: 'Anna', birthDate: '2031-01-01' },
  rejection: { rule: 'C3.2', code: 'birthDateFuture', params: {}, message: '' },
};

describe('a refusal in words', () => {
  it('calls fields as the screens do and shows only rules that have a number', () => {
    const refused = {
      ...rejection,
      rejection: { ...rejection.rejection, code: 'schema', params: { field: 'birthDate' } },
    };
    expect(refusalWords(refused)).toBe('Lauks „Dzimšanas datums” nav pareizi aizpildīts.');
    expect(ruleNumber('I15')).toBe('I15');
    expect(ruleNumber('C3.2')).toBe('C3.2');
    expect(ruleNumber('group')).toBeNull();
  });

  it('finds the part of the action that was refused by itself', () => {
    const group = { id: PERSON, size: 2 };
    const own = { ...rejection, op: { ...rejection.op, group } };
    const dragged = { ...own, id: 'r2', rejection: { ...own.rejection, rule: 'group', code: 'groupFailed' } };
    expect(causeOf(dragged, [dragged, rejection, own])).toBe(own);
    expect(causeOf(own, [dragged, own])).toBeUndefined();
  });
});

describe('the inbox', () => {
  it('lists conflicts and refusals together, what waits longest first', () => {
    const items = inboxItems([conflict], [rejection]);
    expect(items.map((item) => item.id)).toEqual(['r1', 'c1']);
  });

  it('goes round at the end and begins at the first', () => {
    const items = inboxItems([conflict], [rejection]);
    expect(nextItem(items, null)?.id).toBe('r1');
    expect(nextItem(items, 'r1')?.id).toBe('c1');
    expect(nextItem(items, 'c1')?.id).toBe('r1');
    expect(nextItem([], 'c1')).toBeNull();
  });
});

describe('mending a refused change', () => {
  it('offers texts for writing and keeps lists as they are', () => {
    expect(repairFields(rejection)).toEqual([
      { field: 'birthDate', value: '2031-01-01', editable: true },
      { field: 'alerts', value: ['walker'], editable: false },
    ]);
  });

  it('is a new edit against what the desk holds now', () => {
    const fields = { familyName: 'Ozola', givenName: 'Anna', birthDate: '1985-07-15' };
    const desk = createDesk(testStore([{ id: PERSON, kind: 'person', siteId: SITE, fields }]), (run) =>
      run(),
    );
    expect(repairDraft(desk, rejection, { birthDate: '1985-07-16' })).toMatchObject({
      op: 'edit',
      changes: {
        birthDate: { before: '1985-07-15', after: '1985-07-16' },
        alerts: { before: null, after: ['walker'] },
      },
    });
  });

  it('makes a refused new record again under its own id', () => {
    const desk = createDesk(testStore([]), (run) => run());
    const created = { ...rejection, op: { ...rejection.op, kind: 'create' } };
    expect(repairDraft(desk, created, { birthDate: '1985-07-16' })).toMatchObject({
      id: PERSON,
      op: 'create',
      changes: {
        givenName: { before: null, after: 'Anna' },
        birthDate: { before: null, after: '1985-07-16' },
      },
    });
  });

  it('knows no kind that this version does not have', () => {
    const desk = createDesk(testStore([]), (run) => run());
    expect(repairDraft(desk, { ...rejection, kind: 'plan' }, {})).toBeNull();
  });
});

describe('what a clash offers', () => {
  it('offers both values, and own values of before that nobody settled, each once', () => {
    const at = '2026-11-21T07:00:00.000Z';
    const earlier = ['Ozola-Kalna', 'Ozoliņa', 'Ozoliņa', 'Kalna', 'Ozols'].map((mine, index) => ({
      mine,
      mineAt: at,
      opId: `e${index}`,
    }));
    const options = conflictOptions({ ...conflict, earlier }, NO_NAMES);
    expect(options.map(({ key, value }) => [key, value])).toEqual([
      ['1', 'Ozola-Kalna'],
      ['2', 'Kalna'],
      [null, 'Ozols'],
      [null, 'Ozoliņa'],
    ]);
    expect(options[2]?.choice).toEqual({ take: 'other', value: 'Ozols' });
  });

  it('says that a value was taken away', () => {
    const [, theirs] = conflictOptions({ ...conflict, theirs: null }, NO_NAMES);
    expect(theirs?.value).toBe('vērtība noņemta');
  });

  it('shows what else belongs to a command, and offers it whole', () => {
    const op = {
      ...rejection.op,
      kind: 'stay.checkOut',
      changes: {
        departDate: { before: '2026-11-28', after: '2026-11-21' },
        state: { before: 'in_house', after: 'departed' },
      },
    };
    const clash: ConflictRecord = {
      ...conflict,
      kind: 'stay',
      field: 'departDate',
      op,
      earlier: [{ mine: '2026-11-22', mineAt: '', opId: 'e', op }],
    };
    expect(restOfCommand(clash, NO_NAMES)).toHaveLength(1);
    expect(conflictOptions(clash, NO_NAMES)).toHaveLength(2);
    expect(restOfCommand(conflict, NO_NAMES)).toEqual([]);
  });
});
