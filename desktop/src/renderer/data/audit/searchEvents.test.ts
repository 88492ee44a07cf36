import { describe, expect, it } from 'vitest';
import { DESK_LIMITS } from '../limits.ts';
import { testTimers } from '../net/testTimers.ts';
import type { DeskAct } from './deskEvents.ts';
import { createSearchEvents } from './searchEvents.ts';

function setUp() {
  const acts: DeskAct[] = [];
  const time = testTimers();
  const searches = createSearchEvents(
    {
      record: (act) => {
        acts.push(act);
        return Promise.resolve();
      },
    },
    time.timers,
  );
  const type = (text: string, personIds: readonly string[] = [], screen = 'search'): void => {
    searches.typed({ screen, text, total: personIds.length, personIds });
  };
  return { acts, time, searches, type };
}
const SETTLED = DESK_LIMITS.searchSettledMs;

describe('entries of searches', () => {
  it('is one entry when typing settles, with the words and whom they showed', async () => {
    const { acts, time, type } = setUp();
    for (const text of ['be', 'ber', 'berz']) {
      type(text, ['p1']);
      await time.pass(SETTLED - 1);
    }
    expect(acts).toEqual([]);
    await time.pass(1);
    expect(acts).toEqual([
      { action: 'search', screen: 'search', filter: 'berz', count: 1, personIds: ['p1'] },
    ]);
  });

  it('is written at once for who takes somebody before it settled, and not again', async () => {
    const { acts, time, searches, type } = setUp();
    type('berz', ['p1']);
    await searches.settle();
    await time.pass(SETTLED);
    expect(acts).toHaveLength(1);
    await searches.settle();
    expect(acts).toHaveLength(1);
  });

  it('names who arrived while the answer stood on the screen, and does not wait longer for it', async () => {
    const { acts, time, type } = setUp();
    type('berz', ['p1']);
    await time.pass(SETTLED - 1);
    type('berz', ['p1', 'p2']);
    await time.pass(1);
    expect(acts[0]?.personIds).toEqual(['p1', 'p2']);
    type('berz', ['p2', 'p1']);
    await time.pass(SETTLED);
    expect(acts).toHaveLength(1);
    type('berz', ['p1', 'p2', 'p3']);
    await time.pass(SETTLED);
    expect(acts[1]?.personIds).toEqual(['p1', 'p2', 'p3']);
  });

  it('forgets words that were taken away before they settled', async () => {
    const { acts, time, searches, type } = setUp();
    type('b', ['p1']);
    searches.dropped('clients');
    searches.dropped('search');
    await time.pass(SETTLED);
    expect(acts).toEqual([]);
  });

  it('keeps the search of one screen when somebody goes on with another', async () => {
    const { acts, time, type } = setUp();
    type('berz', ['p1'], 'clients');
    type('kaln', ['p2'], 'search');
    await time.pass(SETTLED);
    expect(acts.map(({ screen, filter }) => [screen, filter])).toEqual([
      ['clients', 'berz'],
      ['search', 'kaln'],
    ]);
  });
});
